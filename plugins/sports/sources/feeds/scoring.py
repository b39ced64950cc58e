"""Judge a source by its record, and suspend what depends on one that proved bad."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select

from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.plugins.sports.live import watch
from pitboss.plugins.sports.sources.feeds import book
from pitboss.plugins.sports.sources.quality import Record, score
from pitboss.plugins.sports.sources.tables import SourceCallRow

CALLS_JUDGED = 100
"""The last ones; older sins are forgiven."""
RECOVERY = 10
"""So much above the limit a suspended source must be, so that it does not come and go."""
GOOD = ("ok", "unchanged")

_CALL = SourceCallRow.__table__


def judge(ctx: Context, row: Row[Any]) -> int:
    """Score a source anew, and suspend or resume it where the tenant's limit says so."""
    worth = score(record_of(ctx, row))
    limit = ctx.settings("sports")["sources"]["score_min"]
    if worth != row.score:
        book.put(ctx, row.key, score=worth)
    if not row.is_suspended and worth < limit:
        _suspend(ctx, row, worth, limit)
    elif row.is_suspended and worth >= min(limit + RECOVERY, 100 if limit else 0):
        _resume(ctx, row, worth)
    return worth


def record_of(ctx: Context, row: Row[Any]) -> Record:
    """Return what happened with a source lately."""
    last = (
        select(_CALL)
        .where(_CALL.c.tenant_id == ctx.tenant.id, _CALL.c.source == row.key, _CALL.c.outcome != "quota")
        .order_by(_CALL.c.id.desc())
        .limit(CALLS_JUDGED)
        .subquery()
    )
    sums = [func.coalesce(func.sum(last.c[name]), 0) for name in ("items", "problems", "corrections")]
    query = select(last.c.outcome, func.count(), *sums).group_by(last.c.outcome)
    found = ctx.connection.execute(query).all()
    heard = row.heard_at
    return Record(
        calls=sum(one[1] for one in found),
        failures=sum(one[1] for one in found if one[0] not in GOOD),
        items=sum(int(one[2]) for one in found),
        problems=sum(int(one[3]) for one in found),
        corrections=sum(int(one[4]) for one in found),
        seconds_since_heard=None if heard is None else int((ctx.clock.now() - heard).total_seconds()),
        period_seconds=row.poll_seconds,
    )


def _suspend(ctx: Context, row: Row[Any], worth: int, limit: int) -> None:
    book.put(ctx, row.key, is_suspended=True)
    cause = marked(f"score {worth} is below {limit}") + (f": {row.error}" if row.error else "")
    ctx.emit("sports.source_suspended", {"source": row.key, "kind": row.kind, "score": worth, "cause": cause})
    watch.stall_source(ctx, row.key)


def _resume(ctx: Context, row: Row[Any], worth: int) -> None:
    book.put(ctx, row.key, is_suspended=False)
    ctx.emit("sports.source_resumed", {"source": row.key, "kind": row.kind, "score": worth})
    watch.resume_source(ctx, row.key)
