"""What operators do by hand: confirm what they saw at the bank, say that it failed, and take notes."""

from __future__ import annotations

from uuid import UUID

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, logbook, ports, receiving
from pitboss.plugins.payments.agreement import agree
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.cards import refuse_card_in
from pitboss.plugins.payments.ports import News
from pitboss.plugins.payments.states import DEPOSIT, may_follow


def confirm(
    ctx: Context, payment_id: UUID, *, reference: str, evidence: str, amount: int | None = None
) -> Payment:
    """Confirm that money of a manual provider came or went, with the bank's reference and what shows it.

    From the tenant's threshold on a second operator must see the same.
    """
    for name, value in (("reference", reference), ("evidence", evidence)):
        refuse_card_in(name, value)
    payment = _by_hand(ctx, payment_id, "completed")
    if payment.kind != DEPOSIT and amount not in (None, payment.amount - payment.fee):
        message = marked(f"a pay-out is of {payment.amount - payment.fee} minor units, not {amount}")
        raise InvalidInput(f"amount: {message}", {"amount": [message]})
    seen = amount or (payment.amount if payment.kind == DEPOSIT else payment.amount - payment.fee)
    is_agreed = agree(ctx, payment, "confirm", reference=reference, evidence=evidence, amount=seen)
    if is_agreed:
        payment = book.change(ctx, payment, reference=reference)
        receiving.apply(ctx, payment, News(kind="completed", amount=seen))
    new = {"reference": reference, "evidence": evidence, "amount": seen, "is_final": is_agreed}
    audit.record(ctx, "payments.confirmed", f"payment:{payment.id}", new=new)
    return book.find(ctx, payment.id)


def fail(ctx: Context, payment_id: UUID, *, reason: str) -> Payment:
    """Say that money of a manual provider did not come, or could not be sent."""
    refuse_card_in("reason", reason)
    payment = _by_hand(ctx, payment_id, "failed")
    receiving.apply(ctx, payment, News(kind="failed", reason=reason))
    audit.record(ctx, "payments.failed_by_hand", f"payment:{payment.id}", reason=reason)
    return book.find(ctx, payment.id)


def note(ctx: Context, payment_id: UUID, text: str) -> None:
    """Add a note to the history of a payment."""
    refuse_card_in("text", text)
    payment = book.find(ctx, payment_id)
    logbook.write(ctx, payment.id, "note", text)


def settle_attention(ctx: Context, payment_id: UUID, *, reason: str) -> Payment:
    """Note that a person looked at what a payment was flagged for."""
    refuse_card_in("reason", reason)
    payment = book.find(ctx, payment_id, for_update=True)
    if payment.attention is None:
        return payment
    logbook.write(ctx, payment.id, marked("looked at"), reason)
    old = {"attention": payment.attention}
    audit.record(ctx, "payments.attention_settled", f"payment:{payment.id}", old=old, reason=reason)
    return book.change(ctx, payment, attention=None)


def _by_hand(ctx: Context, payment_id: UUID, wanted: str) -> Payment:
    payment = book.find(ctx, payment_id, for_update=True)
    if not ports.provider_of(ctx, payment.provider).is_manual:
        raise Conflict(f"{payment.provider!r} tells of its payments itself: only it can say how this ended")
    if not may_follow(payment.kind, payment.state, wanted):
        raise Conflict(f"this {payment.kind} is {payment.state}: it cannot be {wanted} now")
    return payment
