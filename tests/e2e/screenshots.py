"""Take a picture of every page of the admin and of /play, light, dark and on a phone, of the demo.

    python -m tests.e2e.screenshots [FOLDER] [WORD]

The folder is docs/screenshots/pages, and the word narrows the pages to those whose names contain it. Says
what a page complains of, and where it is too wide.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from pitboss.core.commands.up import prepare
from pitboss.core.demo import Login
from pitboss.core.jobs.inline import run_due
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import preparation
from pitboss.webapp.app import create_app
from tests.e2e.browser import ARGUMENTS, Watch, overflow_px, sign_in
from tests.e2e.scene import served
from tests.e2e.walk import pages_of, signed_in

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots" / "pages"
LOOKS = {"light": ("light", 1280, 860), "dark": ("dark", 1280, 860), "phone": ("light", 375, 760)}
QUALITY = 20
"""Of WebP: texts can be read, and all pictures together are a few megabytes."""
SETTLE_MS = 300


def main(folder: Path = FOLDER, word: str = "") -> None:
    """Take the pictures whose names contain a word."""
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as (kernel, logins), served(kernel) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        app, seen = create_app(kernel), set[str]()
        for what in ("operator", "platform"):
            login = next(login for login in logins if login.what == what)
            found = {_name(endpoint): path for endpoint, path in pages_of(app, signed_in(app, login)).items()}
            wanted = {name: path for name, path in found.items() if word in name and name not in seen}
            seen |= found.keys()
            for look in LOOKS:
                _round(browser, site, login, wanted, look, folder)
        for look in LOOKS if word in "play" else ():
            _round(browser, site, None, {"play": "/play/"}, look, folder)
        browser.close()


@contextmanager
def demo() -> Iterator[tuple[Kernel, list[Login]]]:
    """Lend a kernel with the demo's data, and who can sign in."""
    with tempfile.TemporaryDirectory() as data:
        url = f"sqlite:///{data}/demo.sqlite3"
        settings = load_settings(
            {},
            database_url=url,
            secret="for pictures only",
            data=Path(data),
            rate_limit_per_minute=1_000_000,
            port=0,
        )
        preparation(installed())(url)
        kernel = build_kernel(settings, candidates=installed())
        logins = prepare(kernel, demo=True)
        run_due(kernel)
        yield kernel, logins
        kernel.close()


def _name(endpoint: str) -> str:
    return endpoint.replace(".", "-").replace("_", "-")


def _round(
    browser: Browser, site: str, login: Login | None, pages: dict[str, str], look: str, folder: Path
) -> None:
    theme, width, height = LOOKS[look]
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": height})  # type: ignore[arg-type]  # light or dark
    page = context.new_page()
    watch = Watch(page, site)
    if login is not None and pages:
        sign_in(page, site, login.tenant, login.email, login.password)
    for name, path in pages.items():
        page.goto(site + path)
        if login is not None:  # the bettor's site listens to its stream for ever
            page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLE_MS)
        (folder / f"{name}-{look}.webp").write_bytes(_picture(page))
        if overflow_px(page):
            print(f"{name} {look}: {overflow_px(page)} px too wide")
    for complaint in watch.complaints:
        print(f"{look}: {complaint}")
    context.close()


def _picture(page: Page) -> bytes:
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER, *sys.argv[2:3])
