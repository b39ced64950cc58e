"""Markets follow their fixtures: what is moved, halted, withdrawn or silent moves, suspends or ends them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pitboss.plugins.betting.markets import closing, reading
from tests.plugins.betting import books
from tests.plugins.betting.fixtures import SOON

PRICES = {"home": "1.88", "draw": "3.14", "away": "4.71"}


@pytest.fixture
def match(world, clock) -> UUID:
    """A match in two hours."""
    found: UUID = world.match("Leeds", "Hull", at=clock.now() + SOON)
    return found


@pytest.fixture
def market(kernel, tenant, match) -> Any:
    """Read the match's market: `market().status`."""
    with kernel.context(tenant.id) as ctx:
        made = books.publish(ctx, match, **PRICES).market.id

    def read() -> Any:
        with kernel.context(tenant.id) as ctx:
            return reading.find(ctx, made).market

    return read


@pytest.fixture
def say(kernel, tenant, worker) -> Any:
    """Let something of the world be told, and what follows be done: `say(world.stall, match)`."""

    def tell(what: Any, *arguments: Any, **more: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            what(ctx, *arguments, **more)
        worker()

    return tell


def test_a_later_start_moves_the_deadline_with_it(say, world, match, market, clock):
    later = clock.now() + timedelta(hours=5)

    say(world.change, match, starts_at=later.isoformat())

    assert (market().starts_at, market().closes_at, market().status) == (later, later, "open")


def test_a_fixture_that_is_renamed_is_called_so_in_its_markets(say, world, match, market):
    say(world.change, match, name="Leeds United v Hull City")

    assert market().fixture_name == "Leeds United v Hull City"


def test_a_start_closes_what_does_not_go_in_play(say, world, match, market, events):
    say(world.change, match, status="live", is_live=True)

    assert market().status == "closed"
    assert len(events("betting.market_closed")) == 1


def test_a_start_takes_a_live_market_into_play(say, world, match, turning):
    say(world.change, match, status="live", is_live=True)

    found = turning()
    assert (found.status, found.is_in_play, found.closes_at) == ("open", True, None)


@pytest.fixture
def turning(kernel, tenant, match) -> Any:
    """Read a market of the match that goes in play: `turning().status`."""
    with kernel.context(tenant.id) as ctx:
        made = books.open_book(ctx, match, "match_result", "", PRICES, goes_in_play=True).market.id

    def read() -> Any:
        with kernel.context(tenant.id) as ctx:
            return reading.find(ctx, made).market

    return read


def test_a_market_that_goes_in_play_waits_for_a_start_that_is_late(say, turning, clock, world, match):
    clock.advance(seconds=SOON.total_seconds())
    for _ in range(2):
        say(lambda ctx: closing.close_due(ctx, {}))
    assert (turning().status, turning().suspensions) == ("suspended", ["start"])

    say(world.change, match, status="live", is_live=True)
    assert (turning().status, turning().is_in_play, turning().suspensions) == ("open", True, [])


def test_a_start_that_is_moved_on_the_day_opens_what_waited_for_it(say, turning, clock, world, match):
    clock.advance(seconds=SOON.total_seconds())
    say(lambda ctx: closing.close_due(ctx, {}))
    later = clock.now() + timedelta(hours=1)

    say(world.change, match, starts_at=later.isoformat())

    assert (turning().status, turning().starts_at, turning().closes_at) == ("open", later, later)


def test_a_silent_feed_suspends_until_it_speaks(say, world, match, market):
    say(world.stall, match)
    silent = (market().status, market().suspensions)
    say(world.stall, match, resumed=True)

    assert silent == ("suspended", ["feed"])
    assert market().status == "open"


def test_two_causes_must_both_end(say, world, match, market):
    say(world.stall, match)
    say(world.change, match, status="postponed")
    say(world.stall, match, resumed=True)

    assert (market().status, market().suspensions) == ("suspended", ["fixture"])


def test_what_stays_postponed_beyond_its_hours_is_void(say, world, match, market, worker, clock):
    say(world.change, match, status="postponed")
    clock.advance(hours=49)
    worker()
    waiting = market().status
    clock.advance(hours=2)
    worker()

    assert (waiting, market().status) == ("suspended", "void")


def test_a_date_beyond_the_hours_of_the_rules_is_void_at_once(say, world, match, market, clock):
    at = clock.now() + SOON
    say(world.change, match, starts_at=(at + timedelta(hours=48)).isoformat())
    within = market().status
    say(world.change, match, starts_at=(at + timedelta(hours=49)).isoformat())

    assert (within, market().status) == ("open", "void")


def test_a_cancelled_fixture_voids_its_markets(say, world, match, market):
    say(world.change, match, status="cancelled")

    assert market().status == "void"


def test_a_market_closes_when_its_time_has_come(say, market, clock):
    clock.advance(hours=2)

    say(lambda ctx: ctx.enqueue("betting.close_markets"))

    assert market().status == "closed"


def _race(kernel: Any, tenant: Any, world: Any, clock: Any) -> tuple[UUID, UUID]:
    race = world.race("A", "B", "C", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        return race, books.race(ctx, race, world, A="2.5", B="4", C="4").market.id


def _book(kernel: Any, tenant: Any, market_id: UUID) -> reading.Book:
    with kernel.context(tenant.id) as ctx:
        return reading.find(ctx, market_id)


def test_a_withdrawn_runner_leaves_its_price_and_the_market_waits(kernel, tenant, say, world, clock):
    race, made = _race(kernel, tenant, world, clock)

    say(world.withdraw, race, "B")

    book = _book(kernel, tenant, made)
    gone = book.selections[1]
    assert (gone.status, gone.odds, gone.withdrawn_odds) == ("withdrawn", None, Decimal(4))
    assert gone.withdrawn_at == clock.now()
    assert (book.market.status, book.market.suspensions) == ("suspended", ["withdrawal"])


def test_a_tenant_may_have_the_others_scaled_at_once(kernel, tenant, say, world, clock, configure):
    configure(withdrawal_policy="scale")
    race, made = _race(kernel, tenant, world, clock)

    say(world.withdraw, race, "B")

    # 1/2.5 + 1/4 = 0.65 becomes 1.06: each price times 0.65/1.06.
    book = _book(kernel, tenant, made)
    assert [one.odds for one in book.active] == [Decimal("1.53"), Decimal("2.45")]
    assert book.market.status == "open"


def test_a_new_fixture_gets_drafts_where_the_tenant_wants_them(kernel, tenant, say, world, match, configure):
    configure(has_markets_by_itself=True)
    said = {"fixture_id": str(match)}

    say(lambda ctx: ctx.emit("sports.fixture_scheduled", said))
    say(lambda ctx: ctx.emit("sports.fixture_scheduled", said))

    with kernel.context(tenant.id) as ctx:
        found = [book.market.template for book in reading.of_fixtures(ctx, [match])]
    assert len(found) == len(set(found)) == 6
    assert "asian_handicap" in found


def test_a_new_fixture_gets_what_the_feeds_price_where_the_tenant_wants_that(
    kernel, tenant, say, world, match, configure
):
    configure(has_feed_markets_by_itself=True)
    world.quotes[str(match)] = [_quoted("1x2", "", home="2", draw="3.5", away="4.7")]
    world.quotes[str(match)] += [_quoted("totals", "2.5", over="1.9", under="1.9")]
    said = {"fixture_id": str(match)}

    for _ in range(2):
        say(lambda ctx: ctx.emit("sports.fixture_scheduled", said))

    with kernel.context(tenant.id) as ctx:
        found = [book.market for book in reading.of_fixtures(ctx, [match])]
    assert {(m.template, m.line, m.status, m.moves_by, m.goes_in_play) for m in found} == {
        ("match_result", "", "open", "feed", True),
        ("total_goals", "2.5", "open", "feed", True),
    }
    assert len(found) == 2


def test_a_fixture_that_is_told_late_gets_what_goes_in_play(
    kernel, tenant, say, world, match, configure, clock
):
    configure(has_feed_markets_by_itself=True)
    world.quotes[str(match)] = [_quoted("1x2", "", home="2", draw="3.5", away="4.7")]
    clock.advance(seconds=SOON.total_seconds())

    say(lambda ctx: ctx.emit("sports.fixture_scheduled", {"fixture_id": str(match)}))

    with kernel.context(tenant.id) as ctx:
        found = [book.market for book in reading.of_fixtures(ctx, [match])]
    assert [(m.template, m.status, m.suspensions) for m in found] == [
        ("match_result", "suspended", ["start"])
    ]


def test_a_fixture_that_is_over_gets_no_market(kernel, tenant, say, world, match, configure):
    configure(has_feed_markets_by_itself=True, has_markets_by_itself=True)
    say(world.change, match, status="cancelled")

    say(lambda ctx: ctx.emit("sports.fixture_scheduled", {"fixture_id": str(match)}))

    with kernel.context(tenant.id) as ctx:
        assert reading.of_fixtures(ctx, [match]) == []


def _quoted(market: str, line: str, **prices: str) -> dict[str, Any]:
    rows = [{"bookmaker": "acme", "selection": code, "price": price} for code, price in prices.items()]
    return {"market": market, "line": line, "prices": rows}


def test_the_feeds_are_followed_each_minute_too(kernel, tenant, say, world, match):
    with kernel.context(tenant.id) as ctx:
        made = books.open_book(ctx, match, "match_result", "", PRICES, moves_by="feed").market.id
        world.quotes[str(match)] = [
            {
                "market": "1x2",
                "line": "",
                "prices": [
                    {"bookmaker": "acme", "selection": code, "price": price}
                    for code, price in (("home", "2"), ("draw", "3.5"), ("away", "4.7"))
                ],
            }
        ]

    say(lambda ctx: ctx.enqueue("betting.follow_feeds"))

    with kernel.context(tenant.id) as ctx:
        assert reading.find(ctx, made).market.odds_version == 2
