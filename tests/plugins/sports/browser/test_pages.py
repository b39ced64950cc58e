"""Every page of sports keeps the laws of the admin's pages, in a real browser."""

from __future__ import annotations

import pytest

from tests.e2e.browser import overflow_px, violations
from tests.e2e.scene import ADMIN

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_and_nothing_is_too_wide(open_page, site, paths):
    window = open_page(
        ADMIN, site.scene.tenant.code, color_scheme="dark", viewport={"width": 320, "height": 700}
    )
    found = []

    for path in paths:
        assert window.goto(path).status == 200, path
        found += violations(window)
        if overflow_px(window):
            found.append(f"{path}: {overflow_px(window)} px too wide")

    assert found == []


def test_a_dialog_opens_and_moves_a_fixture(open_page, site, paths):
    window = open_page(ADMIN, site.scene.tenant.code)
    window.goto("/admin/sports/")
    window.locator("th a").first.click()
    window.get_by_role("button", name="Move to another state").click()
    assert violations(window) == []
    window.get_by_label("State", exact=True).select_option("postponed")
    window.get_by_role("dialog").get_by_label("Reason").fill("Frost")
    window.get_by_role("button", name="Move", exact=True).click()

    assert window.locator(".toast-box").inner_text().startswith("The fixture is now: postponed.")
