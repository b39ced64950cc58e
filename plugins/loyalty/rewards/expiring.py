"""Rewards whose time is over end, and players hear of it a day before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.loyalty.rewards import book, lifecycle, messages

PIECE = 200
"""Rewards that are ended in one transaction: their players are locked meanwhile."""
OF_PLAYER_MAX = 1_000


def expire_of(ctx: Context, player_id: UUID) -> int:
    """End what a player has and whose time is over, before it could be used; return how many."""
    now = ctx.clock.now()
    rows = book.due(ctx, at=now, limit=OF_PLAYER_MAX, types=tuple(lifecycle.TYPES), player_id=player_id)
    return sum(lifecycle.expire(ctx, row.id) for row in rows)


def expire_due(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """End every reward whose time is over, in bounded pieces; return how many."""
    total = 0
    while rows := book.due(ctx, at=ctx.clock.now(), limit=PIECE, types=tuple(lifecycle.TYPES)):
        total += sum(lifecycle.expire(ctx, row.id) for row in rows)
        if ctx.job is not None:
            ctx.job.checkpoint({"expired": total})
    return total


def warn_of_expiry(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Tell players of what expires within a day, once; return how many were told."""
    total, now = 0, ctx.clock.now()
    while rows := book.mark_warned(ctx, at=now, until=now + lifecycle.WARNING, limit=PIECE):
        for row in rows:
            messages.send(ctx, row, messages.EXPIRING)
        total += len(rows)
        if ctx.job is not None:
            ctx.job.checkpoint({"told": total})
    return total


TASKS = (
    Task(name="loyalty.expire_rewards", title="Expire rewards", run=expire_due, cron="*/5 * * * *"),
    Task(
        name="loyalty.warn_of_expiry",
        title="Tell of rewards that expire",
        run=warn_of_expiry,
        cron="10 * * * *",
    ),
)
