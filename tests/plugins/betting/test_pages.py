"""The desk and the rules in a browser: nothing that axe finds, nothing too wide, prices edited in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from pitboss.core.kernel import build_kernel
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import toggle
from pitboss.core.testing.databases import migrate
from pitboss.plugins.betting.markets import moving, reading
from tests.e2e.browser import faults
from tests.e2e.conftest import Site, chrome, cookies, open_page  # noqa: F401 - fixtures
from tests.e2e.scene import served, set_up
from tests.plugins.betting import books
from tests.plugins.betting.fixtures import WORLD, stand_in

pytestmark = pytest.mark.browser

DESK = "/admin/betting/desk"
PATHS: dict[str, str] = {}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose tenant takes bets on one match and one race."""
    folder = tmp_path_factory.mktemp("desk")
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'desk.sqlite3'}",
        secret="for the browser only",
        data=folder,
        rate_limit_per_minute=1_000_000,
        port=0,
    )
    kernel = build_kernel(settings, candidates=[*(c for c in installed() if c.name != "sports"), stand_in()])
    migrate(kernel)
    scene = set_up(kernel)
    with kernel.context(scene.tenant.id) as ctx:
        for plugin in ("sports", "betting"):
            toggle.enable(ctx, plugin)
    kernel.tenants.forget()
    WORLD.clear()
    with kernel.context(scene.tenant.id) as ctx:
        _publish(ctx)
    with served(kernel) as address:
        yield Site(address, scene, kernel)
    kernel.close()
    WORLD.clear()


def _publish(ctx: Any) -> None:
    at = ctx.clock.now() + timedelta(hours=2)
    match, race = WORLD.match("Leeds", "Hull", at=at), WORLD.race("Arkle", "Red Rum", "Shergar", at=at)
    book = books.open_book(
        ctx, match, "match_result", "", {"home": "1.88", "draw": "3.14", "away": "4.71"}, moves_by="margin"
    )
    books.open_book(ctx, match, "both_score", "", {"yes": "1.9", "no": "1.9"}, is_draft=True)
    books.race(ctx, race, WORLD, **{"Arkle": "2", "Red Rum": "4", "Shergar": "6"})
    PATHS.update(
        desk=f"{DESK}/",
        match=f"{DESK}/fixtures/{match}",
        race=f"{DESK}/fixtures/{race}",
        market=f"{DESK}/markets/{book.market.id}",
        what_if=f"/admin/betting/settlements/what-if/{match}",
        rules="/admin/betting/rules/",
        rule="/admin/betting/rules/of/horse-racing",
    )


def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_page: Callable[..., Page],  # noqa: F811 - the fixture
    site: Site,
) -> None:
    window, found = open_page(), []
    for path in PATHS.values():
        window.goto(path)
        found += faults(window)

    assert found == []


def test_a_price_is_edited_in_place_and_a_late_one_shows_both(
    open_page: Callable[..., Page],  # noqa: F811 - the fixture
    site: Site,
) -> None:
    window = open_page()
    window.goto(PATHS["match"])
    window.get_by_label("Odds of Leeds").fill("2.00")
    window.get_by_label("Odds of Leeds").press("Enter")
    expect(window.get_by_text("Saved.")).to_be_visible()
    expect(window.get_by_label("Odds of Leeds")).to_have_value("2.00")

    _move_meanwhile(site)
    window.get_by_label("Odds of Leeds").fill("2.10")
    window.get_by_label("Odds of Leeds").press("Enter")

    expect(window.get_by_text("someone else moved these prices")).to_be_visible()
    expect(window.get_by_label("Odds of Leeds")).to_have_value("1.95")


def _move_meanwhile(site: Site) -> None:
    with site.kernel.context(site.scene.tenant.id) as ctx:
        market_id = UUID(PATHS["market"].rsplit("/", 1)[1])
        book = reading.find(ctx, market_id, is_locked=True)
        home = books.selection(book, "home")
        moving.move(ctx, book, {home: Decimal("1.95")}, moving.Cause(name="trader"))
