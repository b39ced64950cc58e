"""Delete what is past its retention: the oldest first, in small pieces, each committed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Table, delete, select

if TYPE_CHECKING:
    from pitboss.core.context import Context

PIECE_ROWS = 500
"""Rows that one transaction deletes, with all their parts."""


def delete_old(
    ctx: Context, table: Table, part_of: Column[object], *, states: Iterable[str], kept_days: int
) -> int:
    """Delete rows of a table that came to an end and are older than this, with the rows that tell of them.

    `part_of` is the column by which those name theirs. Nothing is deleted when `kept_days` is 0.
    """
    if not kept_days:
        return 0
    before, count = ctx.clock.now() - timedelta(days=kept_days), 0
    while deleted := _delete_piece(ctx, table, part_of, list(states), before):
        count += deleted
        if ctx.job is not None:
            ctx.job.checkpoint({"deleted": count})
    return count


def _delete_piece(
    ctx: Context, table: Table, part_of: Column[object], states: list[str], before: datetime
) -> int:
    of_tenant, parts = table.c.tenant_id == ctx.tenant.id, part_of.table
    old = (
        select(table.c.id)
        .where(of_tenant, table.c.state.in_(states), table.c.created_at < before)
        .order_by(table.c.id)
        .limit(PIECE_ROWS)
    )
    ids = ctx.connection.scalars(old).all()
    if ids:
        ctx.connection.execute(delete(parts).where(parts.c.tenant_id == ctx.tenant.id, part_of.in_(ids)))
        ctx.connection.execute(delete(table).where(of_tenant, table.c.id.in_(ids)))
    return len(ids)
