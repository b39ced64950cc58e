"""What holds on every page: nothing that axe finds, nothing too wide, no complaint, no other site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import overflow_px, violations
from tests.e2e.conftest import Site
from tests.e2e.pages import pages_of
from tests.e2e.scene import ADMIN, PLATFORM

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 800}
NARROWEST = {"width": 320, "height": 700}


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(theme: str, open_page: Callable[..., Page], site: Site) -> None:
    found = [v for window in each_page(open_page, site, color_scheme=theme) for v in violations(window)]

    assert found == []


def test_axe_finds_nothing_on_a_phone(open_page: Callable[..., Page], site: Site) -> None:
    found = [v for window in each_page(open_page, site, viewport=PHONE) for v in violations(window)]

    assert found == []


@pytest.mark.parametrize("size", [PHONE, NARROWEST], ids=["375", "320"])
def test_no_page_is_wider_than_a_phone(
    size: dict[str, int], open_page: Callable[..., Page], site: Site
) -> None:
    wide = {w.url: overflow_px(w) for w in each_page(open_page, site, viewport=size) if overflow_px(w)}

    assert wide == {}


def test_axe_finds_nothing_in_any_dialog(open_page: Callable[..., Page], site: Site) -> None:
    found = []
    for window in each_page(open_page, site):
        for name in window.locator("dialog").evaluate_all("(all) => all.map((one) => one.id)"):
            window.evaluate("(id) => document.getElementById(id).showModal()", name)
            found += violations(window)
            window.keyboard.press("Escape")

    assert found == []
