"""Work on many players, one at a time, in pieces that are committed and can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context

PLAYERS_A_PIECE = 200
"""Players whose rows one transaction holds."""


def for_players(ctx: Context, table: Any, conditions: Sequence[Any], do: Callable[[UUID], None]) -> None:
    """Do something for each player of whom a row meets the conditions, in pieces that are committed."""
    after = UUID(ctx.job.saved["after"]) if ctx.job is not None and ctx.job.saved else UUID(int=0)
    while found := _piece(ctx, table, conditions, after):
        for player_id in found:
            do(player_id)
        after = found[-1]
        if ctx.job is not None:
            ctx.job.checkpoint({"after": str(after)})


def _piece(ctx: Context, table: Any, conditions: Sequence[Any], after: UUID) -> list[UUID]:
    query = select(table.c.player_id).where(
        table.c.tenant_id == ctx.tenant.id, table.c.player_id > after, *conditions
    )
    ordered = query.distinct().order_by(table.c.player_id).limit(PLAYERS_A_PIECE)
    return list(ctx.connection.scalars(ordered))
