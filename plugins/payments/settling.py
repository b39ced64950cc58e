"""What deposits do to the ledger: credited once, taken back part by part, in whatever order it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from pitboss.core import facts, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.ledger import Leg, Posting
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, fees, happenings, logbook
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.models import PaymentsPlayer, ReversalRow

OP_DEPOSIT, OP_REVERSAL = "payments.deposit", "payments.reversal"
FEES = "payment_fees"

_REVERSAL = ReversalRow.__table__


def key_of(payment: Payment) -> str:
    """Return the ledger key of a payment."""
    return f"{payment.kind}:{payment.id}"


def credit(ctx: Context, payment: Payment, amount: int) -> Payment:
    """Credit what arrived of a deposit, less the fee; then take back what was told of before it."""
    # The player before the wallet, as when money is asked for: so that the two never wait for each other.
    known = book.lock_player(ctx, payment.player_id)
    fee = min(payment.fee, amount)
    wallet = ledger.purse(payment.player_id, "cash", payment.currency)
    shares = ((wallet, amount - fee), (ledger.house(FEES, payment.currency), fee))
    legs = [Leg(book.clearing(payment), account, part) for account, part in shares if part]
    now = ctx.clock.now()
    ledger.post(ctx.connection, key=key_of(payment), op=OP_DEPOSIT, legs=legs, actor=ctx.actor.label, at=now)
    done = {"state": "completed", "settled": amount, "fee": fee, "completed_at": now, "action": None}
    payment = book.change(ctx, payment, **done, reason="")
    _count(ctx, payment, first_at=known.first_deposit_at or now)
    happenings.tell_completed(ctx, payment)
    return settle(ctx, payment)


def remember(ctx: Context, payment: Payment, kind: str, *, reference: str, amount: int, reason: str) -> bool:
    """Note a refund, chargeback or won dispute, once by its reference; tell whether it is new."""
    known = {(row.kind, row.reference) for row in logbook.reversals(ctx, payment.id)}
    if (kind, reference) in known:
        return False
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "payment_id": payment.id,
        "kind": kind,
        "reference": reference,
        "amount": amount,
        "reason": reason,
        "created_at": ctx.clock.now(),
        "posted_at": None,
    }
    ctx.connection.execute(insert(_REVERSAL), row)
    return True


def settle(ctx: Context, payment: Payment) -> Payment:
    """Post every reversal that waits and can be posted now."""
    if payment.state not in ("completed", "reversed"):
        return payment
    book.lock_player(ctx, payment.player_id)
    rows = logbook.reversals(ctx, payment.id)
    for row in rows:
        if row.posted_at is None and row.kind != "reinstated":
            payment = _take_back(ctx, payment, row)
    posted = {row.reference for row in logbook.reversals(ctx, payment.id) if row.posted_at is not None}
    for row in rows:
        if row.posted_at is None and row.kind == "reinstated" and row.reference in posted:
            payment = _give_back(ctx, payment, row)
    return payment


def _take_back(ctx: Context, payment: Payment, reversal: Any) -> Payment:
    """Take a refund or chargeback from the wallet; what is missing there is owed."""
    amount = min(reversal.amount, payment.settled - payment.taken_back)
    if amount < reversal.amount:
        why = marked(f"{reversal.reference}: more was taken back than was paid in; look at the provider")
        payment = happenings.ask_attention(ctx, payment, why)
    if amount:
        owed = _post_reversal(ctx, payment, reversal, amount)
        payment = _moved(ctx, payment, reversal, amount)
        happenings.tell_taken_back(ctx, payment, reversal, amount, owed=owed)
    _mark(ctx, reversal.id, amount)
    return payment


def _post_reversal(ctx: Context, payment: Payment, reversal: Any, amount: int) -> int:
    fee = fees.share_of(payment.fee, before=payment.taken_back, part=amount, whole=payment.settled)
    wallet = ledger.purse(payment.player_id, "cash", payment.currency)
    shares = ((wallet, amount - fee), (ledger.house(FEES, payment.currency), fee))
    plain = [Leg(account, book.clearing(payment), part) for account, part in shares if part]
    legs = ledger.with_debt(ctx.connection, plain)
    posting = Posting(
        key=_reversal_key(payment, reversal.kind, reversal.reference),
        op=OP_REVERSAL,
        legs=legs,
        actor=ctx.actor.label,
        reason=reversal.reason or None,
        at=ctx.clock.now(),
        # The legs depend on what the player holds at this moment; the request does not.
        request=f"{reversal.reference}:{amount}",
    )
    ledger.submit(ctx.connection, posting)
    return sum(leg.amount for leg in legs if leg.debit.kind == ledger.RECEIVABLE)


def _give_back(ctx: Context, payment: Payment, won: Any) -> Payment:
    """Undo a chargeback that was won, down to the last leg."""
    lost = next(
        r for r in logbook.reversals(ctx, payment.id) if r.reference == won.reference and r.kind != won.kind
    )
    key = _reversal_key(payment, lost.kind, lost.reference)
    journal = ledger.find_journal(ctx.connection, key)
    ledger.reverse(
        ctx.connection,
        key=key,
        actor=ctx.actor.label,
        reason=won.reason or None,
        at=ctx.clock.now(),
    )
    clearing = book.clearing(payment)
    amount = sum(leg.amount for leg in journal.legs if leg.credit == clearing)
    payment = _moved(ctx, payment, won, -amount)
    _mark(ctx, won.id, amount)
    happenings.tell_reinstated(ctx, payment, amount)
    return payment


def _moved(ctx: Context, payment: Payment, reversal: Any, amount: int) -> Payment:
    taken_back = payment.taken_back + amount
    state = "reversed" if taken_back >= payment.settled else "completed"
    why = f"{reversal.kind.replace('_', ' ')}: {reversal.reason or reversal.reference}"
    logbook.write(ctx, payment.id, reversal.kind, f"{reversal.reference}: {reversal.reason}")
    player = payment.player_id
    if payment.currency == ctx.tenant.currency:
        is_chargeback = int(amount > 0 and reversal.kind == "charged_back")
        moved = {"reversed": amount, "net_deposited": -amount, "chargeback_count": is_chargeback}
        facts.add(ctx, player, PaymentsPlayer, **moved)
        facts.record(ctx, player, "payments.net", -amount)
        facts.record(ctx, player, "payments.reversal", amount)
    return book.change(ctx, payment, taken_back=taken_back, state=state, why=why)


def _count(ctx: Context, payment: Payment, *, first_at: datetime) -> None:
    """Add a deposit to what is known of its player, in the tenant's currency."""
    player = payment.player_id
    facts.write(ctx, player, PaymentsPlayer, last_deposit_at=ctx.clock.now(), first_deposit_at=first_at)
    if payment.currency == ctx.tenant.currency:
        amount = payment.settled
        facts.add(ctx, player, PaymentsPlayer, deposited=amount, deposit_count=1, net_deposited=amount)
        entries = [facts.Entry(player, name, amount) for name in ("payments.deposit", "payments.net")]
        facts.record_many(ctx, entries)


def _mark(ctx: Context, reversal_id: UUID, amount: int) -> None:
    """Note when a reversal was posted, and how much of it: that is what statements are held against."""
    same = (_REVERSAL.c.tenant_id == ctx.tenant.id) & (_REVERSAL.c.id == reversal_id)
    ctx.connection.execute(update(_REVERSAL).where(same).values(posted_at=ctx.clock.now(), amount=amount))


def _reversal_key(payment: Payment, kind: str, reference: str) -> str:
    return f"{key_of(payment)}:{kind}:{reference}"
