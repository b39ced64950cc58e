"""What the demo's players bet yesterday, told before the results of yesterday are known here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.core.money import Money
from pitboss.plugins.betting.markets.demo import back_then
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION
from pitboss.plugins.betting.slips import cashout, freebets, placing, storing
from pitboss.plugins.betting.slips.asked import AskedBet, AskedLeg, Sum

BET_BEFORE = timedelta(hours=5)
"""How long before the first match of a slip it was placed: its markets were open by then."""

Pick = tuple[str, int, str, int]
"""A sport, which of its fixtures by their start, the template of the market, and which of its answers."""

_FIRST: Pick = ("football", 0, "match_result", 1)
_TENNIS: Pick = ("tennis", 0, "match_winner", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A slip of yesterday."""

    name: str
    picks: tuple[Pick, ...]
    stake: int
    """Of each line, in minor units."""
    is_each_way: bool = False
    is_free: bool = False
    is_cashed_out: bool = False

    @property
    def reference(self) -> str:
        """Return what the slip is known by."""
        return f"demo-{self.name}"


SLIPS = (
    # Who loses so much in a week may get some of it back, where a rule says so.
    Told(name="loses-most", picks=(("football", 0, "match_result", 3),), stake=120_00),
    Told(name="loses-much", picks=(("football", 0, "match_result", 2),), stake=180_00),
    Told(name="wins", picks=(_FIRST,), stake=20_00),
    Told(name="loses-too", picks=(("football", 1, "match_result", 1),), stake=130_00),
    Told(name="has-a-void-leg", picks=(_FIRST, _TENNIS), stake=10_00),
    Told(name="each-way", picks=(("horse-racing", 0, "winner", 1),), stake=5_00, is_each_way=True),
    Told(name="cashed-out", picks=(("football", 1, "match_result", 2),), stake=15_00, is_cashed_out=True),
    Told(name="free", picks=(_FIRST,), stake=5_00, is_free=True),
)
"""One of each player, the first of them first."""


def place_all(ctx: Context, players: Sequence[UUID]) -> None:
    """Place the slips of yesterday that are not placed yet, as far as there are players and matches."""
    offered = _offered(ctx)
    for player_id, told in zip(players, SLIPS, strict=False):
        legs = [offered[pick] for pick in told.picks if pick in offered]
        is_new = storing.by_reference(ctx, player_id, told.reference) is None
        if is_new and len(legs) == len(told.picks):
            at = min(leg.starts_at for leg in legs) - BET_BEFORE
            # A tenant's guards may refuse a demo's players, as they would anybody.
            with suppress(PitbossError), ctx.connection.begin_nested(), back_then(ctx, at):
                _place(ctx, player_id, told, legs)


def _place(ctx: Context, player_id: UUID, told: Told, legs: Sequence[Row[Any]]) -> None:
    unit = ctx.tenant.currency
    asked = AskedBet(
        legs=[AskedLeg(leg.id, format(leg.odds, "f"), leg.odds_version) for leg in legs],
        stake=Sum(ctx.tenant.currencies.text(Money(told.stake, unit)), unit),
        is_each_way=told.is_each_way,
        free_bet_id=_free_bet(ctx, player_id, told) if told.is_free else None,
        reference=told.reference,
    )
    bet_id = placing.take(ctx, asked, player_id).bet["id"]
    if told.is_cashed_out:
        offer = cashout.offer(ctx, bet_id, of_player=player_id)
        cashout.take(ctx, bet_id, token=offer["token"], reference="demo")


def _free_bet(ctx: Context, player_id: UUID, told: Told) -> UUID:
    return freebets.grant(ctx, player_id, amount=told.stake, cause="demo-yesterday")


def _offered(ctx: Context) -> dict[Pick, Row[Any]]:
    """Return every answer that was offered about a match that should have begun, by how slips name it."""
    query = (
        select(MARKET.c.sport, MARKET.c.fixture_id, MARKET.c.template, MARKET.c.starts_at)
        .add_columns(MARKET.c.odds_version, SELECTION.c.id, SELECTION.c.position, SELECTION.c.odds)
        .join(
            SELECTION, (SELECTION.c.tenant_id == MARKET.c.tenant_id) & (SELECTION.c.market_id == MARKET.c.id)
        )
        .where(
            MARKET.c.tenant_id == ctx.tenant.id,
            MARKET.c.status == "open",
            MARKET.c.closes_at <= ctx.clock.now(),
        )
        .order_by(MARKET.c.starts_at, MARKET.c.fixture_id)
    )
    numbers: dict[str, dict[UUID, int]] = {}
    found: dict[Pick, Row[Any]] = {}
    for row in ctx.connection.execute(query):
        of_sport = numbers.setdefault(row.sport, {})
        number = of_sport.setdefault(row.fixture_id, len(of_sport))
        found[row.sport, number, row.template, row.position] = row
    return found
