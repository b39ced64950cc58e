"""How a fixture stands, as everyone else sees it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.plugins.sports.fixtures.views import id_of
from pitboss.plugins.sports.live import book, watch
from pitboss.plugins.sports.live.freshness import cause_of_stall


def live(ctx: Context, fixture_id: str) -> dict[str, Any] | None:
    """Return how a fixture stands and whether that can be believed, or None when nothing was heard."""
    one = id_of(fixture_id)
    row = None if one is None else book.look_up(ctx, one)
    return None if row is None else view(ctx, row)


def view(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    """Return a row as a mapping; silence counts from the second it is too long, told of or not."""
    now = ctx.clock.now()
    cause = row.stalled_cause
    if not cause and not row.is_over:
        cause = cause_of_stall(watch.heard_of(row), watch.patience(ctx), now)
    lag = row.updated_at - row.happened_at if row.happened_at else None
    return {
        "fixture_id": str(row.fixture_id),
        "score": row.score,
        "minute": row.minute,
        "period": row.period,
        "statistics": row.statistics,
        "sequence": row.sequence,
        "source": row.source,
        "updated_at": row.updated_at.isoformat(),
        "age_seconds": max(0, int((now - row.heard_at).total_seconds())),
        "delay_seconds": None if lag is None else max(0, int(lag.total_seconds())),
        "is_stalled": bool(cause),
        "stalled_cause": cause,
        "is_over": row.is_over,
    }
