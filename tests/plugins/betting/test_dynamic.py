"""Prices that move by rules: what a rule does, what a trader holds, and what is too far."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from pitboss.plugins.betting.markets import dynamic, pricing, reading
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION
from tests.plugins.betting import books
from tests.plugins.betting.fixtures import SOON

EVENS = {"home": "2", "draw": "4", "away": "4"}


@pytest.mark.parametrize(
    ("held", "offered"),
    [
        ({}, {"home": "1.88", "draw": "3.14", "away": "4.71"}),
        ({"home": "2.50"}, {"home": "2.50", "draw": "2.52", "away": "3.78"}),
        ({"home": "1.01", "away": "20"}, {"home": "1.01", "draw": "50.24", "away": "20"}),
        # Nothing is left for the third: its price stays what it was.
        ({"home": "1.01", "draw": "1.01"}, {"home": "1.01", "draw": "1.01"}),
    ],
)
def test_the_book_sum_is_kept_around_what_a_trader_holds(held, offered):
    probabilities = {"home": Decimal("0.5"), "draw": Decimal("0.3"), "away": Decimal("0.2")}
    fixed = {code: Decimal(price) for code, price in held.items()}

    found = dynamic.with_held(probabilities, fixed, book_sum=Decimal("1.06"), ladder="cents")

    assert found == {code: Decimal(price) for code, price in offered.items()}


@pytest.mark.parametrize(
    ("before", "after", "is_jump"),
    [("2.00", "1.70", False), ("2.00", "1.69", True), ("2.00", "2.30", False), (None, "2.00", False)],
)
def test_a_jump_is_more_than_its_part_of_the_price(before, after, is_jump):
    was = None if before is None else Decimal(before)

    assert pricing.jumps(was, Decimal(after), percent_max=15) is is_jump


@pytest.fixture
def published(kernel, tenant, world, clock) -> Any:
    """Publish a market that a rule moves: `published("lmsr", liquidity=10_000)`."""

    def make(moves_by: str, **numbers: Any) -> Any:
        match = world.match("Leeds", "Hull", at=clock.now() + SOON)
        with kernel.context(tenant.id) as ctx:
            return books.open_book(
                ctx, match, "match_result", "", EVENS, moves_by=moves_by, pricing=numbers, book_sum=Decimal(1)
            )

    return make


@pytest.fixture
def owe(kernel, tenant, worker, clock) -> Any:
    """Let a selection owe money, as bets do, and have what follows done."""

    def add(book: Any, code: str, liability: int, staked: int) -> Any:
        market_id, selection_id = book.market.id, books.selection(book, code)
        with kernel.context(tenant.id) as ctx:
            mine = MARKET.c.tenant_id == tenant.id
            ctx.connection.execute(update(MARKET).where(mine, MARKET.c.id == market_id).values(staked=staked))
            ctx.connection.execute(
                update(SELECTION)
                .where(SELECTION.c.tenant_id == tenant.id, SELECTION.c.id == selection_id)
                .values(liability=liability)
            )
            dynamic.after_bet(ctx, market_id)
            dynamic.after_bet(ctx, market_id)
        clock.advance(seconds=2)
        worker()
        with kernel.context(tenant.id) as ctx:
            return reading.find(ctx, market_id)

    return add


def test_money_on_a_selection_shortens_it_and_lengthens_the_others(published, owe, events):
    book = owe(published("lmsr", liquidity=100_000), "home", 10_000, 5_000)

    # e^0.1 times as likely against the two others: 0.525, 0.2375, 0.2375.
    assert [one.odds for one in book.selections] == [Decimal("1.90"), Decimal("4.21"), Decimal("4.21")]
    assert [event.payload["cause"] for event in events("betting.price_moved")] == ["opened", "lmsr"]


def test_a_rule_that_jumps_suspends_the_market(published, owe):
    book = owe(published("liability", scale=10_000), "home", 10_000, 5_000)

    assert (book.market.status, book.market.suspensions) == ("suspended", ["jump"])


def test_prices_follow_the_bookmakers_without_their_margin(kernel, tenant, world, clock, worker):
    match = world.match("Leeds", "Hull", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        world.quote(ctx, match, "1x2", acme={"home": "2", "draw": "4", "away": "4"})
        made = books.publishing.publish(
            ctx, match, books.Wanted(template="match_result", is_from_feed=True, moves_by="feed")
        ).market.id
    with kernel.context(tenant.id) as ctx:
        world.quote(ctx, match, "1x2", acme={"home": "1.9", "draw": "4.2", "away": "4.2"})
    worker()

    with kernel.context(tenant.id) as ctx:
        book = reading.find(ctx, made)
    assert [one.odds for one in book.selections] == [Decimal("1.79"), Decimal("3.97"), Decimal("3.97")]
    assert book.market.odds_version == 2
