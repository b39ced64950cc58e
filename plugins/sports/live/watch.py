"""Watching live feeds: one that falls silent, leaves a gap or lags is stalled, and told of at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.sports.fixtures.states import LIVE
from pitboss.plugins.sports.fixtures.tables import FixtureRow
from pitboss.plugins.sports.live.freshness import (
    QUALITY,
    Heard,
    Patience,
    cause_of_stall,
    doubted_at,
    patience_of,
)
from pitboss.plugins.sports.live.tables import LiveRow

CHECKED_MAX = 5_000
"""Live fixtures of a tenant that one check looks at."""
UPDATES_KEPT_DAYS = 90
PIECE = 5_000

_LIVE, _FIXTURE = LiveRow.__table__, FixtureRow.__table__


def begin(ctx: Context, row: Row[Any]) -> None:
    """Look again when this feed would be stalled."""
    wait = doubted_at(heard_of(row), patience(ctx)) - ctx.clock.now()
    payload = {"fixture_id": str(row.fixture_id)}
    ctx.enqueue("sports.watch_live", payload, delay_seconds=max(0.0, wait.total_seconds()))


def judge(ctx: Context, before: Row[Any], after: Row[Any]) -> None:
    """Judge a feed that was just heard: stalled, resumed, or as it was."""
    cause = cause_of_stall(heard_of(after), patience(ctx), ctx.clock.now())
    if cause and not after.is_stalled:
        stall(ctx, after, cause)
    elif not cause and after.is_stalled and after.stalled_cause != QUALITY:
        resume(ctx, after)
    elif before.gap_since is None and after.gap_since is not None:
        # The watch that runs was set for silence, which would come later.
        begin(ctx, after)


def stall(ctx: Context, row: Row[Any], cause: str) -> None:
    """No longer believe a feed, and tell the world."""
    if row.is_stalled:
        return
    _mark(ctx, row.fixture_id, is_stalled=True, stalled_cause=cause)
    told = {"fixture_id": row.fixture_id, "source": row.source, "cause": cause}
    ctx.emit("sports.feed_stalled", {**told, "sequence": row.sequence, "heard_at": row.heard_at})


def resume(ctx: Context, row: Row[Any]) -> None:
    """Believe a feed again, tell the world, and go on watching."""
    if not row.is_stalled:
        return
    _mark(ctx, row.fixture_id, is_stalled=False, stalled_cause="")
    told = {"fixture_id": row.fixture_id, "source": row.source, "cause": row.stalled_cause}
    ctx.emit("sports.feed_resumed", {**told, "sequence": row.sequence})
    begin(ctx, row)


def stall_source(ctx: Context, source: str, cause: str = QUALITY) -> int:
    """No longer believe anything that a source feeds; return how many fixtures that concerns."""
    rows = [row for row in _watched(ctx) if row.source == source and not row.is_stalled]
    for row in rows:
        stall(ctx, row, cause)
    return len(rows)


def resume_source(ctx: Context, source: str, cause: str = QUALITY) -> int:
    """Believe a source again in what was stalled for that cause and is fresh; return how many."""
    now, waits = ctx.clock.now(), patience(ctx)
    rows = [
        row
        for row in _watched(ctx)
        if row.source == source
        and row.stalled_cause == cause
        and not cause_of_stall(heard_of(row), waits, now)
    ]
    for row in rows:
        resume(ctx, row)
    return len(rows)


def check(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Stall every feed that is not believed any more; return how many."""
    now, waits, total = ctx.clock.now(), patience(ctx), 0
    for row in _watched(ctx):
        cause = cause_of_stall(heard_of(row), waits, now)
        if cause and not row.is_stalled:
            stall(ctx, row, cause)
            total += 1
    return total


def watch_one(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Stall one feed if its time has come, or look again when it may have."""
    row = next((one for one in _watched(ctx, UUID(payload["fixture_id"]))), None)
    if row is None or row.is_stalled:
        return
    cause = cause_of_stall(heard_of(row), patience(ctx), ctx.clock.now())
    if cause:
        stall(ctx, row, cause)
    else:
        begin(ctx, row)


def forget_updates(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Delete updates that nobody asks for any more."""
    # Here, because the book of live fixtures is built on this module.
    from pitboss.plugins.sports.live import book

    before, total = ctx.clock.now() - timedelta(days=UPDATES_KEPT_DAYS), 0
    while count := book.forget(ctx, before=before, limit=PIECE):
        total += count
        if ctx.job is not None:
            ctx.job.checkpoint({"forgotten": total})
    return total


def heard_of(row: Row[Any]) -> Heard:
    """Return what a row says of when its feed was heard."""
    return Heard(row.heard_at, row.happened_at, row.updated_at, row.gap_since)


def patience(ctx: Context) -> Patience:
    """Return how long the tenant waits."""
    return patience_of(ctx.settings("sports")["live"])


def _watched(ctx: Context, fixture_id: UUID | None = None) -> list[Row[Any]]:
    """Return what is live, locked in one order."""
    query = (
        select(_LIVE)
        .join(_FIXTURE, (_FIXTURE.c.tenant_id == _LIVE.c.tenant_id) & (_FIXTURE.c.id == _LIVE.c.fixture_id))
        .where(_LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.is_over.is_(False), _FIXTURE.c.status.in_(LIVE))
    )
    if fixture_id is not None:
        query = query.where(_LIVE.c.fixture_id == fixture_id)
    ordered = query.order_by(_LIVE.c.fixture_id).limit(CHECKED_MAX)
    return list(ctx.connection.execute(ordered.with_for_update(of=_LIVE)))


def _mark(ctx: Context, fixture_id: UUID, **values: Any) -> None:
    changed = update(_LIVE).where(_LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.fixture_id == fixture_id)
    ctx.connection.execute(changed.values(**values))


TASKS: tuple[Task, ...] = (
    Task(name="sports.watch_live", title="Watch a live feed", run=watch_one),
    Task(name="sports.check_live", title="Look for stalled feeds", run=check, cron="* * * * *"),
    Task(
        name="sports.forget_live_updates",
        title="Delete old live updates",
        run=forget_updates,
        cron="20 4 * * *",
    ),
)
