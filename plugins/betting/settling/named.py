"""Bets of a preview or a run as pages name them: whose they are, and what was backed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.context import Context
from pitboss.core.identity import names_of
from pitboss.plugins.betting.settling.reading import BET, SETTLEMENT
from pitboss.plugins.betting.slips import storing


@dataclass(frozen=True, slots=True)
class Named:
    """A bet, what its player is called, and its legs."""

    bet: Row[Any]
    player: str
    legs: Sequence[Row[Any]]


def named(ctx: Context, bet_ids: Sequence[UUID]) -> dict[UUID, Named]:
    """Return what a page says of bets, by their ids."""
    query = select(BET).where(BET.c.tenant_id == ctx.tenant.id, BET.c.id.in_(bet_ids))
    rows = ctx.connection.execute(query).all()
    legs = storing.legs_of(ctx, bet_ids)
    names = names_of(ctx, [row.player_id for row in rows])
    return {row.id: Named(row, names.get(row.player_id, ""), legs[row.id]) for row in rows}


def settled_by(ctx: Context, run_id: UUID, *, after: UUID | None, limit: int) -> list[Row[Any]]:
    """Return the settlements that a run wrote, in the order of their bets."""
    kind = SETTLEMENT.c.explanation["kind"].as_string().label("kind")
    columns = (SETTLEMENT.c.bet_id, SETTLEMENT.c.stake, SETTLEMENT.c.payout, kind)
    query = select(*columns).where(SETTLEMENT.c.tenant_id == ctx.tenant.id, SETTLEMENT.c.run_id == run_id)
    if after is not None:
        query = query.where(SETTLEMENT.c.bet_id > after)
    return list(ctx.connection.execute(query.order_by(SETTLEMENT.c.bet_id).limit(limit)))
