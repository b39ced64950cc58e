"""The admin pages of the rulebook keep the laws of every page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pitboss.core.tenancy import toggle
from pitboss.core.testing.jobs import Worker
from tests.e2e.browser import faults
from tests.e2e.conftest import Site, chrome, cookies, open_page, running
from tests.e2e.scene import ADMIN, candidates
from tests.rules import casino
from tests.rules.admin import scene

__all__ = ["chrome", "cookies", "open_page"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that has the casino."""
    with running(tmp_path_factory.mktemp("site"), [*candidates(), casino.CANDIDATE]) as found:
        yield found


@pytest.fixture(scope="module")
def paths(site) -> list[str]:
    """Every page of the rulebook, with its scene in the site."""
    return filled(site)


def filled(site: Any) -> list[str]:
    """Put the scene into a site, and return its pages."""
    kernel, tenant = site.kernel, site.scene.tenant
    with kernel.context(tenant.id) as ctx:
        toggle.enable(ctx, "casino")
    kernel.tenants.forget()
    work = Worker(kernel)
    return scene.fill(
        lambda operator: kernel.context(tenant.id, operator), tenant, lambda: work(may_fail=True)
    ).paths()


def test_axe_finds_nothing_and_no_page_is_too_wide(open_page, site, paths) -> None:
    window, found = open_page(ADMIN, site.scene.tenant.code), []
    for path in paths:
        assert window.goto(path).status == 200, path
        found += faults(window)
    assert not found, "\n".join(found)


def test_a_version_is_approved_and_published_with_the_keyboard_alone(open_page, site, paths) -> None:
    window = open_page(ADMIN, site.scene.tenant.code)
    window.goto("/admin/rules/rule/cashback")
    for step in ("Approve", "Publish"):
        window.get_by_role("button", name=step, exact=True).first.focus()
        window.keyboard.press("Enter")
        dialog = window.get_by_role("dialog")
        assert "at least" in dialog.inner_text()
        dialog.get_by_label("Comment").focus()
        window.keyboard.type("Agreed")
        window.keyboard.press("Tab")
        window.keyboard.press("Tab")
        window.keyboard.press("Enter")
        window.locator(".toast-box").wait_for()

    assert window.locator(".toast-box").inner_text().startswith("Version 2 is live")
