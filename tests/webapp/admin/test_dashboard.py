"""The first page: figures that tie to the ledger, and what waits, told by each plugin to whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Concern, Figure
from pitboss.core.money import Money


@pytest.fixture
def telling(part_of_sample) -> Any:
    """Let the sample plugin tell the dashboard of something: `telling(function)`."""
    return lambda tell: part_of_sample(dashboard=tell)


def cards(_ctx: Any) -> Iterator[Figure | Concern]:
    yield Figure("Cards scratched", "12", "today", "/admin/acme_sample/")
    yield Figure("Prizes", Money(12_50, "EUR"))
    yield Concern("A deck runs out", "Order more <b>cards</b>.", "/admin/acme_sample/", "Cards")
    yield Concern("A deck is lost", "Nobody can play.", is_grave=True)


def test_a_plugin_tells_of_figures_and_of_what_waits_the_grave_first(admin, telling):
    telling(cards)

    page = admin.get("/admin/").text

    assert "Cards scratched" in page
    assert "12.50" in page
    assert "Order more &lt;b&gt;cards&lt;/b&gt;." in page
    assert page.index("A deck is lost") < page.index("A deck runs out")
    assert "All is well" not in page


def test_who_may_not_open_its_pages_is_told_nothing_of_a_plugin(make_client, telling):
    telling(cards)

    page = make_client("operator", "core.players").get("/admin/").text

    assert "Cards scratched" not in page
    assert "A deck is lost" not in page
    assert "Held for players" in page


def test_a_plugin_that_fails_is_passed_over(admin, telling):
    def fail(_ctx: Any) -> Iterator[Figure]:
        yield Figure("Cards scratched", "12")
        raise RuntimeError("no cards")

    telling(fail)

    page = admin.get("/admin/")

    assert page.status_code == 200
    assert "Players" in page.text
    assert "no cards" not in page.text


def test_what_is_held_for_players_is_what_the_ledger_holds_for_them(admin, kernel, tenant, player_in):
    rich, poor = player_in(tenant), uuid7()
    with kernel.context(tenant.id) as ctx:
        for player_id, purse, amount in (
            (rich, "wallet", 1_234_56),
            (rich, "bonus", 50_00),
            (poor, "hold", 7_00),
        ):
            leg = ledger.Leg(ledger.house("house", "EUR"), ledger.player(player_id, purse, "EUR"), amount)
            ledger.post(ctx.connection, key=f"{player_id}:{purse}", op="test", legs=[leg])

    assert "1,291.56" in admin.get("/admin/").text
