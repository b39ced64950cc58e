"""Settlement whose workers are killed, cash-outs that race a correction, a feed that nobody misses."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from pitboss.core import ledger
from pitboss.core.clock import SystemClock
from pitboss.core.errors import PitbossError
from pitboss.core.events import EventRow
from pitboss.core.jobs.inline import run_due
from pitboss.core.kernel import Kernel
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts.tables import BettingPlayer
from pitboss.plugins.betting.markets import reading as markets
from pitboss.plugins.betting.markets import states
from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.settling import operating, runs
from pitboss.plugins.betting.settling.tables import Settlement, SettlementRun
from pitboss.plugins.betting.slips import cashout, placing
from pitboss.plugins.betting.slips.asked import AskedBet, AskedLeg, Sum
from pitboss.plugins.betting.slips.tables import Bet
from tests.bench import bookmaker
from tests.bench.bookmaker import PRICES, STAKE_MINOR, UNIT, Bookmaker, Offer
from tests.faults.servers import faults_wanted, wait_until
from tests.workers.place import Place

KILLS = faults_wanted(2)
BETS_BETWEEN_KILLS = 30
PIECE_BETS = 10
"""Small, so that a kill meets a run at any of its steps, and between two pieces."""
KILL_WITHIN_SECONDS = 0.1
DONE_SECONDS_MAX = 120
PLAYERS = 8
RUNS = "pitboss.plugins.betting.settling.runs"

EVENT = EventRow.__table__
BET, SETTLEMENT, RUN = Bet.__table__, Settlement.__table__, SettlementRun.__table__
MARKET, SELECTION, PLAYER = Market.__table__, Selection.__table__, BettingPlayer.__table__

pytestmark = pytest.mark.timeout(120 + 40 * KILLS)


@pytest.fixture
def clock() -> SystemClock:
    """The real clock: other processes have no other."""
    return SystemClock()


@pytest.fixture
def house(kernel: Kernel) -> Bookmaker:
    """A bookmaker with two matches that take bets."""
    return bookmaker.found(kernel, players=PLAYERS, matches=2)


@pytest.fixture
def place(backend: str, house: Bookmaker, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Its worker processes: embedded on SQLite, through Redis on PostgreSQL."""
    redis = request.getfixturevalue("own_redis") if backend == "postgresql" else None
    made = Place(house.kernel, house.tenant, redis)
    yield made
    for child in made.children:
        child.kill()


def rows(house: Bookmaker, query: Any) -> Sequence[Any]:
    with house.kernel.database.transaction(house.tenant.id, read_only=True) as connection:
        return connection.execute(query).all()


def assert_nothing_is_open(house: Bookmaker) -> None:
    """Check that no bet is left, in the ledger, on the books of the markets, and among the figures."""
    with house.kernel.context(house.tenant.id) as ctx:
        assert {law: count for law, count in ledger.verify(ctx.connection).items() if count} == {}
        held = [accounts.hold(player_id, UNIT, is_free=False) for player_id in house.players]
        assert [ledger.balance(ctx.connection, account) for account in held] == [0] * len(held)
    of_markets = select(MARKET.c.staked, MARKET.c.refund).where(MARKET.c.tenant_id == house.tenant.id)
    assert {tuple(row) for row in rows(house, of_markets)} == {(0, 0)}
    of_selections = select(SELECTION.c.liability).where(SELECTION.c.tenant_id == house.tenant.id)
    assert {row.liability for row in rows(house, of_selections)} == {0}
    of_players = select(func.sum(PLAYER.c.open_stake)).where(PLAYER.c.tenant_id == house.tenant.id)
    assert rows(house, of_players)[0][0] == 0


# -- killed workers --------------------------------------------------------------------------------


@pytest.mark.slow
def test_killing_workers_in_mid_settlement_settles_every_bet_once(house: Bookmaker, place: Place) -> None:
    bets, offer, chance = BETS_BETWEEN_KILLS * (KILLS + 1), house.offers[0], random.Random(KILLS)
    bookmaker.take(house, bets, offer)
    bookmaker.begin(house, offer)
    bookmaker.record_result(house, offer, 2, 1)
    options = {"plugins": bookmaker.PLUGINS, "constants": {RUNS: {"PIECE_BETS": PIECE_BETS}}, "threads": 1}
    victim = place.spawn(**options).begin()

    for kill in range(KILLS):
        # Ready before the other is killed: it begins at once.
        following = place.spawn(**options)
        until_settled(house, kill * BETS_BETWEEN_KILLS + chance.randrange(BETS_BETWEEN_KILLS))
        time.sleep(chance.uniform(0, KILL_WITHIN_SECONDS))
        victim.kill()
        victim = following.begin()
    until_settled(house, bets, state="done")
    victim.stop()

    assert_each_is_settled_once(house, bets)
    assert_nothing_is_open(house)


def until_settled(house: Bookmaker, count: int, state: str = "") -> None:
    """Wait until the run has settled so many bets."""
    query = select(RUN.c.settled_count, RUN.c.state).where(RUN.c.tenant_id == house.tenant.id)

    def enough() -> None:
        (run,) = rows(house, query)
        assert run.settled_count >= count
        assert state in ("", run.state)

    wait_until(enough, DONE_SECONDS_MAX)


def assert_each_is_settled_once(house: Bookmaker, bets: int) -> None:
    mine = BET.c.tenant_id == house.tenant.id
    found = rows(house, select(BET.c.state, func.count()).where(mine).group_by(BET.c.state))
    assert [tuple(row) for row in found] == [("settled", bets)]
    settled = rows(house, select(SETTLEMENT).where(SETTLEMENT.c.tenant_id == house.tenant.id))
    assert len(settled) == len({one.bet_id for one in settled}) == bets
    won = Counter(one.payout for one in settled)
    pays = int(PRICES["home"] * STAKE_MINOR)
    assert won == {pays: bets // 3, 0: bets - bets // 3}
    counted = select(func.sum(PLAYER.c.settled_count), func.sum(PLAYER.c.returned)).where(
        PLAYER.c.tenant_id == house.tenant.id
    )
    assert tuple(rows(house, counted)[0]) == (bets, pays * (bets // 3))
    told = select(func.count()).where(
        EVENT.c.tenant_id == house.tenant.id, EVENT.c.name == "betting.bet_settled"
    )
    assert rows(house, told)[0][0] == bets


# -- a correction ----------------------------------------------------------------------------------


def test_cash_outs_that_race_a_correction_pay_once(house: Bookmaker) -> None:
    first, second = house.offers
    doubles = [bet_on(house, player_id, first, second) for player_id in house.players]
    bookmaker.take(house, PLAYERS, first)
    end(house, first, 2, 1)
    end(house, first, 1, 2)
    with house.kernel.context(house.tenant.id) as ctx:
        [waiting] = operating.listed(ctx, state="waiting")

    with ThreadPoolExecutor(4) as threads:
        correcting = threads.submit(correct, house, waiting.id)
        paid = list(threads.map(lambda bet_id: cash_out(house, bet_id), doubles))
        correcting.result()
    end(house, second, 1, 0)

    mine = (BET.c.tenant_id == house.tenant.id, BET.c.id.in_(doubles))
    found = {row.id: row for row in rows(house, select(BET).where(*mine))}
    ends = [(found[bet_id].state, found[bet_id].payout) for bet_id in doubles]
    # What was cashed out before the correction is paid; of the others the first leg has lost after all.
    assert ends == [("settled", 0) if amount is None else ("cashed_out", amount) for amount in paid]
    again = select(func.count()).where(SETTLEMENT.c.tenant_id == house.tenant.id, SETTLEMENT.c.version == 2)
    assert rows(house, again)[0][0] > 0
    assert_nothing_is_open(house)


def bet_on(house: Bookmaker, player_id: UUID, *offers: Offer) -> UUID:
    """Place a bet that the home sides win."""
    legs = [AskedLeg(one.selections["home"], str(PRICES["home"]), one.version) for one in offers]
    asked = AskedBet(legs=legs, stake=Sum("1.00", UNIT), reference=str(uuid4()))
    with house.kernel.context(house.tenant.id) as ctx:
        bet_id: UUID = placing.take(ctx, asked, player_id).bet["id"]
    return bet_id


def end(house: Bookmaker, offer: Offer, home: int, away: int) -> None:
    """Record how a match ended, and do what follows."""
    bookmaker.begin(house, offer)
    bookmaker.record_result(house, offer, home, away)
    run_due(house.kernel)


def correct(house: Bookmaker, run_id: UUID) -> None:
    with house.kernel.context(house.tenant.id) as ctx:
        operating.confirm(ctx, run_id, reason="a goal was not one")
    with house.kernel.context(house.tenant.id) as ctx:
        runs.work(ctx, {"run_id": str(run_id)})


def cash_out(house: Bookmaker, bet_id: UUID) -> int | None:
    """Ask for an offer and take it; return what was paid, None where it was refused."""
    with house.kernel.context(house.tenant.id) as ctx:
        offer = cashout.offer(ctx, bet_id, of_player=None)
    if not offer["is_available"]:
        return None
    try:
        with house.kernel.context(house.tenant.id) as ctx:
            taken = cashout.take(ctx, bet_id, token=offer["token"], reference=str(uuid4()))
    except PitbossError:
        return None
    amount: int = taken.row["amount"]
    return amount


# -- a silent feed ---------------------------------------------------------------------------------


def test_a_silent_feed_takes_no_bets_though_no_worker_notices(house: Bookmaker) -> None:
    offer = house.offers[0]
    with house.kernel.context(house.tenant.id) as ctx:
        states.go_in_play(ctx, markets.find(ctx, offer.market_id, is_locked=True))
        seconds = ctx.settings("betting")["live_price_age_seconds_max"]
        silent_since = ctx.clock.now() - timedelta(seconds=seconds + 1)
    assert bet_on(house, house.players[0], offer)

    # The feed said nothing since then; nobody is there to suspend the market.
    with house.kernel.context(house.tenant.id) as ctx:
        old = update(MARKET).where(MARKET.c.id == offer.market_id).values(priced_at=silent_since)
        ctx.connection.execute(old)

    with pytest.raises(PitbossError, match="wait for a fresh price") as refused:
        bet_on(house, house.players[0], offer)
    assert refused.value.details["problems"][0]["code"] == "price_stale"
