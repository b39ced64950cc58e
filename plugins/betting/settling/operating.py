"""What operators do with runs: confirm a correction, let a held run go, stop one and go on with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict
from pitboss.plugins.betting.settling import answering, runs
from pitboss.plugins.betting.settling.reading import count_touched
from pitboss.plugins.betting.settling.runs import RUN, SETTLE

STATES = ("waiting", "running", "held", "stopped", "superseded", "done")


def listed(
    ctx: Context,
    *,
    fixture_id: UUID | None = None,
    state: str = "",
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return runs, the newest first."""
    query = select(RUN).where(RUN.c.tenant_id == ctx.tenant.id).order_by(RUN.c.id.desc()).limit(limit)
    if fixture_id is not None:
        query = query.where(RUN.c.fixture_id == fixture_id)
    if state:
        query = query.where(RUN.c.state == state)
    if before is not None:
        query = query.where(RUN.c.id < before)
    return list(ctx.connection.execute(query))


def waiting_counts(ctx: Context) -> dict[str, int]:
    """Return how many runs wait for a person, by state: corrections, and those that were held or stopped."""
    waits = or_(RUN.c.state.in_(("held", "stopped")), and_(RUN.c.state == "waiting", RUN.c.kind == "correct"))
    query = select(RUN.c.state, func.count()).where(RUN.c.tenant_id == ctx.tenant.id, waits)
    return {row[0]: row[1] for row in ctx.connection.execute(query.group_by(RUN.c.state))}


def confirm(ctx: Context, run_id: UUID, *, reason: str) -> Row[Any]:
    """Make a correction that waits the answer of its markets, and settle again what it touches."""
    run = _locked(ctx, run_id, "waiting")
    if run.kind != "correct":
        raise Conflict(f"run {run_id} is no correction: it begins by itself")
    _check_alone(ctx, run)
    result = runs.result_of(ctx, run.fixture_id, run.result_version)
    graded = answering.grade(ctx, run.fixture_id, result["outcome"])
    runs.write_answers(ctx, run, graded, result, is_correction=True)
    count = count_touched(ctx, run.fixture_id, run.market_id)
    return _go_on(ctx, run, "betting.confirm_correction", reason, by="confirmed_by", bet_count=count)


def release(ctx: Context, run_id: UUID, *, reason: str) -> Row[Any]:
    """Let a run go on that a guard has held; it is not asked again."""
    run = _locked(ctx, run_id, "held")
    return _go_on(ctx, run, "betting.release_run", reason, by="released_by", state="waiting")


def stop(ctx: Context, run_id: UUID, *, reason: str) -> Row[Any]:
    """Stop a run after the piece that it is at; what is settled stays so."""
    run = _locked(ctx, run_id, "running")
    runs.change(ctx, run_id, state="stopped")
    return _told(ctx, run, "betting.stop_run", reason)


def resume(ctx: Context, run_id: UUID, *, reason: str) -> Row[Any]:
    """Go on with a run that was stopped, or whose worker is gone, after the last bet that is done."""
    run = _locked(ctx, run_id, "stopped", "running")
    return _go_on(ctx, run, "betting.resume_run", reason, by="resumed_by")


def _go_on(
    ctx: Context,
    run: Row[Any],
    action: str,
    reason: str,
    *,
    by: str,
    state: str = "running",
    **values: Any,
) -> Row[Any]:
    detail = {**run.detail, by: ctx.actor.label, "reason": reason}
    runs.change(ctx, run.id, state=state, detail=detail, **values)
    ctx.enqueue(SETTLE, {"run_id": str(run.id)})
    return _told(ctx, run, action, reason)


def _locked(ctx: Context, run_id: UUID, *states: str) -> Row[Any]:
    run = runs.find(ctx, run_id, is_locked=True)
    if run.state not in states:
        raise Conflict(f"run {run_id} is {run.state}: this is for one that is {' or '.join(states)}")
    return run


def _check_alone(ctx: Context, run: Row[Any]) -> None:
    """Refuse while another run of the fixture is under way: both would change the same answers."""
    query = select(RUN.c.id).where(
        RUN.c.tenant_id == ctx.tenant.id,
        RUN.c.fixture_id == run.fixture_id,
        RUN.c.state.in_(("running", "held", "stopped")),
    )
    other = ctx.connection.scalar(query.limit(1))
    if other is not None:
        raise Conflict(f"run {other} of this fixture is not done: let it end first")


def _told(ctx: Context, run: Row[Any], action: str, reason: str) -> Row[Any]:
    after = runs.find(ctx, run.id)
    old, new = {"state": run.state}, {"state": after.state}
    audit.record(ctx, action, f"settlement_run:{run.id}", old=old, new=new, reason=reason)
    return after
