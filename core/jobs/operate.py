"""What operators do with jobs: look, count, cancel, replay, purge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, update

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.jobs.tables import JobRow, JobState
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

PAGE_MAX = 200
REPLAY_MAX = 10_000
"""Dead letters that one replay wakes; more are woken by asking again."""
RETENTION_DAYS = 14
"""Finished jobs are kept for this long; dead ones until an operator deals with them."""
PURGE_BATCH = 1_000
OLDEST_READY_SECONDS_MAX = 300
"""A job that waits longer than this says that no worker does its queue."""

_JOB = JobRow.__table__
_REPLAYABLE = (JobState.DEAD, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as operators see it."""

    id: UUID
    queue: str
    name: str
    key: str | None
    state: str
    payload: Mapping[str, Any]
    event_id: UUID | None
    attempts: int
    attempts_max: int
    takes: int
    error: str | None
    progress_done: int
    progress_total: int
    is_cancel_requested: bool
    requested_by: str
    run_at: datetime
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, newest first, and where the next page starts."""

    jobs: Sequence[JobView]
    next: UUID | None


_COLUMNS = [_JOB.c[name] for name in JobView.__dataclass_fields__]


def list_jobs(
    ctx: Context,
    *,
    state: str | None = None,
    queue: str | None = None,
    name: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> JobPage:
    """Return a page of the tenant's jobs, newest first."""
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidInput(f"limit: {limit} is not between 1 and {PAGE_MAX}")
    conditions = [_JOB.c.tenant_id == ctx.tenant.id]
    if state is not None:
        conditions.append(_JOB.c.state == _known_state(state))
    if queue is not None:
        conditions.append(_JOB.c.queue == queue)
    if name is not None:
        conditions.append(_JOB.c.name == name)
    if after is not None:
        conditions.append(_JOB.c.id < after)
    query = select(*_COLUMNS).where(*conditions).order_by(_JOB.c.id.desc()).limit(limit + 1)
    jobs = [_view(row) for row in ctx.connection.execute(query)]
    return JobPage(jobs[:limit], jobs[limit - 1].id if len(jobs) > limit else None)


def find_job(ctx: Context, job_id: UUID) -> JobView:
    """Return one job of the tenant."""
    row = ctx.connection.execute(select(*_COLUMNS).where(*_is(ctx, job_id))).first()
    if row is None:
        raise NotFound(f"no job {job_id}")
    return _view(row)


def cancel_job(ctx: Context, job_id: UUID) -> JobView:
    """Cancel a job: a waiting one at once, a running one when it looks up next."""
    job = find_job(ctx, job_id)
    waiting = update(_JOB).where(*_is(ctx, job_id), _JOB.c.state == JobState.READY)
    values = {"state": JobState.CANCELLED, "finished_at": ctx.clock.now()}
    is_done = ctx.connection.execute(
        waiting.values(error=f"cancelled by {ctx.actor.label}", **values)
    ).rowcount
    if not is_done:
        running = update(_JOB).where(*_is(ctx, job_id), _JOB.c.state == JobState.LEASED)
        is_done = ctx.connection.execute(running.values(is_cancel_requested=True)).rowcount
    if not is_done:
        raise Conflict(f"job {job_id} is {job.state}: only a ready or running job can be cancelled")
    audit.record(ctx, "core.job_cancel", f"job:{job_id}", old={"state": job.state, "name": job.name})
    return find_job(ctx, job_id)


def replay_job(ctx: Context, job_id: UUID) -> JobView:
    """Give a dead or cancelled job a new life, with all its attempts."""
    job = find_job(ctx, job_id)
    if not _revive(ctx, and_(*_is(ctx, job_id))):
        raise Conflict(f"job {job_id} is {job.state}: only a dead or cancelled job can be replayed")
    old = {"state": job.state, "name": job.name, "error": job.error}
    audit.record(ctx, "core.job_replay", f"job:{job_id}", old=old)
    return find_job(ctx, job_id)


def replay_dead(ctx: Context, name: str) -> int:
    """Replay the dead jobs of a name, oldest first; return how many."""
    oldest = (
        select(_JOB.c.id)
        .where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.state == JobState.DEAD, _JOB.c.name == name)
        .order_by(_JOB.c.id)
        .limit(REPLAY_MAX)
    )
    count = _revive(ctx, _JOB.c.id.in_(oldest))
    if count:
        audit.record(ctx, "core.jobs_replay", f"jobs:{name}", new={"count": count})
    return count


def purge_jobs(ctx: Context, payload: Mapping[str, Any] | None = None) -> int:  # noqa: ARG001 - a task's signature
    """Delete jobs that were done or cancelled long ago, in small pieces; return how many."""
    before = ctx.clock.now() - timedelta(days=RETENTION_DAYS)
    count = 0
    while deleted := _purge_some(ctx, before):
        count += deleted
        if ctx.job is not None:
            ctx.job.checkpoint({"deleted": count})
    return count


def job_counts(ctx: Context) -> dict[tuple[str, str], int]:
    """Return how many jobs the tenant has in each queue and state."""
    query = (
        select(_JOB.c.queue, _JOB.c.state, func.count())
        .where(_JOB.c.tenant_id == ctx.tenant.id)
        .group_by(_JOB.c.queue, _JOB.c.state)
    )
    return {(queue, state): count for queue, state, count in ctx.connection.execute(query)}


def all_job_counts(kernel: Kernel) -> dict[tuple[str, str], int]:
    """Return how many jobs there are in each queue and state, over all tenants: for metrics."""
    query = select(_JOB.c.queue, _JOB.c.state, func.count()).group_by(_JOB.c.queue, _JOB.c.state)
    with kernel.database.system(read_only=True) as connection:
        return {(queue, state): count for queue, state, count in connection.execute(query)}


def oldest_ready_seconds(kernel: Kernel) -> dict[str, float]:
    """Return for each queue how long its oldest due job has been waiting."""
    now = kernel.clock.now()
    query = (
        select(_JOB.c.queue, func.min(_JOB.c.run_at))
        .where(_JOB.c.state == JobState.READY, _JOB.c.run_at <= now)
        .group_by(_JOB.c.queue)
    )
    with kernel.database.system(read_only=True) as connection:
        return {queue: (now - oldest).total_seconds() for queue, oldest in connection.execute(query)}


def check_queues(kernel: Kernel) -> str | None:
    """Say which queue nobody seems to work on."""
    for queue, seconds in sorted(oldest_ready_seconds(kernel).items()):
        if seconds > OLDEST_READY_SECONDS_MAX:
            return marked(
                f"queue {queue!r}: its oldest job has waited {seconds:.0f} s: is a worker running, "
                "and does it have the plugin?"
            )
    return None


def _is(ctx: Context, job_id: UUID) -> Sequence[ColumnElement[bool]]:
    return (_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.id == job_id)


def _view(row: Row[Any]) -> JobView:
    return JobView(**row._mapping)


def _known_state(state: str) -> str:
    if state not in list(JobState):
        raise InvalidInput(f"state: unknown {state!r}; {nearest(state, [known.value for known in JobState])}")
    return state


def _revive(ctx: Context, condition: ColumnElement[bool]) -> int:
    fresh = {"attempts": 0, "takes": 0, "error": None, "finished_at": None, "is_cancel_requested": False}
    return ctx.connection.execute(
        update(_JOB)
        .where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.state.in_(_REPLAYABLE), condition)
        .values(state=JobState.READY, run_at=ctx.clock.now(), handed_until=None, **fresh)
    ).rowcount


def _purge_some(ctx: Context, before: datetime) -> int:
    old = (
        select(_JOB.c.id)
        .where(
            _JOB.c.tenant_id == ctx.tenant.id,
            _JOB.c.state.in_((JobState.DONE, JobState.CANCELLED)),
            _JOB.c.finished_at < before,
        )
        .limit(PURGE_BATCH)
    )
    return ctx.connection.execute(
        delete(_JOB).where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.id.in_(old))
    ).rowcount
