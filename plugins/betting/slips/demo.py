"""Demo slips: players with open bets of each kind, a free bet, and a limit that binds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import or_, select

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.core.identity.tables import Player
from pitboss.core.money import Money
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION
from pitboss.plugins.betting.slips import freebets, limitbook, placing, storing, yesterday
from pitboss.plugins.betting.slips.asked import AskedBet, AskedLeg, Sum

PLAYERS_MAX = 8
CASH_MINOR = 250_00
LIMIT_MINOR = 2_000_00
SLIPS = (("single", 1, 10_00, ""), ("treble", 3, 5_00, ""), ("trixie", 3, 1_00, "trixie"))
"""Name, legs, stake of each line in minor units, and system."""

_PLAYER = Player.__table__


def load_demo(ctx: Context) -> None:
    """Let the first players bet on what is offered; loading twice changes nothing."""
    if not limitbook.every(ctx, scope="sport", subject="football"):
        limitbook.put(
            ctx,
            scope="sport",
            subject="football",
            measure="stake_max",
            amount=LIMIT_MINOR,
            reason="As the demo shows it.",
        )
    legs = _offered(ctx)
    players = first_players(ctx)
    for player_id in players:
        _pay_in(ctx, player_id)
    yesterday.place_all(ctx, players)
    for number, player_id in enumerate(players):
        freebets.grant(ctx, player_id, amount=5_00, cause="demo")
        for asked in _slips(ctx, number, legs):
            if storing.by_reference(ctx, player_id, asked.reference) is None:
                _place(ctx, player_id, asked)


def first_players(ctx: Context) -> Sequence[UUID]:
    """Return the players who bet in the demo."""
    query = select(_PLAYER.c.id).where(_PLAYER.c.tenant_id == ctx.tenant.id).order_by(_PLAYER.c.id)
    return ctx.connection.scalars(query.limit(PLAYERS_MAX)).all()


def _slips(ctx: Context, number: int, legs: Sequence[AskedLeg]) -> Iterator[AskedBet]:
    """Yield a single, a treble and a system, each player on other selections."""
    turned = [*legs[number:], *legs[:number]]
    unit = ctx.tenant.currency
    for name, count, stake, system in SLIPS:
        if len(turned) >= count:
            text = ctx.tenant.currencies.text(Money(stake, unit))
            yield AskedBet(
                legs=turned[:count],
                stake=Sum(text, unit),
                system=system,
                reference=f"demo-{name}",
                price_policy="any",
            )


def _offered(ctx: Context) -> list[AskedLeg]:
    """Return a selection of one open market of each fixture."""
    priced = (
        select(MARKET.c.fixture_id, MARKET.c.odds_version, SELECTION.c.id, SELECTION.c.odds)
        .join(
            SELECTION, (SELECTION.c.tenant_id == MARKET.c.tenant_id) & (SELECTION.c.market_id == MARKET.c.id)
        )
        .where(
            MARKET.c.tenant_id == ctx.tenant.id,
            MARKET.c.status == "open",
            SELECTION.c.status == "active",
            SELECTION.c.odds.is_not(None),
            or_(MARKET.c.closes_at.is_(None), MARKET.c.closes_at > ctx.clock.now()),
        )
        .order_by(MARKET.c.id, SELECTION.c.position)
    )
    found: dict[UUID, AskedLeg] = {}
    for row in ctx.connection.execute(priced):
        found.setdefault(row.fixture_id, AskedLeg(row.id, format(row.odds, "f"), row.odds_version))
    return list(found.values())


def _pay_in(ctx: Context, player_id: UUID) -> None:
    unit = ctx.tenant.currency
    leg = ledger.Leg(ledger.house("clearing", unit), ledger.player(player_id, "wallet", unit), CASH_MINOR)
    ledger.post(ctx.connection, key=f"betting-demo:{player_id}", op="betting.demo", legs=[leg])


def _place(ctx: Context, player_id: UUID, asked: AskedBet) -> None:
    # A tenant's guards may refuse a demo's players, as they would anybody.
    try:
        with ctx.connection.begin_nested():
            placing.take(ctx, asked, player_id)
    except PitbossError:
        return
