"""The events of payments: what other plugins and rules listen to. None carries a token."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.context import Context
from pitboss.core.contracts import Event
from pitboss.core.texts import marked
from pitboss.plugins.payments import book
from pitboss.plugins.payments.book import Payment

MONEY = {"type": "money"}
EXAMPLE_ID = "0195f2d0-0000-7000-8000-000000000001"
EXAMPLE_METHOD = "0195f2d0-0000-7000-8000-000000000002"
EXAMPLE_AT = "2026-12-01T09:00:00+00:00"


def _money() -> fields.Field[Any]:
    return fields.Integer(required=True, strict=True, metadata=MONEY)


class Paid(Schema):
    """What all events of payments say; the amount in minor units."""

    amount = _money()
    currency = fields.String(required=True)
    provider = fields.String(required=True)
    method_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


class DepositCompleted(Paid):
    """Payload of `payments.deposit_completed`."""

    deposit_id = fields.UUID(required=True)
    fee = fields.Integer(load_default=0, metadata=MONEY)
    nth = fields.Integer(required=True, metadata={"title": "How manieth of the player"})


class DepositFailed(Paid):
    """Payload of `payments.deposit_failed`."""

    deposit_id = fields.UUID(required=True)
    reason = fields.String(required=True)


class DepositReversed(Paid):
    """Payload of `payments.deposit_reversed` and `payments.deposit_reduced`."""

    deposit_id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"title": "refunded or charged_back"})
    reason = fields.String(required=True)
    owed = fields.Integer(required=True, metadata=MONEY)
    """What the player had spent already, and owes now."""


class DepositReinstated(Paid):
    """Payload of `payments.deposit_reinstated`."""

    deposit_id = fields.UUID(required=True)


class WithdrawalSaid(Paid):
    """Payload of the events of withdrawals."""

    withdrawal_id = fields.UUID(required=True)


class WithdrawalEnded(WithdrawalSaid):
    """Payload of `payments.withdrawal_rejected` and `payments.withdrawal_failed`."""

    reason = fields.String(required=True)


class MethodSaid(Schema):
    """Payload of `payments.method_added` and `payments.method_removed`."""

    method_id = fields.UUID(required=True)
    provider = fields.String(required=True)
    kind = fields.String(required=True)
    is_verified = fields.Boolean(required=True)


class MethodShared(MethodSaid):
    """Payload of `payments.method_shared`."""

    fingerprint = fields.String(required=True)
    player_ids = fields.List(fields.UUID(), required=True)
    """The other players who have, or had, the same card or account."""


class AttentionNeeded(Schema):
    """Payload of `payments.attention_needed`."""

    payment_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)


_PAID = {
    "amount": 10000,
    "currency": "EUR",
    "provider": "manual",
    "method_id": EXAMPLE_METHOD,
    "at": EXAMPLE_AT,
}
_METHOD = {"method_id": EXAMPLE_METHOD, "provider": "manual", "kind": "bank", "is_verified": False}


def _event(noun: str, title: str, doc: str, schema: type[Schema], **example: Any) -> Event:
    return Event(name=f"payments.{noun}", title=title, doc=doc, schema=schema, example=example)


_DEPOSIT = {**_PAID, "deposit_id": EXAMPLE_ID}
_WITHDRAWAL = {**_PAID, "withdrawal_id": EXAMPLE_ID}
_REVERSED = {**_DEPOSIT, "kind": "charged_back", "reason": "disputed", "owed": 0}

TERMS = (
    _event(
        "deposit_completed",
        "Deposit completed",
        "A deposit arrived and was credited.",
        DepositCompleted,
        **_DEPOSIT,
        nth=1,
    ),
    _event(
        "deposit_failed",
        "Deposit failed",
        "A deposit was declined, or its time was over.",
        DepositFailed,
        **_DEPOSIT,
        reason=marked("the bank declined it"),
    ),
    _event(
        "deposit_reversed",
        "Deposit reversed",
        "All that was left of a deposit was refunded or charged back.",
        DepositReversed,
        **_REVERSED,
    ),
    _event(
        "deposit_reduced",
        "Deposit reduced",
        "A part of a deposit was refunded or charged back.",
        DepositReversed,
        **_REVERSED,
    ),
    _event(
        "deposit_reinstated",
        "Deposit reinstated",
        "A dispute was won: a deposit that was charged back is the player's again.",
        DepositReinstated,
        **_DEPOSIT,
    ),
    _event(
        "withdrawal_requested",
        "Withdrawal requested",
        "A player asked for money, which is set aside.",
        WithdrawalSaid,
        **_WITHDRAWAL,
    ),
    _event(
        "withdrawal_completed",
        "Withdrawal completed",
        "The money of a withdrawal has left.",
        WithdrawalSaid,
        **_WITHDRAWAL,
    ),
    _event(
        "withdrawal_rejected",
        "Withdrawal rejected",
        "A withdrawal was rejected or cancelled; the money is back in the wallet.",
        WithdrawalEnded,
        **_WITHDRAWAL,
        reason=marked("ask for proof of the address first"),
    ),
    _event(
        "withdrawal_failed",
        "Withdrawal failed",
        "The provider could not pay a withdrawal; the money is back in the wallet.",
        WithdrawalEnded,
        **_WITHDRAWAL,
        reason=marked("the account is closed"),
    ),
    _event("method_added", "Payment method added", "A player added a method.", MethodSaid, **_METHOD),
    _event("method_removed", "Payment method removed", "A method was removed.", MethodSaid, **_METHOD),
    _event(
        "method_shared",
        "Payment method shared",
        "A player added a card or account that another player has or had.",
        MethodShared,
        **_METHOD,
        fingerprint="a" * 64,
        player_ids=[EXAMPLE_ID],
    ),
    _event(
        "attention_needed",
        "Payment needs attention",
        "A provider says what the books do not allow: a person must look.",
        AttentionNeeded,
        payment_id=EXAMPLE_ID,
        kind="withdrawal",
        reason=marked("the provider paid a withdrawal that had failed"),
    ),
)


def _said(ctx: Context, payment: Payment, amount: int) -> dict[str, Any]:
    return {
        "amount": amount,
        "currency": payment.currency,
        "provider": payment.provider,
        "method_id": str(payment.method_id),
        "at": ctx.clock.now().isoformat(),
        f"{payment.kind}_id": str(payment.id),
    }


def _emit(ctx: Context, noun: str, payment: Payment, amount: int, **more: Any) -> None:
    said = _said(ctx, payment, amount) | more
    ctx.emit(f"payments.{noun}", said, player_id=payment.player_id)


def tell_completed(ctx: Context, payment: Payment) -> None:
    """Emit that a deposit was credited."""
    nth = ctx.of(payment.player_id).value("payments.deposit_count")
    _emit(ctx, "deposit_completed", payment, payment.settled, fee=payment.fee, nth=nth)


def tell_failed(ctx: Context, payment: Payment) -> None:
    """Emit that a deposit was declined or expired."""
    _emit(ctx, "deposit_failed", payment, payment.amount, reason=payment.reason or payment.state)


def tell_taken_back(ctx: Context, payment: Payment, reversal: Any, amount: int, *, owed: int) -> None:
    """Emit that a deposit, or a part of it, was taken back."""
    noun = "deposit_reversed" if payment.state == "reversed" else "deposit_reduced"
    reason = reversal.reason or reversal.reference
    _emit(ctx, noun, payment, amount, kind=reversal.kind, reason=reason, owed=owed)


def tell_reinstated(ctx: Context, payment: Payment, amount: int) -> None:
    """Emit that a dispute was won."""
    _emit(ctx, "deposit_reinstated", payment, amount)


def tell_withdrawal(ctx: Context, payment: Payment, noun: str, reason: str | None = None) -> None:
    """Emit what became of a withdrawal."""
    more = {} if reason is None else {"reason": reason or payment.state}
    _emit(ctx, f"withdrawal_{noun}", payment, payment.amount, **more)


def ask_attention(ctx: Context, payment: Payment, reason: str) -> Payment:
    """Flag a payment, and emit that a person must look at it."""
    said = {"payment_id": str(payment.id), "kind": payment.kind, "reason": reason}
    ctx.emit("payments.attention_needed", said, player_id=payment.player_id)
    return book.flag(ctx, payment, reason)
