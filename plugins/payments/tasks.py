"""The work of payments in the background: begun, sent, asked about, expired and reconciled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, deposits, happenings, ports, receiving, reports, withdrawals
from pitboss.plugins.payments.models import PaymentRow
from pitboss.plugins.payments.states import DEPOSIT, IN_FLIGHT, WITHDRAWAL

PIECE = 200
"""Payments that are asked about, or expire, in one transaction."""
POLL_DAYS = 60
"""How long a payment that is over is asked about, for chargebacks that nobody told of."""

_PAYMENT = PaymentRow.__table__


def start_deposit(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Begin a deposit whose request ended before its provider was asked."""
    deposits.start(ctx, UUID(payload["payment_id"]))


def send_withdrawal(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Hand an approved withdrawal over."""
    withdrawals.send(ctx, UUID(payload["payment_id"]))


def pay_out(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Ask a provider to pay a withdrawal, under the same key until it answers."""
    payment = book.find(ctx, UUID(payload["payment_id"]), for_update=True)
    if payment.state == "sent":
        answer = ports.provider_of(ctx, payment.provider).pay_out(ctx, deposits.asked_of(ctx, payment))
        receiving.answered(ctx, payment, answer)


def send_refund(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Ask a provider to send a refund that is booked."""
    deposits.send_refund(ctx, UUID(payload["payment_id"]), payload["reference"], payload["amount"])


def poll(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Ask each provider what became of its payments, for callbacks that were lost; return how many spoke."""
    total = 0
    for config in ports.providers(ctx):
        name = config["name"]
        provider = ports.provider_of(ctx, name)
        if provider.is_manual:
            continue
        for piece in _pieces(ctx, name):
            asked = [deposits.asked_of(ctx, payment) for payment in piece]
            news = [ports.check(ports.News, name, one) for one in provider.poll(ctx, asked)]
            total += receiving.take(ctx, name, news).count(receiving.APPLIED)
            if ctx.job is not None:
                ctx.job.checkpoint({"spoke": total})
    return total


def _pieces(ctx: Context, provider: str) -> Any:
    """Yield the payments that a provider may have news of, in bounded pieces."""
    since = ctx.clock.now() - timedelta(days=POLL_DAYS)
    after = UUID(int=0)
    while True:
        query = select(_PAYMENT).where(
            _PAYMENT.c.tenant_id == ctx.tenant.id,
            _PAYMENT.c.provider == provider,
            _PAYMENT.c.reference.is_not(None),
            _PAYMENT.c.created_at > since,
            _PAYMENT.c.state.in_((*IN_FLIGHT, "sent", "completed")),
            _PAYMENT.c.id > after,
        )
        rows = ctx.connection.execute(query.order_by(_PAYMENT.c.id).limit(PIECE)).all()
        if not rows:
            return
        after = rows[-1].id
        yield rows


def expire(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """End deposits whose money did not come in time; return how many."""
    total = 0
    while True:
        query = select(_PAYMENT.c.id).where(
            _PAYMENT.c.tenant_id == ctx.tenant.id,
            _PAYMENT.c.kind == DEPOSIT,
            _PAYMENT.c.state.in_(IN_FLIGHT),
            _PAYMENT.c.expires_at <= ctx.clock.now(),
        )
        ids = ctx.connection.scalars(query.order_by(_PAYMENT.c.id).limit(PIECE)).all()
        if not ids:
            return total
        total += sum(deposits.expire(ctx, id_) for id_ in ids)
        if ctx.job is not None:
            ctx.job.checkpoint({"expired": total})


def flag_stuck(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Ask a person to look at withdrawals that a provider has kept too long; return how many."""
    hours = ctx.settings(ports.NAME)["sent_hours_max"]
    query = select(_PAYMENT.c.id).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.kind == WITHDRAWAL,
        _PAYMENT.c.state == "sent",
        _PAYMENT.c.attention.is_(None),
        _PAYMENT.c.changed_at <= ctx.clock.now() - timedelta(hours=hours),
    )
    ids = ctx.connection.scalars(query.order_by(_PAYMENT.c.id).limit(PIECE)).all()
    for id_ in ids:
        payment = book.find(ctx, id_, for_update=True)
        why = marked(f"sent more than {hours} hours ago, and the provider does not say how it ended")
        happenings.ask_attention(ctx, payment, why)
    return len(ids)


def reconcile(ctx: Context, payload: Mapping[str, Any]) -> int:
    """Reconcile the day before with every provider that gives statements itself; return how many reports."""
    zone = ctx.tenant.zone
    today = datetime.fromisoformat(payload["period_start"]).astimezone(zone).date()
    until = datetime.combine(today, time.min, zone)
    since = datetime.combine(today - timedelta(days=1), time.min, zone)
    names = [config["name"] for config in ports.providers(ctx)]
    return sum(len(reports.of_provider(ctx, name, since=since, until=until)) for name in names)


TASKS = (
    Task(name=deposits.START, title="Begin a deposit again", run=start_deposit),
    Task(name=deposits.REFUND, title="Send a refund", run=send_refund),
    Task(name=withdrawals.SEND, title="Hand a withdrawal over", run=send_withdrawal),
    Task(name="payments.pay_out", title="Pay a withdrawal", run=pay_out),
    Task(name="payments.poll", title="Ask providers for news", run=poll, cron="*/5 * * * *"),
    Task(name="payments.expire", title="Expire deposits", run=expire, cron="*/10 * * * *"),
    Task(name="payments.flag_stuck", title="Flag pay-outs that stick", run=flag_stuck, cron="35 * * * *"),
    Task(
        name="payments.reconcile_yesterday",
        title="Reconcile yesterday",
        run=reconcile,
        cron="20 5 * * *",
        catches_up=True,
    ),
)
