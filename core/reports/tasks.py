"""Make saved reports when they are due, tell their owners, and delete old ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select, update

from pitboss.core import notifications
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Task
from pitboss.core.jobs.schedules import next_fire
from pitboss.core.notifications.readers import operators_with
from pitboss.core.reports.book import RUN, SAVED
from pitboss.core.reports.reading import Span, Table, find_report, read_for
from pitboss.core.reports.writing import as_csv, as_pdf
from pitboss.core.texts import day

if TYPE_CHECKING:
    from pitboss.core.context import Context

MAKE = "core.make_report"
READY = "core.report_ready"
KEPT_DAYS = 400

log = structlog.get_logger(__name__)


def begin_due(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Ask for each report that is due: once for each time it is due, whoever looks."""
    now = ctx.clock.now()
    due = select(SAVED).where(SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.next_at <= now)
    for saved in ctx.connection.execute(due.order_by(SAVED.c.next_at)).all():
        at = saved.next_at.isoformat()
        ctx.enqueue(MAKE, {"saved_id": str(saved.id), "at": at}, key=f"report:{saved.id}:{at}")
        ctx.connection.execute(
            update(SAVED)
            .where(SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.id == saved.id)
            .values(next_at=next_fire(saved.cron, now, ctx.tenant.zone))
        )


def make(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Make one, and tell its owner; nothing when it was removed, or its owner may not read it any more."""
    mine = (SAVED.c.tenant_id == ctx.tenant.id, SAVED.c.id == UUID(str(payload["saved_id"])))
    saved = ctx.connection.execute(select(SAVED).where(*mine)).first()
    if saved is None:
        return
    report = find_report(ctx, saved.report)
    if saved.owner_id not in operators_with(ctx, report.permission):
        log.warning("report is not made: its owner may not read it", report=saved.report, saved=str(saved.id))
        return
    span = Span.before(ctx.clock.now().astimezone(ctx.tenant.zone).date(), saved.days)
    table = read_for(ctx, report, span)
    run_id = uuid7()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": run_id,
        "saved_id": saved.id,
        "report": saved.report,
        "first": span.first,
        "last": span.last,
        "format": saved.format,
        "content": written(ctx, table, saved.format),
        "made_at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(RUN), row)
    path = f"/admin/reports/runs/{run_id}"
    notifications.notify_operator(
        ctx,
        saved.owner_id,
        READY,
        lambda: {"name": saved.name, "first": day(span.first), "last": day(span.last), "path": path},
        key=f"report:{run_id}",
    )


def written(ctx: Context, table: Table, format: str) -> bytes:
    """Return a report as a file."""
    tenant = ctx.tenant
    if format == "pdf":
        return as_pdf(table, tenant.currencies, tenant.currency, brand=tenant.name)
    return as_csv(table, tenant.currencies, tenant.currency)


def purge(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Delete what was made long ago."""
    before = ctx.clock.now() - timedelta(days=KEPT_DAYS)
    ctx.connection.execute(delete(RUN).where(RUN.c.tenant_id == ctx.tenant.id, RUN.c.made_at < before))


TASKS = (
    Task(name="core.begin_reports", title="Begin reports that are due", run=begin_due, cron="*/5 * * * *"),
    Task(name=MAKE, title="Make a report", run=make),
    Task(name="core.purge_reports", title="Delete old reports", run=purge, cron="17 4 * * *"),
)
