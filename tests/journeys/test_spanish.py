"""The admin of the demo in Spanish: whatever page one comes to, no text of ours is left in English."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from pitboss.core import texts
from pitboss.core.contracts import Message
from pitboss.core.demo import load_demo
from pitboss.plugins.loyalty import demo as loyalty
from pitboss.plugins.sports import demo as sports

READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "data-label")
WRITTEN_AS_IS = ("code", "pre", "textarea", "script", "datalist")
"""What stands in these is of the code or of people."""
NAMES = {"Administrator", "now", "live", "Draw", "Yes", "New"}
"""Names that are data of the demo: of an operator, facts, a source, selections, a segment."""
MARKETS = {"Both teams to score", "Draw no bet", "Match result", "Match winner", "Moneyline", "Winner"}
"""Names of markets, which are data as well: only the bettor's site has words of its own for common ones."""


class Page(HTMLParser):
    """The texts that people read on a page, and the pages that it leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self.links: list[str] = []
        self._as_is = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._as_is += tag in WRITTEN_AS_IS
        self.texts |= {value for name, value in attrs if name in READ_ALOUD and value}
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self._as_is -= tag in WRITTEN_AS_IS

    def handle_data(self, data: str) -> None:
        if not self._as_is:
            self.texts.add(" ".join(data.split()))


@pytest.fixture
def tenant(kernel: Any, clock: Any, worker: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The demo tenant, with fewer players and matches around what it shows."""
    monkeypatch.setattr(loyalty, "PLAYERS_MAX", 5)
    monkeypatch.setattr(sports, "DAYS", range(-1, 1))
    kernel.apply_tenant_files()
    load_demo(kernel)
    worker()
    clock.advance(seconds=sports.RESULT_DELAY_SECONDS)
    worker()
    return kernel.tenants.by_code("demo")


@pytest.mark.one_backend("sqlite")
def test_no_page_of_the_demo_shows_a_text_that_is_not_translated(
    tenant: Any, app: Flask, make_client: Any
) -> None:
    english = {key for key, said in texts.catalogue("es").singular.items() if key != said}
    left = {}
    for address, page in pages(app, make_client("operator", "*", of=tenant)):
        if found := (page.texts & english) - NAMES - MARKETS - messages(app):
            left[address] = sorted(found)

    assert left == {}


def messages(app: Flask) -> set[str]:
    """Return what people are told in English: the list of texts shows them in each language."""
    terms = app.extensions["pitboss"].registry.all("register_terms")
    sent = [owned.item for owned in terms if isinstance(owned.item, Message)]
    return {text for message in sent for text in (message.subject, message.body)}


def pages(app: Flask, client: Any) -> Iterator[tuple[str, Page]]:
    """Yield one page of each kind that a link leads to, beginning with the dashboard."""
    known, waiting = set(), ["/admin/"]
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(app, address)
        if kind is None or kind in known:
            continue
        known.add(kind)
        answer = client.get(address, headers={"Accept-Language": "es"})
        if answer.mimetype == "text/html":
            assert answer.status_code == 200, address
            page = Page(answer.text)
            yield address, page
            waiting += page.links
    assert len(known) > 60


def kind_of(app: Flask, address: str) -> str | None:
    """Return which view shows an address of the admin; its arguments make no other kind."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return None
    return str(endpoint) if address.startswith("/admin/") else None
