"""Drop the buckets that no window reaches any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from pitboss.core.contracts import Task, Variable, Window
from pitboss.core.facts.tables import LIFETIME, FactBucket
from pitboss.core.facts.windows import window_start

if TYPE_CHECKING:
    from pitboss.core.context import Context

KEPT_DAYS_MIN = 35
"""Buckets live at least this long, so that a new window of up to a month starts with its history."""

_BUCKET = FactBucket.__table__


def prune(ctx: Context, payload: Mapping[str, Any] | None = None) -> int:  # noqa: ARG001 - a task's signature
    """Delete buckets older than the longest declared window of their metric; return how many.

    Windows of plugins that the tenant has switched off count too: it may switch them on again. A
    metric that no installed plugin declares is left alone, for the same reason.
    """
    now, zone = ctx.clock.now(), ctx.tenant.zone
    oldest: dict[str, datetime] = {}
    for window in _windows(ctx):
        start = now - timedelta(days=KEPT_DAYS_MIN)
        if window.unit != "lifetime":
            start = min(start, window_start(window, now, zone))
        oldest[window.metric] = min(start, oldest.get(window.metric, start))
    return sum(_drop(ctx, metric, start) for metric, start in sorted(oldest.items()))


def _windows(ctx: Context) -> list[Window]:
    terms = (owned.item for owned in ctx.kernel.registry.all("register_terms"))
    return [term.window for term in terms if isinstance(term, Variable) and term.window is not None]


def _drop(ctx: Context, metric: str, before: datetime) -> int:
    return ctx.connection.execute(
        delete(_BUCKET).where(
            _BUCKET.c.tenant_id == ctx.tenant.id,
            _BUCKET.c.metric == metric,
            _BUCKET.c.bucket_start < before,
            _BUCKET.c.bucket_start > LIFETIME,
        )
    ).rowcount


TASKS = (
    Task(name="core.prune_facts", title="Drop old buckets of windowed facts", run=prune, cron="17 4 * * *"),
)
