"""Versions of what is edited: nobody overwrites a change that they have not seen."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import request
from werkzeug.exceptions import PreconditionRequired

from pitboss.core.errors import Stale
from pitboss.core.http.current import visit
from pitboss.core.http.json import encode

ETAG_BYTES = 12


def etag_of(value: Any) -> str:
    """Return the version of a plain value."""
    return hashlib.sha256(encode(value)).hexdigest()[: 2 * ETAG_BYTES]


def send_etag(value: Any) -> None:
    """Tell the caller the version of what is answered."""
    visit().headers.append(("ETag", f'"{etag_of(value)}"'))


def is_known(value: Any) -> bool:
    """Tell the caller the version, and return whether they have it already: then answer 304."""
    send_etag(value)
    return request.if_none_match.contains_weak(etag_of(value))


def check_match(value: Any) -> None:
    """Refuse a change unless If-Match names the present version."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("read it first, and send its ETag as If-Match")
    if not request.if_match.contains(etag_of(value)) and not request.if_match.star_tag:
        raise Stale("someone changed this since you read it: read it again, and repeat your change on that")
