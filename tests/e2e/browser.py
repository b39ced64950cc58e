"""What tests ask of a browser: sign in, listen for complaints, hold a page to its laws."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Page, Request

from tests.e2e.scene import PASSWORD

PHONE, NARROWEST = {"width": 375, "height": 800}, {"width": 320, "height": 700}
AXE = Path(__file__).parents[1] / "data" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
EXPECTED = (
    *("status of 403", "status of 404", "status of 409", "status of 422", "status of 401"),
    "ERR_INTERNET_DISCONNECTED",
)
"""The browser notes answers like these in its console; tests ask for them on purpose."""

_LOOK = """(within) => axe.run(document.querySelector(within), {
    resultTypes: ['violations'], selectors: false, preload: false,
}).then((found) => found.violations)"""


class Watch:
    """Remember what a page complains of, and where it reaches for."""

    def __init__(self, page: Page, site: str) -> None:
        self.complaints: list[str] = []
        self._site = site
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(word in message.text for word in EXPECTED):
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._site, "data:")):
            self.complaints.append(f"left the site: {request.url}")


def sign_in(page: Page, site: str, tenant: str, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto(f"{site}/admin/sign-in")
    page.get_by_label("Tenant").fill(tenant)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/admin/")


def violations(page: Page, within: str = "html") -> list[str]:
    """Return what axe finds on a page, or in a part of it; it need not tell of what is right."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(_LOOK, within)
    return [f"{page.url}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


def overflow_px(page: Page) -> int:
    """Return by how much a page is wider than the window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wide)


def faults(page: Page) -> list[str]:
    """Return what a page does wrong: wide and light, in its dialogs, and narrow in the dark.

    One load shows it all: loading a page again for each look is most of what looking takes.
    """
    wide = page.viewport_size
    assert wide is not None
    found = [*violations(page), *_in_dialogs(page)]
    _look(page, "dark")
    page.set_viewport_size(PHONE)
    found += violations(page)
    _look(page, "light")
    page.set_viewport_size(wide)
    return [*found, *too_wide(page)]


def _look(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.wait_for_function("(theme) => document.documentElement.dataset.bsTheme === theme", arg=theme)


def too_wide(page: Page) -> list[str]:
    """Return on which phones a page is wider than the window."""
    wide, found = page.viewport_size, []
    assert wide is not None
    for phone in (PHONE, NARROWEST):
        page.set_viewport_size(phone)
        if px := overflow_px(page):
            found.append(f"{page.url}: {px} px too wide at {phone['width']}")
    page.set_viewport_size(wide)
    return found


def _in_dialogs(page: Page) -> list[str]:
    found: list[str] = []
    for name in page.locator("dialog:not(#palette)").evaluate_all("(all) => all.map((one) => one.id)"):
        page.evaluate("(id) => document.getElementById(id).showModal()", name)
        found += violations(page, f"#{name}")
        page.keyboard.press("Escape")
    return found
