"""Every page of the admin as an operator finds it: by the links on other pages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from pitboss.core.demo import Login

_LINK = re.compile(r'href="(/admin/?[^"#]*)')


def signed_in(app: Flask, login: Login) -> FlaskClient:
    """Return a client in which an operator is signed in."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    form = {"tenant": login.tenant, "email": login.email, "password": login.password}
    answer = client.post("/admin/sign-in", data=form)
    assert answer.status_code == 303, answer.text
    return client


def pages_of(app: Flask, client: FlaskClient, first: Sequence[str] = ()) -> dict[str, str]:
    """Follow links from the first page on; return one address of each page that there is, by endpoint."""
    addresses = app.url_map.bind("localhost")
    pages: dict[str, str] = {}
    seen: set[str] = set()
    waiting = deque(["/admin/", *first])
    while waiting:
        path = waiting.popleft()
        endpoint = _endpoint_of(addresses, path)
        if endpoint is None or endpoint in seen:
            continue
        seen.add(endpoint)
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            pages[endpoint] = path
            waiting.extend(unescape(link) for link in _LINK.findall(answer.text))
    return pages


def _endpoint_of(addresses: MapAdapter, path: str) -> str | None:
    try:
        return str(addresses.match(urlsplit(path).path, method="GET")[0])
    except HTTPException:
        return None
