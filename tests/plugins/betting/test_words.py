"""The words about markets: what a rule or another plugin reads and does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.markets import reading
from tests.plugins.betting import books
from tests.plugins.betting.fixtures import SOON


@pytest.fixture
def book(ctx, world, clock):
    """A priced market."""
    return books.publish(
        ctx, world.match("Leeds", "Hull", at=clock.now() + SOON), home="1.88", draw="3.14", away="4.71"
    )


def test_another_plugin_reads_markets_and_odds(ctx, book):
    market = ctx.value("betting.market", str(book.market.id))

    assert (market["fixture"], market["status"]) == ("Leeds v Hull", "open")
    assert [one["odds"] for one in market["selections"]] == ["1.88", "3.14", "4.71"]
    assert ctx.value("betting.odds", market["selections"][0]["id"]) == Decimal("1.88")
    assert ctx.value("betting.fixture_markets", market["fixture_id"]) == [market]


def test_what_is_not_there_is_nothing_and_no_id_is_an_error(ctx, book):
    assert ctx.value("betting.market", str(book.selections[0].id)) is None
    assert ctx.value("betting.odds", str(book.market.id)) is None
    with pytest.raises(InvalidInput, match="no id"):
        ctx.value("betting.odds", "home")


def test_a_rule_suspends_a_market_until_a_trader_lifts_it(ctx, book):
    ctx.act("betting.suspend_market", market_id=str(book.market.id), reason="unusual betting")

    found = reading.find(ctx, book.market.id).market
    assert (found.status, found.suspensions) == ("suspended", ["rule"])
