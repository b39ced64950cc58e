"""The admin pages of loyalty keep the laws of every page, in a real browser."""

from __future__ import annotations

import pytest

from pitboss.core.tenancy import toggle
from tests.e2e.browser import faults
from tests.e2e.conftest import chrome, cookies, open_page, site
from tests.e2e.scene import ADMIN
from tests.plugins.loyalty.admin import scene

__all__ = ["chrome", "cookies", "open_page", "site"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def paths(site) -> list[str]:
    """Every page of the plugin, with its scene in the site."""
    kernel, tenant = site.kernel, site.scene.tenant
    with kernel.context(tenant.id) as ctx:
        toggle.enable(ctx, "loyalty")
    kernel.tenants.forget()
    return scene.fill(lambda operator: kernel.context(tenant.id, operator), tenant).paths()


def test_axe_finds_nothing_and_no_page_is_too_wide(open_page, site, paths) -> None:
    window, found = open_page(ADMIN, site.scene.tenant.code), []
    for path in paths:
        assert window.goto(path).status == 200, path
        found += faults(window)
    assert not found, "\n".join(found)


def test_a_player_is_blocked_with_the_keyboard_alone(open_page, site, paths) -> None:
    window = open_page(ADMIN, site.scene.tenant.code)
    window.goto(next(path for path in paths if path.endswith("/give")).removesuffix("/give"))
    window.get_by_role("button", name="Block").focus()
    window.keyboard.press("Enter")
    window.get_by_role("dialog").get_by_label("Reason").focus()
    window.keyboard.type("Plays with two accounts")
    window.keyboard.press("Tab")
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")

    assert window.locator(".toast-box").inner_text().startswith("The player gets no rewards")
    assert window.get_by_text("Plays with two accounts").first.is_visible()
