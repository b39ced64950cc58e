"""Who would move if the tiers were changed: counted in the database, for all players at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, literal, select

from pitboss.core.context import Context
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.points.tables import MovementRow
from pitboss.plugins.loyalty.tiers.law import Ladder
from pitboss.plugins.loyalty.tiers.tables import StandingRow

_PLAYER, _STANDING, _MOVEMENT = LoyaltyPlayer.__table__, StandingRow.__table__, MovementRow.__table__


@dataclass(frozen=True, slots=True)
class Flow:
    """How many players would go from one tier to another."""

    before: str
    after: str
    players: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a ladder would do to the players that there are."""

    players: int
    up: int
    """At once."""
    down: int
    """When their term and the grace are over, unless they earn more."""
    flows: tuple[Flow, ...]


def preview(ctx: Context, ladder: Ladder) -> Preview:
    """Count who would move under a ladder, by what players have now."""
    known = {tier.code: place for place, tier in enumerate(ladder.tiers)}
    flows: dict[tuple[str, str], int] = {}
    total = up = down = 0
    for row in ctx.connection.execute(_counted(ctx, ladder)):
        total += row.players
        here = known.get(row.tier)
        there = _destination(ladder, here, row.entered, row.kept)
        if there != here:
            key = (row.tier, ladder.tiers[there].code)
            flows[key] = flows.get(key, 0) + row.players
        if here is not None:
            up += row.players if there > here else 0
            down += row.players if there < here else 0
    moved = tuple(Flow(before, after, players) for (before, after), players in sorted(flows.items()))
    return Preview(total, up, down, moved)


def _destination(ladder: Ladder, here: int | None, entered: int, kept: int) -> int:
    if here is None or entered > here:
        return entered
    if kept >= here:
        return here
    return here - 1 if ladder.has_soft_landing else kept


def _counted(ctx: Context, ladder: Ladder) -> Any:
    scored, score = _scored(ctx, ladder)
    entered = _place(score, [tier.entry for tier in ladder.tiers]).label("entered")
    kept = _place(score, [tier.keeps for tier in ladder.tiers]).label("kept")
    of_tenant = _STANDING.c.tenant_id == ctx.tenant.id
    each = select(_STANDING.c.tier, entered, kept).select_from(scored).where(of_tenant).subquery("each")
    columns = (each.c.tier, each.c.entered, each.c.kept)
    return select(*columns, func.count().label("players")).group_by(*columns)


def _scored(ctx: Context, ladder: Ladder) -> tuple[FromClause, ColumnElement[int]]:
    """Return every standing with what it is scored by, and the score."""
    if ladder.window is None:
        is_same = (_PLAYER.c.tenant_id == _STANDING.c.tenant_id) & (
            _PLAYER.c.player_id == _STANDING.c.player_id
        )
        return _STANDING.join(_PLAYER, is_same), _PLAYER.c.points
    sums = _sums(ctx, ladder)
    scored = _STANDING.outerjoin(sums, sums.c.player_id == _STANDING.c.player_id)
    return scored, func.coalesce(sums.c.score, 0)


def _sums(ctx: Context, ladder: Ladder) -> Any:
    assert ladder.window is not None
    return (
        select(_MOVEMENT.c.player_id, func.sum(_MOVEMENT.c.points).label("score"))
        .where(
            _MOVEMENT.c.tenant_id == ctx.tenant.id,
            _MOVEMENT.c.is_earning,
            _MOVEMENT.c.at > ctx.clock.now() - ladder.window,
        )
        .group_by(_MOVEMENT.c.player_id)
        .cte("scores")
    )


def _place(score: ColumnElement[int], thresholds: Sequence[int]) -> ColumnElement[int]:
    reached = [(score >= threshold, literal(place)) for place, threshold in enumerate(thresholds)]
    # The highest first: the first that is reached decides.
    return case(*reversed(reached), else_=literal(0))
