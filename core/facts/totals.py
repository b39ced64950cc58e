"""What all players together added to a metric, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pitboss.core.facts.tables import LIFETIME, FactBucket

if TYPE_CHECKING:
    from pitboss.core.context import Context

_BUCKET = FactBucket.__table__
NOTHING = (0, 0)
_INSTANT = timedelta(microseconds=1)


def total_today(ctx: Context, metric: str) -> tuple[int, int]:
    """Return the sum of a metric of whole numbers since the tenant's midnight, and its entries."""
    now = ctx.clock.now()
    today = now.astimezone(ctx.tenant.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return totals_by_day(ctx, metric, today, now + _INSTANT).get(today.date(), NOTHING)


def totals_by_day(
    ctx: Context, metric: str, begins: datetime, ends: datetime
) -> Mapping[date, tuple[int, int]]:
    """Return for each day of the tenant's zone the sum of a metric of whole numbers, and its entries."""
    query = (
        select(_BUCKET.c.bucket_start, func.sum(_BUCKET.c.total), func.sum(_BUCKET.c.entries))
        .where(
            _BUCKET.c.tenant_id == ctx.tenant.id,
            _BUCKET.c.metric == metric,
            _BUCKET.c.bucket_start > LIFETIME,
            _BUCKET.c.bucket_start >= begins,
            _BUCKET.c.bucket_start < ends,
        )
        .group_by(_BUCKET.c.bucket_start)
    )
    found: dict[date, tuple[int, int]] = defaultdict(lambda: NOTHING)
    for start, total, entries in ctx.connection.execute(query):
        day = start.astimezone(ctx.tenant.zone).date()
        before, count = found[day]
        found[day] = (before + int(total), count + int(entries))
    return found
