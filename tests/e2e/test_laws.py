"""What holds on every page: nothing that axe finds, nothing too wide, no complaint, no other site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import faults, too_wide
from tests.e2e.conftest import Site
from tests.e2e.pages import pages_of
from tests.e2e.scene import ADMIN, PLATFORM

pytestmark = pytest.mark.browser


def each_page(open_page: Callable[..., Page], site: Site, **look: Any) -> Any:
    """Visit every page with one browser window for each kind of operator."""
    pages = pages_of(site.scene)
    for kind, email, tenant in (
        ("staff", ADMIN, site.scene.tenant.code),
        ("platform", PLATFORM, "platform"),
    ):
        window = open_page(email, tenant, **look)
        for path in pages[kind].values():
            window.goto(path)
            yield window


def test_every_page_keeps_the_laws(open_page: Callable[..., Page], site: Site) -> None:
    found = []
    for window in each_page(open_page, site):
        found += faults(window)

    assert found == []


def test_every_page_speaks_spanish_and_has_room_for_its_longer_words(
    open_page: Callable[..., Page], site: Site
) -> None:
    found = []
    for window in each_page(open_page, site, locale="es-ES"):
        found += too_wide(window)
        if window.locator("html").get_attribute("lang") != "es":
            found.append(f"{window.url}: in another language")

    assert found == []


def test_the_longest_example_of_the_vocabulary_wraps(open_page: Callable[..., Page], site: Site) -> None:
    window = open_page(ADMIN, site.scene.tenant.code)
    window.goto(pages_of(site.scene)["staff"]["vocabulary"])
    window.locator("td:last-child code").first.evaluate("(code) => (code.textContent = 'x'.repeat(2000))")
    table = window.locator(".table-scroll")

    assert table.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
