"""A bookmaker to measure and to disturb: matches with markets, players with cash, bets by the thousand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.players import register_player
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate, installed
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import Tenant, TenantFile, toggle
from pitboss.core.testing.databases import SECRET, PostgresDatabase, preparation
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.markets import publishing
from pitboss.plugins.betting.markets.publishing import Wanted
from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.slips import placing
from pitboss.plugins.betting.slips.asked import AskedBet, AskedLeg, Sum
from pitboss.plugins.betting.slips.tables import Bet, BetLeg
from pitboss.plugins.sports.catalogue import competitions
from pitboss.plugins.sports.fixtures import entering
from pitboss.plugins.sports.fixtures.tables import FixtureRow
from pitboss.plugins.sports.results import book as results

PLUGINS = ("sports", "betting")
BETS_PATH = "/api/v1/betting/bets"
UNIT = "EUR"
PRICES = {"home": Decimal("1.88"), "draw": Decimal("3.14"), "away": Decimal("4.71")}
CASH_MINOR = 10**9
STAKE_MINOR = 100
HUGE = 10**12
"""A limit that nobody reaches: how often it is checked does not depend on it."""
BATCH = 1_000
REQUESTS_PER_MINUTE_MAX = 1_000_000

_FIXTURE = FixtureRow.__table__
_BET, _LEG = Bet.__table__, BetLeg.__table__
_MARKET, _SELECTION = Market.__table__, Selection.__table__


@dataclass(frozen=True, slots=True)
class Offer:
    """An open market of a match, its selections by code."""

    fixture_id: UUID
    market_id: UUID
    version: int
    selections: Mapping[str, UUID]


@dataclass(slots=True)
class Bookmaker:
    """A tenant that takes bets."""

    kernel: Kernel
    tenant: Tenant
    key: str
    players: Sequence[UUID] = ()
    offers: Sequence[Offer] = ()
    paths: Mapping[str, str] = field(default_factory=dict)

    def slip(self, number: int, code: str = "home") -> AskedBet:
        """Return one of many slips: each a single of its own player, over all markets in turn."""
        offer = self.offers[number % len(self.offers)]
        leg = AskedLeg(offer.selections[code], str(PRICES[code]), offer.version)
        player_id = self.players[number % len(self.players)]
        return AskedBet(legs=[leg], stake=Sum("1.00", UNIT), player_id=player_id, reference=str(uuid7()))

    def body(self, number: int) -> bytes:
        """Return the same as a request's body."""
        return msgspec.json.encode(self.slip(number))


@contextmanager
def on_postgres(*more: Candidate) -> Iterator[Kernel]:
    """Lend a kernel on a PostgreSQL database of its own."""
    candidates = [*installed(), *more]
    database = PostgresDatabase(preparation(candidates))
    settings = load_settings({}, database_url=database.url, secret=SECRET, log_level="CRITICAL")
    kernel = build_kernel(settings, candidates=candidates)
    try:
        yield kernel
    finally:
        kernel.close()
        database.drop()


def found(kernel: Kernel, *, players: int, matches: int, also: Sequence[str] = ()) -> Bookmaker:
    """Make a tenant with players who have cash, and matches that take bets."""
    tenant_id = kernel.tenants.create(TenantFile(code=f"b{uuid7().hex[-8:]}", name="Bookmaker")).id
    with kernel.context(tenant_id) as ctx:
        for name in (*PLUGINS, *also):
            toggle.enable(ctx, name)
        key = create_key(ctx, "till", permissions=["*"], requests_per_minute=REQUESTS_PER_MINUTE_MAX).secret
    kernel.tenants.forget()
    with kernel.context(tenant_id) as ctx:
        toggle.configure(ctx, "betting", {"exposure_max": HUGE})
        toggle.configure(ctx, "sports", {"result": {"confirmation": "none"}})
    kernel.tenants.forget()
    made = Bookmaker(kernel, kernel.tenants.get(tenant_id), key)
    with kernel.context(tenant_id) as ctx:
        made.players = [_player(ctx, number) for number in range(players)]
        pay_in(ctx, made.players)
    with kernel.context(tenant_id) as ctx:
        made.offers = [_offer(ctx, number) for number in range(matches)]
    return made


def pay_in(ctx: Context, players: Sequence[UUID]) -> None:
    """Give players more cash than they will stake."""
    gifts = [
        ledger.Posting(
            key=f"pay-in:{player_id}",
            op="test.deposit",
            legs=[ledger.Leg(ledger.house("clearing", UNIT), accounts.wallet(player_id, UNIT), CASH_MINOR)],
        )
        for player_id in players
    ]
    for start in range(0, len(gifts), BATCH):
        ledger.post_many(ctx.connection, gifts[start : start + BATCH])


def take(made: Bookmaker, count: int, offer: Offer) -> None:
    """Take many singles on one match: one is placed as any, and the others are copies of it."""
    made.kernel.tenants.forget()
    for code in offer.selections:
        share = count // len(offer.selections) + (code == "home") * (count % len(offer.selections))
        if share:
            _take(made, share, offer, code)


def look_over(kernel: Kernel) -> None:
    """Count the tables' rows for the planner, as autovacuum does within a minute wherever it is on."""
    with kernel.database.owner() as connection:
        connection.exec_driver_sql("ANALYZE")


def begin(made: Bookmaker, offer: Offer) -> None:
    """Let a match have begun hours ago, so that it can have a result."""
    began = {"starts_at": made.kernel.clock.now() - timedelta(hours=2)}
    with made.kernel.context(made.tenant.id) as ctx:
        ctx.connection.execute(update(_FIXTURE).where(_FIXTURE.c.id == offer.fixture_id).values(began))


def record_result(made: Bookmaker, offer: Offer, home: int, away: int, *, source: str = "referee") -> None:
    """Record how a match ended: its bets are settled by whoever does the jobs."""
    periods = [{"code": "1h", "home": 0, "away": 0}, {"code": "2h", "home": home, "away": away}]
    with made.kernel.context(made.tenant.id) as ctx:
        results.record(ctx, offer.fixture_id, {"periods": periods}, source=source)


def _player(ctx: Context, number: int) -> UUID:
    return register_player(ctx, email=f"p{number}.{uuid7().hex}@players.test", password=None).id


def _offer(ctx: Context, number: int) -> Offer:
    name = f"Cup {uuid7().hex[-8:]}"
    competition = competitions.create(ctx, "football", {"name": name, "country": "GB"})
    sides = [{"name": f"{side} {number}", "team_id": None, "number": None} for side in ("Home", "Away")]
    fixture = entering.enter(
        ctx,
        {
            "sport": "football",
            "competition_id": competition.id,
            "starts_at": ctx.clock.now() + timedelta(hours=2),
            "participants": sides,
        },
    )
    book = publishing.publish(
        ctx, fixture.id, Wanted(template="match_result", odds=PRICES, goes_in_play=True)
    )
    selections = {one.code: one.id for one in book.selections}
    return Offer(fixture.id, book.market.id, book.market.odds_version, selections)


def _take(made: Bookmaker, count: int, offer: Offer, code: str) -> None:
    leg = AskedLeg(offer.selections[code], str(PRICES[code]), offer.version)
    asked = AskedBet(legs=[leg], stake=Sum("1.00", UNIT), reference=str(uuid7()))
    with made.kernel.context(made.tenant.id) as ctx:
        placed = placing.take(ctx, asked, made.players[0])
        bet = ctx.connection.execute(select(_BET).where(_BET.c.id == placed.bet["id"])).one()._asdict()
        legs = [
            row._asdict() for row in ctx.connection.execute(select(_LEG).where(_LEG.c.bet_id == bet["id"]))
        ]
    for start in range(0, count - 1, BATCH):
        with made.kernel.context(made.tenant.id) as ctx:
            _copy(ctx, made, range(start, min(start + BATCH, count - 1)), bet, legs)
        if not start:
            look_over(made.kernel)


def _copy(
    ctx: Context, made: Bookmaker, numbers: range, bet: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]
) -> None:
    rows, holds = [], []
    for number in numbers:
        bet_id, player_id = uuid7(), made.players[number % len(made.players)]
        rows.append({**bet, "id": bet_id, "player_id": player_id, "reference": str(bet_id)})
        moved = ledger.Leg(
            accounts.source(player_id, UNIT, is_free=False),
            accounts.hold(player_id, UNIT, is_free=False),
            bet["stake"],
        )
        holds.append(ledger.Posting(key=accounts.place_key(bet_id), op=accounts.OP_PLACE, legs=[moved]))
    ctx.connection.execute(insert(_BET), rows)
    ctx.connection.execute(insert(_LEG), [{**leg, "bet_id": row["id"]} for row in rows for leg in legs])
    ledger.post_many(ctx.connection, holds)
    for market, selection, liability, staked, refund in bet["exposures"]:
        of_market, of_selection = _MARKET.c.id == UUID(market), _SELECTION.c.id == UUID(selection)
        more = {
            "staked": _MARKET.c.staked + len(rows) * staked,
            "refund": _MARKET.c.refund + len(rows) * refund,
        }
        ctx.connection.execute(update(_MARKET).where(of_market).values(more))
        owed = _SELECTION.c.liability + len(rows) * liability
        ctx.connection.execute(update(_SELECTION).where(of_selection).values(liability=owed))
    for player_id, bets in Counter(row["player_id"] for row in rows).items():
        # As one bet with the stakes of all: the figures of a player are sums.
        keeping.bet_accepted(ctx, player_id, stake=bets * bet["stake"], odds=PRICES["home"])
