"""Reports: figures of all plugins over a span of days, drawn, downloaded, saved and sent by plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from pitboss.core import reports as service
from pitboss.core.context import Context
from pitboss.core.contracts import ReportColumn
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.money import Money
from pitboss.core.pictures import Bars, bars, figure
from pitboss.core.reports import Span, Table
from pitboss.core.reports.tasks import written
from pitboss.core.retelling import retold
from pitboss.core.texts import day, grouped, marked, translated
from pitboss.core.texts import gettext as _
from pitboss.webapp.admin.shell import done, failed, page, pages, text_of

DAYS_SHOWN = 30
TYPES = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}
PLANS = (
    ("", marked("Only when I look")),
    ("0 7 * * *", marked("Every morning at 7:00")),
    ("0 7 * * 1", marked("Every Monday at 7:00")),
    ("0 7 1 * *", marked("On the first of each month at 7:00")),
)
"""The usual ones."""


@pages.get("/reports")
@requires()
def reports() -> Response:
    """List the reports that this operator may read, and those they saved."""
    ctx = current()
    return page(
        "reports",
        reports=service.reports_of(ctx),
        saved=service.list_saved(ctx, _owner(ctx)),
        plans=dict(PLANS),
    )


@pages.get("/reports/<name>")
@requires()
def report(name: str) -> Response:
    """Show a report over a span, or give it as a file."""
    ctx = current()
    problem = ""
    try:
        span = _span(ctx)
    except InvalidInput as error:
        span, problem = Span.before(_today(ctx) + timedelta(days=1), DAYS_SHOWN), retold(str(error))
    table = service.read(ctx, name, span)
    if request.args.get("format") in TYPES and not problem:
        return _file(written(ctx, table, request.args["format"]), _filename(table), request.args["format"])
    return page(
        "report",
        table=table,
        problem=problem,
        pictures=[_picture(ctx, table, column, values) for column, values in table.drawn()],
        plans=PLANS,
        saved_days=(span.last - span.first).days + 1,
    )


@pages.post("/reports/<name>/save")
@requires()
def save_report(name: str) -> Response:
    """Save a report over its last days."""
    ctx = current()
    try:
        saved_id = service.save(
            ctx,
            name=text_of("name"),
            report=name,
            days=_whole("days"),
            format=text_of("format"),
            cron=text_of("cron"),
            owner_id=_owner(ctx),
        )
    except InvalidInput as error:
        return failed(str(error), "admin.report", name=name)
    return done(_("The report is saved."), "admin.saved_report", saved_id=saved_id)


@pages.get("/reports/saved/<uuid:saved_id>")
@requires()
def saved_report(saved_id: UUID) -> Response:
    """Show a saved report and what was made of it."""
    ctx = current()
    saved = service.find_saved(ctx, saved_id, _owner(ctx))
    span = Span.before(_today(ctx), saved.days)
    return page(
        "saved_report",
        saved=saved,
        title=next((r.title for n, r in service.reports_of(ctx).items() if n == saved.report), saved.report),
        runs=service.list_runs(ctx, saved_id),
        plan=dict(PLANS).get(saved.cron, saved.cron),
        now=url_for("admin.report", name=saved.report, first=span.first, last=span.last),
    )


@pages.post("/reports/saved/<uuid:saved_id>/remove")
@requires()
def remove_report(saved_id: UUID) -> Response:
    """Remove a saved report."""
    return _removed(lambda: service.remove(current(), saved_id, _owner(current())))


@pages.get("/reports/runs/<uuid:run_id>")
@requires()
def report_run(run_id: UUID) -> Response:
    """Give a report that was made by plan."""
    run = service.find_run(current(), run_id)
    return _file(run.content, f"{run.report}-{run.first}-{run.last}.{run.format}", run.format)


def _picture(ctx: Context, table: Table, column: ReportColumn, values: list[float]) -> tuple[str, Bars]:
    """Draw a column; each bar is named by the first value of its row."""
    names = [_name(row[0]) for row in table.rows]
    write = partial(_amount, ctx) if column.type == "money" else figure
    titles = [f"{name}: {write(value)}" for name, value in zip(names, values, strict=True)]
    title = translated(column.title)
    ends = (names[0], names[-1]) if names else ()
    return title, bars(values, titles, title, ends=ends, shown=write)


def _name(value: object) -> str:
    return day(value) if isinstance(value, date) else str(value)


def _amount(ctx: Context, minor: float) -> str:
    unit = ctx.tenant.currency
    return f"{grouped(ctx.tenant.currencies.text(Money(round(minor), unit)))} {unit}"


def _removed(remove: Callable[[], None]) -> Response:
    try:
        remove()
    except PitbossError as error:
        return failed(str(error), "admin.reports")
    return done(_("The saved report is removed; what was made of it stays."), "admin.reports")


def _file(content: bytes, name: str, format: str) -> Response:
    answer = Response(content, content_type=TYPES[format])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _filename(table: Table) -> str:
    return f"{table.report.name}-{table.span.first}-{table.span.last}.{request.args['format']}"


def _span(ctx: Context) -> Span:
    """Return the span that the address asks for: the last days and today, if it asks for none."""
    usual = Span.before(_today(ctx) + timedelta(days=1), DAYS_SHOWN)
    return Span(_day("first", usual.first), _day("last", usual.last))


def _day(name: str, usual: date) -> date:
    text = request.args.get(name, "")
    if not text:
        return usual
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            _("%(name)s: %(text)s is no day: write it as 2026-12-31", name=name, text=repr(text))
        ) from None


def _whole(name: str) -> int:
    text = text_of(name)
    if not text.isdecimal():
        raise InvalidInput(_("%(name)s: %(text)s is no whole number", name=name, text=repr(text)))
    return int(text)


def _today(ctx: Context) -> date:
    return ctx.clock.now().astimezone(ctx.tenant.zone).date()


def _owner(ctx: Context) -> Any:
    return ctx.actor.id
