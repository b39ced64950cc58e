"""How a withdrawal ends: the money that is set aside leaves, or goes back; never both."""

from __future__ import annotations

from pitboss.core import facts, ledger
from pitboss.core.context import Context
from pitboss.core.ledger import Leg
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, happenings, messages, settling
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.models import PaymentsPlayer
from pitboss.plugins.payments.settling import FEES


def complete(ctx: Context, payment: Payment, amount: int | None) -> Payment:
    """Book that a withdrawal was paid; the kernel closes what is set aside once."""
    # The player before the wallet, as when money is asked for: so that the two never wait for each other.
    book.lock_player(ctx, payment.player_id)
    net = payment.amount - payment.fee
    wallet = ledger.purse(payment.player_id, "cash", payment.currency)
    now = ctx.clock.now()
    also = [Leg(wallet, ledger.house(FEES, payment.currency), payment.fee)] if payment.fee else []
    ledger.capture(
        ctx.connection,
        key=settling.key_of(payment),
        target=book.clearing(payment),
        amount=net,
        also=also,
        actor=ctx.actor.label,
        at=now,
    )
    payment = book.change(ctx, payment, state="completed", settled=net, completed_at=now)
    if amount not in (None, net):
        why = marked(f"the provider says that it paid {amount} minor units, and {net} were asked for")
        payment = happenings.ask_attention(ctx, payment, why)
    _count(ctx, payment)
    happenings.tell_withdrawal(ctx, payment, "completed")
    messages.tell(ctx, payment, messages.SENT)
    return payment


def give_back(ctx: Context, payment: Payment, state: str, *, reason: str) -> Payment:
    """Release what is set aside: a withdrawal was rejected, cancelled or could not be paid."""
    ledger.release(
        ctx.connection,
        key=settling.key_of(payment),
        actor=ctx.actor.label,
        reason=reason or None,
        at=ctx.clock.now(),
    )
    payment = book.change(ctx, payment, state=state, reason=reason, why=reason)
    noun = "failed" if state == "failed" else "rejected"
    happenings.tell_withdrawal(ctx, payment, noun, reason)
    if state != "cancelled":
        messages.tell(ctx, payment, messages.RETURNED)
    return payment


def _count(ctx: Context, payment: Payment) -> None:
    player = payment.player_id
    facts.write(ctx, player, PaymentsPlayer, last_withdrawal_at=ctx.clock.now())
    if payment.currency == ctx.tenant.currency:
        amount = payment.amount
        facts.add(ctx, player, PaymentsPlayer, withdrawn=amount, withdrawal_count=1, net_deposited=-amount)
        entries = [("payments.withdrawal", amount), ("payments.net", -amount)]
        facts.record_many(ctx, [facts.Entry(player, name, value) for name, value in entries])
