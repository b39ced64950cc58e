"""Simulations as they are kept: asked for, done by a worker, and read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core import jobs
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, NotFound
from pitboss.core.jobs import JobState
from pitboss.core.texts import gettext as _
from pitboss.core.texts import of_each, spoken, told
from pitboss.rules.replay.asked import Asked
from pitboss.rules.replay.tables import ReportRow

TASK = "rules.run_simulation"

_REPORT = ReportRow.__table__


class ReportState(StrEnum):
    """How far a simulation is."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """A simulation that was asked for."""

    id: UUID
    rule: str
    version: int
    asked: Mapping[str, Any]
    state: str
    error: str | None
    result: Mapping[str, Any] | None
    job_id: UUID | None
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    progress_done: int = 0
    progress_total: int = 0


_STORED = [_REPORT.c[name] for name in Report.__slots__ if name in _REPORT.c]


def request(ctx: Context, asked: Asked) -> Report:
    """Have a worker do a simulation; return it as it stands, not done yet."""
    report_id = uuid7()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": report_id,
        "rule": asked.key,
        "version": asked.number,
        "asked": asked.as_json(),
        "state": ReportState.RUNNING,
        "job_id": ctx.enqueue(TASK, {"report_id": str(report_id)}),
        "asked_by": ctx.actor.label,
        "asked_at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_REPORT), row)
    return find(ctx, report_id)


def find(ctx: Context, report_id: UUID) -> Report:
    """Return a simulation with how far it is, or raise NotFound."""
    row = ctx.connection.execute(select(*_STORED).where(*_is(ctx, report_id))).first()
    if row is None:
        raise NotFound(_("no simulation %(report_id)s", report_id=report_id))
    found = _said(Report(*row))
    return found if found.job_id is None else _with_job(ctx, found)


def listed(
    ctx: Context, *, rule: str | None = None, before: UUID | None = None, limit: int | None = None
) -> list[Report]:
    """Return simulations, the newest first."""
    query = select(*_STORED).where(_REPORT.c.tenant_id == ctx.tenant.id)
    if rule is not None:
        query = query.where(_REPORT.c.rule == rule)
    if before is not None:
        query = query.where(_REPORT.c.id < before)
    rows = ctx.connection.execute(query.order_by(_REPORT.c.id.desc()).limit(limit))
    return [_said(Report(*row)) for row in rows]


def finish(
    ctx: Context,
    report_id: UUID,
    state: ReportState,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Write down what a simulation came to."""
    ctx.connection.execute(
        update(_REPORT)
        .where(*_is(ctx, report_id))
        .values(state=state, result=result, error=error, finished_at=ctx.clock.now())
    )


def stop(ctx: Context, report_id: UUID) -> Report:
    """Stop a simulation that is not done yet."""
    found = find(ctx, report_id)
    if found.state != ReportState.RUNNING or found.job_id is None:
        state = spoken(found.state).lower()
        raise Conflict(
            _("simulation %(id)s is %(state)s: there is nothing to stop", id=report_id, state=state)
        )
    jobs.cancel_job(ctx, found.job_id)
    finish(ctx, report_id, ReportState.STOPPED, error=f"stopped by {ctx.actor.label}")
    return find(ctx, report_id)


def said(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a report with its sentences in the language of this request."""
    flagged, projection = result["flagged"], result["projection"]
    listed = [{**one, "reasons": [told(reason) for reason in one["reasons"]]} for one in flagged["listed"]]
    return {
        **result,
        "notes": [told(note) for note in result["notes"]],
        "flagged": {**flagged, "listed": listed},
        "projection": projection and {**projection, "method": told(projection["method"])},
        "sample": [{**one, "explanation": of_each(one["explanation"])} for one in result["sample"]],
    }


def _said(found: Report) -> Report:
    return found if found.result is None else replace(found, result=said(found.result))


def _with_job(ctx: Context, found: Report) -> Report:
    """Add how far the job is; one that died takes its report along."""
    try:
        job = jobs.find_job(ctx, found.job_id)  # type: ignore[arg-type]  # it has one
    except NotFound:
        return found
    found = replace(found, progress_done=job.progress_done, progress_total=job.progress_total)
    if found.state == ReportState.RUNNING and job.state in (JobState.DEAD, JobState.CANCELLED):
        is_dead = job.state == JobState.DEAD
        return replace(found, state=ReportState.FAILED if is_dead else ReportState.STOPPED, error=job.error)
    return found


def _is(ctx: Context, report_id: UUID) -> tuple[Any, ...]:
    return _REPORT.c.tenant_id == ctx.tenant.id, _REPORT.c.id == report_id


def totals(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the few numbers of a report that a list shows."""
    return {
        "rows": found["rows"],
        "matches": found["matches"],
        "players": found["players"],
        "unit": found["unit"],
        "paid": found["cost"]["paid"],
        "flagged": found["flagged"]["players"],
    }
