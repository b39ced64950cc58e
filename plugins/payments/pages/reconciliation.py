"""Reconciliation: reports, and where a statement is uploaded."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.errors import InvalidInput
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.plugins.payments import ports, reports, statements
from pitboss.plugins.payments.pages.shared import PAGE_ROWS, blueprint, id_of, needed, render, text_of, tried
from pitboss.plugins.payments.reconciling import STATUSES

LINES_SHOWN = 500
"""Rows of a report on one page; the filter by status reaches the others."""


@blueprint.get("/reconciliation")
@requires("payments.reconcile")
def reconciliation() -> str:
    """Show the reports, and where a statement is uploaded."""
    ctx = current()
    today = ctx.clock.now().astimezone(ctx.tenant.zone).date()
    found = reports.listed(ctx, before=id_of("cursor"), limit=PAGE_ROWS + 1)
    return render(
        "reconciliation",
        reports=found[:PAGE_ROWS],
        following=found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None,
        providers=ports.providers(ctx),
        since=today - timedelta(days=1),
        until=today,
        columns=statements.COLUMNS,
    )


@blueprint.post("/reconciliation")
@requires("payments.reconcile")
def upload() -> Response:
    """Reconcile with an uploaded statement, or with what the provider says itself."""
    return tried(_reconciled, "payments_admin.reconciliation")


def _reconciled(ctx: Any) -> str:
    provider, since, until = needed("provider"), _day(ctx, "since"), _day(ctx, "until")
    text = _uploaded() or text_of("statement")
    if text:
        lines = statements.read(text, ctx.tenant.currencies)
        made = [reports.make(ctx, provider, lines, since=since, until=until)]
    else:
        made = reports.of_provider(ctx, provider, since=since, until=until)
    if not made:
        raise InvalidInput(_("%(provider)s gives no statement itself: upload one", provider=provider))
    is_clean = all(report.is_clean for report in made)
    return _("Everything matches.") if is_clean else _("Some rows do not match: each says what to do.")


def _uploaded() -> str:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return ""
    try:
        text: str = sent.read(statements.TEXT_BYTES_MAX + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(_("the file is not text in UTF-8: export it as CSV")) from None
    return text


@blueprint.get("/reconciliation/<uuid:report_id>")
@requires("payments.reconcile")
def report(report_id: UUID) -> str:
    """Show a report with its rows."""
    ctx = current()
    found = reports.find(ctx, report_id)
    status = request.args.get("status", "")
    lines = reports.lines_of(ctx, report_id, status=status if status in STATUSES else None, limit=LINES_SHOWN)
    return render("report", report=found, lines=lines, status=status, statuses=STATUSES)


def _day(ctx: Any, name: str) -> datetime:
    try:
        day = datetime.fromisoformat(needed(name)).date()
    except ValueError:
        raise InvalidInput(_("%(name)s: give a date such as 2026-12-01", name=name)) from None
    return datetime.combine(day, time.min, ctx.tenant.zone)
