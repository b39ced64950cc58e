"""Take pictures of every page: `python -m tests.e2e.screenshots FOLDER`; also says what axe finds."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import migrate
from pitboss.webapp.app import create_app
from tests.e2e.browser import ARGUMENTS, Watch, overflow_px, sign_in, violations
from tests.e2e.pages import pages_of
from tests.e2e.scene import ADMIN, PLATFORM, Scene, candidates, served, set_up

LOOKS = (("light", 1280), ("dark", 1280), ("light", 375))


def main(folder: Path, wanted: str = "") -> None:
    """Take the pictures whose names contain a word."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        kernel = _kernel(Path(data))
        scene = set_up(kernel)
        with served(create_app(kernel)) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
            for theme, width in LOOKS:
                _round(browser, site, scene, folder, theme, width, wanted)
            browser.close()
        kernel.close()


def _kernel(data: Path) -> Kernel:
    settings = load_settings(
        {},
        database_url=f"sqlite:///{data / 'scene.sqlite3'}",
        secret="for pictures only",
        data=data,
        rate_limit_per_minute=100_000,
    )
    kernel = build_kernel(settings, candidates=candidates())
    migrate(kernel)
    return kernel


def _round(
    browser: Browser, site: str, scene: Scene, folder: Path, theme: str, width: int, wanted: str
) -> None:
    for tenant, email, kind in ((scene.tenant.code, ADMIN, "staff"), ("platform", PLATFORM, "platform")):
        context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 860})  # type: ignore[arg-type]  # light or dark
        page = context.new_page()
        watch = Watch(page, site)
        sign_in(page, site, tenant, email)
        for name, path in pages_of(scene)[kind].items():
            if wanted not in name:
                continue
            page.goto(site + path)
            page.wait_for_load_state("networkidle")
            for complaint in violations(page):
                print(f"{name} {theme} {width}: {complaint}")
            if overflow_px(page):
                print(f"{name} {theme} {width}: {overflow_px(page)} px too wide")
            page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=width < 500)
        for complaint in watch.complaints:
            print(f"{kind} {theme} {width}: {complaint}")
        context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
