"""Make, keep and find reconciliation reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select

from pitboss.core import audit, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, ports, reconciling
from pitboss.plugins.payments.models import PaymentRow, ReportLineRow, ReportRow, ReversalRow
from pitboss.plugins.payments.ports import Line
from pitboss.plugins.payments.reconciling import Ours
from pitboss.plugins.payments.states import DEPOSIT, IN_FLIGHT

PERIOD_DAYS_MAX = 100
PIECE = 1_000
"""Rows that one statement writes."""
_INSTANT = timedelta(microseconds=1)

_PAYMENT, _REVERSAL = PaymentRow.__table__, ReversalRow.__table__
_REPORT, _LINE = ReportRow.__table__, ReportLineRow.__table__


def make(
    ctx: Context,
    provider: str,
    lines: Sequence[Line],
    *,
    since: datetime,
    until: datetime,
    currency: str | None = None,
    source: str = "upload",
) -> Row[Any]:
    """Hold a statement of a period against our records and the ledger, and keep what was found."""
    ports.configured(ctx, provider)
    currency = currency or ctx.tenant.currency
    ctx.tenant.currencies.places(currency)
    if not since < until <= since + timedelta(days=PERIOD_DAYS_MAX):
        message = marked(f"a period is of up to {PERIOD_DAYS_MAX} days, and ends after it begins")
        raise InvalidInput(f"until: {message}", {"until": [message]})
    theirs = [line for line in lines if line.currency == currency]
    ours = [*_booked(ctx, provider, currency, since, until), *_open(ctx, provider, currency)]
    late_after = timedelta(hours=ctx.settings(ports.NAME)["late_hours"])
    rows = reconciling.compare(ours, theirs, until=until, late_after=late_after)
    counts = reconciling.counts(rows)
    totals = reconciling.totals(ours, theirs, _clearing(ctx, provider, currency, since, until))
    report_id = uuid7()
    report = {
        "tenant_id": ctx.tenant.id,
        "id": report_id,
        "provider": provider,
        "currency": currency,
        "since": since,
        "until": until,
        "source": source,
        "counts": counts,
        "totals": totals,
        "is_clean": reconciling.is_clean(counts, totals),
        "made_by": ctx.actor.label,
        "made_at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_REPORT), report)
    _write_lines(ctx, report_id, rows)
    if source == "upload":
        audit.record(ctx, "payments.reconciled", f"payments_report:{report_id}", new={"counts": counts})
    return find(ctx, report_id)


def of_provider(ctx: Context, name: str, *, since: datetime, until: datetime) -> list[Row[Any]]:
    """Reconcile with what a provider itself says, where it can: one report for each of its currencies."""
    said = ports.provider_of(ctx, name).statement(ctx, name, since, until)
    if said is None:
        return []
    lines = [ports.check(Line, name, one) for one in said]
    currencies = ports.configured(ctx, name)["currencies"] or [ctx.tenant.currency]
    return [
        make(ctx, name, lines, since=since, until=until, currency=currency, source="provider")
        for currency in currencies
    ]


def find(ctx: Context, report_id: UUID) -> Row[Any]:
    """Return a report, or raise NotFound."""
    query = select(_REPORT).where(_REPORT.c.tenant_id == ctx.tenant.id, _REPORT.c.id == report_id)
    found = ctx.connection.execute(query).first()
    if found is None:
        raise NotFound(f"no reconciliation {report_id}")
    return found


def listed(ctx: Context, *, before: UUID | None = None, limit: int) -> Sequence[Row[Any]]:
    """Return reports, the newest first."""
    query = select(_REPORT).where(_REPORT.c.tenant_id == ctx.tenant.id)
    if before is not None:
        query = query.where(_REPORT.c.id < before)
    return ctx.connection.execute(query.order_by(_REPORT.c.id.desc()).limit(limit)).all()


def lines_of(
    ctx: Context, report_id: UUID, *, status: str | None = None, after: int = -1, limit: int
) -> Sequence[Row[Any]]:
    """Return rows of a report, what does not match first."""
    query = select(_LINE).where(
        _LINE.c.tenant_id == ctx.tenant.id, _LINE.c.report_id == report_id, _LINE.c.line > after
    )
    if status:
        query = query.where(_LINE.c.status == status)
    return ctx.connection.execute(query.order_by(_LINE.c.line).limit(limit)).all()


def _write_lines(ctx: Context, report_id: UUID, rows: Sequence[reconciling.Compared]) -> None:
    made = [
        {
            "tenant_id": ctx.tenant.id,
            "report_id": report_id,
            "line": number,
            "status": row.status,
            "kind": row.kind,
            "reference": row.reference,
            "payment_id": row.payment_id,
            "ours": row.ours,
            "theirs": row.theirs,
            "cure": row.cure,
        }
        for number, row in enumerate(rows)
    ]
    for start in range(0, len(made), PIECE):
        ctx.connection.execute(insert(_LINE), made[start : start + PIECE])


def _booked(ctx: Context, provider: str, currency: str, since: datetime, until: datetime) -> Iterator[Ours]:
    """Yield what we booked in a period: payments that were completed, and what took them back."""
    query = select(_PAYMENT).where(
        *_of(ctx, provider, currency), _PAYMENT.c.completed_at >= since, _PAYMENT.c.completed_at < until
    )
    for row in ctx.connection.execute(query):
        name = row.reference or str(row.id)
        yield Ours(reference=name, kind=row.kind, amount=row.settled, payment_id=row.id, at=row.completed_at)
    joined = (_REVERSAL.c.tenant_id == _PAYMENT.c.tenant_id) & (_REVERSAL.c.payment_id == _PAYMENT.c.id)
    taken = (
        select(_REVERSAL)
        .join(_PAYMENT, joined)
        .where(*_of(ctx, provider, currency), _REVERSAL.c.posted_at >= since, _REVERSAL.c.posted_at < until)
    )
    for row in ctx.connection.execute(taken):
        yield Ours(
            reference=row.reference,
            kind=row.kind,
            amount=row.amount,
            payment_id=row.payment_id,
            at=row.posted_at,
        )


def _open(ctx: Context, provider: str, currency: str) -> Iterator[Ours]:
    """Yield what the provider may have settled already, and we have not."""
    waiting = (*IN_FLIGHT, "sent", "failed", "expired")
    query = select(_PAYMENT).where(
        *_of(ctx, provider, currency), _PAYMENT.c.state.in_(waiting), _PAYMENT.c.reference.is_not(None)
    )
    for row in ctx.connection.execute(query):
        net = row.amount if row.kind == DEPOSIT else row.amount - row.fee
        yield Ours(
            reference=row.reference, kind=row.kind, amount=net, payment_id=row.id, at=None, state=row.state
        )


def _of(ctx: Context, provider: str, currency: str) -> tuple[Any, ...]:
    return (
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.provider == provider,
        _PAYMENT.c.currency == currency,
    )


def _clearing(ctx: Context, provider: str, currency: str, since: datetime, until: datetime) -> int:
    """Return what the clearing account moved in a period."""
    account = book.clearing_of(provider, currency)
    # The balance at an instant holds that instant, and a period does not hold its end.
    at_end = ledger.balance_at(ctx.connection, account, until - _INSTANT)
    return at_end - ledger.balance_at(ctx.connection, account, since - _INSTANT)
