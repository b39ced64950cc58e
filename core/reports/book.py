"""Saved reports and their runs: written, found, removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cronsim import CronSim, CronSimError
from sqlalchemy import delete, insert, select

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import Forbidden, InvalidInput, NotFound
from pitboss.core.jobs.schedules import next_fire
from pitboss.core.notifications.readers import operators_with
from pitboss.core.reports.reading import SPAN_DAYS_MAX, find_report
from pitboss.core.reports.tables import NAME_LENGTH_MAX, ReportRun, SavedReport
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

FORMATS = ("csv", "pdf")
SAVED_MAX = 100
"""Of one operator."""

SAVED, RUN = SavedReport.__table__, ReportRun.__table__
_SHOWN = [column for column in RUN.c if column.name != "content"]


def save(
    ctx: Context, *, name: str, report: str, days: int, format: str, cron: str = "", owner_id: UUID
) -> UUID:
    """Save a report over the last days, made by plan where a cron line says when; return its id."""
    if not ctx.actor.may(find_report(ctx, report).permission):
        raise Forbidden(f"you may not read {report}, so it cannot be saved")
    _check(name, days, format, cron)
    if len(list_saved(ctx, owner_id)) >= SAVED_MAX:
        raise InvalidInput(f"you have saved {SAVED_MAX} reports: remove one that is not needed any more")
    if cron and owner_id not in operators_with(ctx, find_report(ctx, report).permission):
        raise InvalidInput(
            "cron: reports by plan go to operators of this tenant, and you are none: download it instead",
            {"cron": ["You are no operator of this tenant."]},
        )
    saved_id = uuid7()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": saved_id,
        "name": name,
        "report": report,
        "days": days,
        "format": format,
        "cron": cron,
        "next_at": next_fire(cron, ctx.clock.now(), ctx.tenant.zone) if cron else None,
        "owner_id": owner_id,
        "made_at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(SAVED), row)
    said = {key: row[key] for key in ("name", "report", "days", "format", "cron")}
    audit.record(ctx, "core.save_report", f"report:{saved_id}", new=said)
    return saved_id


def list_saved(ctx: Context, owner_id: UUID) -> Sequence[Any]:
    """Return an operator's saved reports, by name."""
    query = select(SAVED).where(SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.owner_id == owner_id)
    return ctx.connection.execute(query.order_by(SAVED.c.name, SAVED.c.id)).all()


def find_saved(ctx: Context, saved_id: UUID, owner_id: UUID) -> Any:
    """Return one of an operator's saved reports."""
    query = select(SAVED).where(
        SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.id == saved_id, SAVED.c.owner_id == owner_id
    )
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no saved report {saved_id}")
    return row


def remove(ctx: Context, saved_id: UUID, owner_id: UUID) -> None:
    """Remove a saved report; what was made of it stays until it is old."""
    saved = find_saved(ctx, saved_id, owner_id)
    ctx.connection.execute(delete(SAVED).where(SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.id == saved_id))
    audit.record(ctx, "core.remove_report", f"report:{saved_id}", old={"name": saved.name})


def list_runs(ctx: Context, saved_id: UUID, limit: int = 50) -> Sequence[Any]:
    """Return what was made of a saved report, the newest first, without the files."""
    query = select(*_SHOWN).where(RUN.c.tenant_id == ctx.tenant.id, RUN.c.saved_id == saved_id)
    return ctx.connection.execute(query.order_by(RUN.c.id.desc()).limit(limit)).all()


def find_run(ctx: Context, run_id: UUID) -> Any:
    """Return one that was made, with its file, to who may read the report."""
    query = select(RUN).where(RUN.c.tenant_id == ctx.tenant.id, RUN.c.id == run_id)
    row = ctx.connection.execute(query).first()
    if row is None or not ctx.actor.may(find_report(ctx, row.report).permission):
        raise NotFound(f"no report {run_id}")
    return row


def _check(name: str, days: int, format: str, cron: str) -> None:
    problems: dict[str, list[str]] = {}
    if not 1 <= len(name) <= NAME_LENGTH_MAX:
        problems["name"] = [marked(f"Give it a name of up to {NAME_LENGTH_MAX} characters.")]
    if not 1 <= days <= SPAN_DAYS_MAX:
        problems["days"] = [marked(f"{days} days: give 1 to {SPAN_DAYS_MAX}.")]
    if format not in FORMATS:
        problems["format"] = [marked(f"{format!r} is no format: choose {' or '.join(FORMATS)}.")]
    if cron and not _is_cron(cron):
        problems["cron"] = [marked(f"{cron!r} is no cron line: '0 7 * * 1' is each Monday at 7.")]
    if problems:
        field, (message, *_) = next(iter(problems.items()))
        raise InvalidInput(f"{field}: {message}", problems)


def _is_cron(line: str) -> bool:
    try:
        CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True
