"""What providers say, applied to payments: each news once, in any order, however late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, PluginError
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, happenings, logbook, paying, ports, settling
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.models import CallbackRow
from pitboss.plugins.payments.ports import News
from pitboss.plugins.payments.states import DEPOSIT, contradicts, may_follow

REVERSALS = ("refunded", "charged_back", "reinstated")
APPLIED, LATE, UNMATCHED, ATTENTION = "applied", "late", "unmatched", "attention"

_CALLBACK = CallbackRow.__table__


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the news of a callback."""

    outcomes: tuple[str, ...]

    def count(self, outcome: str) -> int:
        """Return how many of the news came to that."""
        return self.outcomes.count(outcome)


def callback(ctx: Context, provider: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Take what a provider tells of by itself, once the provider has checked the signature."""
    said = ports.provider_of(ctx, provider).read_callback(ctx, headers, body)
    if len(said) > ports.CALLBACK_NEWS_MAX:
        raise InvalidInput(f"a callback is of at most {ports.CALLBACK_NEWS_MAX} news, not {len(said)}")
    return take(ctx, provider, [ports.check(News, provider, one) for one in said])


def take(ctx: Context, provider: str, said: Sequence[News]) -> Received:
    """Apply news, each once by its id."""
    return Received(tuple(_take_one(ctx, provider, news) for news in said))


def _take_one(ctx: Context, provider: str, news: News) -> str:
    if not news.id:
        raise PluginError(f"provider {provider!r} told of {news.kind!r} without an id: it could count twice")
    if not _is_new(ctx, provider, news):
        return LATE
    payment_id = news.payment_id
    if payment_id is None and news.reference is not None:
        payment_id = book.find_named(ctx, provider, news.reference)
    try:
        if payment_id is None:
            return UNMATCHED
        payment = book.find(ctx, payment_id, for_update=True)
    except NotFound:
        return UNMATCHED
    if payment.provider != provider:
        # One provider cannot speak for the payments of another.
        return UNMATCHED
    outcome = apply(ctx, payment, news)
    same = (_CALLBACK.c.tenant_id == ctx.tenant.id) & (_CALLBACK.c.provider == provider)
    known = update(_CALLBACK).where(same, _CALLBACK.c.event_id == news.id)
    ctx.connection.execute(known.values(outcome=outcome, payment_id=payment.id))
    return outcome


def _is_new(ctx: Context, provider: str, news: News) -> bool:
    row = {
        "tenant_id": ctx.tenant.id,
        "provider": provider,
        "event_id": news.id,
        "kind": news.kind,
        "payment_id": None,
        "reference": news.reference,
        "news": msgspec.to_builtins(msgspec.structs.replace(news, reason=news.said(), action=None)),
        "outcome": UNMATCHED,
        "received_at": ctx.clock.now(),
    }
    is_sqlite = ctx.connection.dialect.name == "sqlite"
    statement = (sqlite_insert if is_sqlite else postgres_insert)(_CALLBACK).on_conflict_do_nothing()
    written = ctx.connection.scalar(statement.returning(_CALLBACK.c.event_id), row)
    return written is not None


def answered(ctx: Context, payment: Payment, answer: Any) -> Payment:
    """Apply what a provider answered to what it was asked, then what it said before we knew its name."""
    news = ports.check(News, payment.provider, answer)
    apply(ctx, payment, news)
    payment = book.find(ctx, payment.id, for_update=True)
    if payment.reference is not None:
        _apply_waiting(ctx, payment, payment.reference)
    return book.find(ctx, payment.id)


def _apply_waiting(ctx: Context, payment: Payment, reference: str) -> None:
    """Apply callbacks that were faster than the answer, in the order in which they came."""
    waiting = (
        select(_CALLBACK)
        .where(
            _CALLBACK.c.tenant_id == ctx.tenant.id,
            _CALLBACK.c.provider == payment.provider,
            _CALLBACK.c.outcome == UNMATCHED,
            _CALLBACK.c.reference == reference,
        )
        .order_by(_CALLBACK.c.received_at, _CALLBACK.c.event_id)
    )
    for row in ctx.connection.execute(waiting).all():
        outcome = apply(ctx, book.find(ctx, payment.id, for_update=True), msgspec.convert(row.news, News))
        same = (_CALLBACK.c.tenant_id == ctx.tenant.id) & (_CALLBACK.c.provider == row.provider)
        known = update(_CALLBACK).where(same, _CALLBACK.c.event_id == row.event_id)
        ctx.connection.execute(known.values(outcome=outcome, payment_id=payment.id))


def apply(ctx: Context, payment: Payment, news: News) -> str:
    """Bring a locked payment to what a provider says of it; return what became of the news."""
    _log(ctx, payment, news)
    if news.currency is not None and news.currency != payment.currency:
        why = marked(f"the provider speaks of {news.currency}, and this is in {payment.currency}")
        happenings.ask_attention(ctx, payment, why)
        return ATTENTION
    payment = _named(ctx, payment, news)
    if payment.kind == DEPOSIT:
        return _apply_to_deposit(ctx, payment, news)
    return _apply_to_withdrawal(ctx, payment, news)


def _log(ctx: Context, payment: Payment, news: News) -> None:
    parts = [f"{news.kind}"]
    parts += [f"reference {news.reference}"] if news.reference else []
    parts += [f"amount {news.amount}"] if news.amount is not None else []
    parts += [news.said()] if news.reason else []
    logbook.write(ctx, payment.id, "said", "; ".join(parts))


def _named(ctx: Context, payment: Payment, news: News) -> Payment:
    """Keep the provider's name for a payment, the first one that it gives."""
    if news.reference is None or payment.reference is not None or news.kind in REVERSALS:
        return payment
    return book.change(ctx, payment, reference=news.reference)


def _apply_to_deposit(ctx: Context, payment: Payment, news: News) -> str:
    if news.kind in REVERSALS:
        return _apply_reversal(ctx, payment, news)
    is_credited = payment.state in ("completed", "reversed")
    if is_credited or not may_follow(DEPOSIT, payment.state, news.kind):
        return LATE
    if news.kind == "completed":
        settling.credit(ctx, payment, news.amount or payment.amount)
        return APPLIED
    reason = news.said()
    changed = book.change(
        ctx, payment, state=news.kind, action=news.action or payment.action, reason=reason, why=reason
    )
    if news.kind in ("failed", "expired"):
        fail(ctx, changed)
    return APPLIED


def fail(ctx: Context, payment: Payment) -> None:
    """Count and tell of a deposit that was declined or expired."""
    facts.record(ctx, payment.player_id, "payments.failed_deposit", payment.amount)
    happenings.tell_failed(ctx, payment)


def _apply_reversal(ctx: Context, payment: Payment, news: News) -> str:
    reference = news.reversal or news.reference or str(payment.id)
    amount = news.amount or payment.settled or payment.amount
    is_new = settling.remember(
        ctx, payment, news.kind, reference=reference, amount=amount, reason=news.said()
    )
    if not is_new:
        return LATE
    settling.settle(ctx, payment)
    return APPLIED


def _apply_to_withdrawal(ctx: Context, payment: Payment, news: News) -> str:
    if contradicts(payment.kind, payment.state, news.kind) or news.kind in REVERSALS:
        why = marked(
            f"the provider says {news.kind}, but this is {payment.state}: look at both before you do anything"
        )
        happenings.ask_attention(ctx, payment, why)
        return ATTENTION
    if news.kind == "completed" and may_follow(payment.kind, payment.state, "completed"):
        paying.complete(ctx, payment, news.amount)
        return APPLIED
    if news.kind in ("failed", "expired") and may_follow(payment.kind, payment.state, "failed"):
        paying.give_back(ctx, payment, "failed", reason=news.said())
        return APPLIED
    return LATE


def unmatched(ctx: Context, limit: int) -> list[Any]:
    """Return callbacks that no payment of ours explains, the newest first."""
    query = select(_CALLBACK).where(_CALLBACK.c.tenant_id == ctx.tenant.id, _CALLBACK.c.outcome == UNMATCHED)
    return list(ctx.connection.execute(query.order_by(_CALLBACK.c.received_at.desc()).limit(limit)))


def callbacks_of(ctx: Context, payment_id: UUID) -> list[Any]:
    """Return what was told of a payment by its provider itself, the oldest first."""
    query = select(_CALLBACK).where(
        _CALLBACK.c.tenant_id == ctx.tenant.id, _CALLBACK.c.payment_id == payment_id
    )
    return list(ctx.connection.execute(query.order_by(_CALLBACK.c.received_at, _CALLBACK.c.event_id)))
