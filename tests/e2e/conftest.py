"""A browser before a running site: one of each for all tests, a fresh profile for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import migrate
from tests.e2e.browser import ARGUMENTS, Watch, sign_in
from tests.e2e.scene import ADMIN, Scene, candidates, served, set_up

WAIT_MS = 30_000


@dataclass(frozen=True, slots=True)
class Site:
    """A running site, and what is in it."""

    address: str
    scene: Scene
    kernel: Kernel


@contextmanager
def running(folder: Path, found: Sequence[Candidate]) -> Iterator[Site]:
    """Run a site with the scene in it, of these plugins."""
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'scene.sqlite3'}",
        secret="for the browser only",
        data=folder,
        rate_limit_per_minute=1_000_000,
        port=0,
    )
    kernel = build_kernel(settings, candidates=found)
    migrate(kernel)
    scene = set_up(kernel)
    with served(kernel) as address:
        yield Site(address, scene, kernel)
    kernel.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The scene, served; each module gets one of its own, because tests change it."""
    with running(tmp_path_factory.mktemp("site"), candidates()) as found:
        yield found


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    """The system's Chromium, started."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def cookies(chrome: Browser, site: Site) -> Callable[[str, str], Any]:
    """Sign in once for each operator, by the form; return what the browser then holds."""
    known: dict[tuple[str, str], Any] = {}

    def of(tenant: str, email: str) -> Any:
        if (tenant, email) not in known:
            context = chrome.new_context()
            sign_in(context.new_page(), site.address, tenant, email)
            known[tenant, email] = context.storage_state()
            context.close()
        return known[tenant, email]

    return of


@pytest.fixture
def open_page(
    chrome: Browser, site: Site, cookies: Callable[[str, str], Any]
) -> Iterator[Callable[..., Page]]:
    """Open pages as an operator; at the end, no page may have complained or left the site."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def make(email: str | None = ADMIN, tenant: str = site.scene.tenant.code, **look: Any) -> Page:
        look.setdefault("viewport", {"width": 1280, "height": 860})
        state = cookies(tenant, email) if email else None
        context = chrome.new_context(base_url=site.address, storage_state=state, **look)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, site.address))
        return page

    yield make
    complaints = [complaint for watch in watches for complaint in watch.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
