"""Take withdrawals: the money is set aside at once, divided by the closed loop, and judged by operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pitboss.core import audit, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, Forbidden, InsufficientFunds, InvalidInput, NotFound
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.payments import (
    book,
    deposits,
    fees,
    happenings,
    holds,
    loops,
    methods,
    paying,
    ports,
    settling,
)
from pitboss.plugins.payments.agreement import agree
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.cards import refuse_card_in
from pitboss.plugins.payments.states import RETURNED, UNDECIDED, WITHDRAWAL, may_follow

OPERATION = "payments.withdraw"
SEND = "payments.send_withdrawal"


@dataclass(frozen=True, slots=True)
class Requested:
    """The withdrawals that one request became, and why they are divided so."""

    items: tuple[Payment, ...]
    passed_over: tuple[str, ...] = ()


def request(
    ctx: Context, player_id: UUID, *, amount: Money, method_id: UUID | None, request_key: str
) -> Requested:
    """Set money aside for a player, once by the key, and divide it among the player's methods."""
    ctx.of(player_id)
    book.lock_player(ctx, player_id)
    hash_ = book.hash_of(method_id, amount.minor, amount.currency)
    earlier = book.of_request(ctx, player_id, WITHDRAWAL, request_key, hash_)
    if earlier:
        return Requested(tuple(earlier))
    wanted = None if method_id is None else methods.usable(ctx, method_id, player_id)
    _check_request(ctx, player_id, amount)
    ctx.guard(OPERATION, deposits.asked(ctx, player_id, amount, wanted))
    planned = plan(ctx, player_id, amount, method_id)
    made = [
        _make(ctx, player_id, amount.currency, part, request_key=request_key, hash_=hash_, line=line)
        for line, part in enumerate(planned.parts)
    ]
    limit = ctx.settings(ports.NAME)["auto_approve_max"]
    if amount.minor <= limit and amount.currency == ctx.tenant.currency:
        made = [_approve_alone(ctx, payment) for payment in made]
    return Requested(tuple(made), planned.passed_over)


def plan(ctx: Context, player_id: UUID, amount: Money, method_id: UUID | None) -> loops.Plan:
    """Return how a withdrawal would be divided."""
    paid_in = book.paid_in(ctx, player_id, amount.currency)
    mine = {method.id: method for method in methods.of_player(ctx, player_id)}
    payers = [mine[id_] for id_ in paid_in if id_ in mine]
    others = [method for id_, method in mine.items() if id_ not in paid_in]
    places = [_place(ctx, method, paid_in.get(method.id, 0), amount) for method in (*payers, *others)]
    is_closed = ctx.settings(ports.NAME)["has_closed_loop"]
    planned = loops.plan(amount.minor, places, wanted=method_id, is_closed=is_closed)
    for part in planned.parts:
        check_part(ctx, mine[part.method_id].provider, Money(part.amount, amount.currency))
    gone = [id_ for id_, left in paid_in.items() if left and id_ not in mine]
    notes = tuple(marked(f"{methods.find(ctx, id_).masked} paid in, but was removed") for id_ in gone)
    return loops.Plan(planned.parts, (*notes, *planned.passed_over))


def check_part(ctx: Context, provider: str, amount: Money) -> Money:
    """Check what goes to one provider, and return its fee."""
    config, settings = ports.configured(ctx, provider), ctx.settings(ports.NAME)
    currencies = ctx.tenant.currencies
    fees.check_amount(amount, config, settings, WITHDRAWAL, currencies)
    rule = settings["fee_rounding"] or ctx.tenant.rounding
    fee = fees.fee_of(amount, config, WITHDRAWAL, currencies=currencies, rule=rule)
    fees.check_fee(amount, fee, currencies)
    return fee


def approve(ctx: Context, payment_id: UUID, *, note: str = "") -> Payment:
    """Agree to a withdrawal; from the tenant's threshold on, two operators must."""
    refuse_card_in("note", note)
    payment = _locked(ctx, payment_id)
    if payment.state not in UNDECIDED:
        raise _not_now(payment, "approved")
    _check_may_go(ctx, payment)
    is_agreed = agree(ctx, payment, "approve", evidence=note)
    state = "approved" if is_agreed else "reviewed"
    payment = book.change(ctx, payment, state=state, why=note)
    if is_agreed:
        _send(ctx, payment)
    audit.record(
        ctx,
        f"payments.withdrawal_{state}",
        f"payment:{payment.id}",
        new={"state": state},
        reason=note or None,
    )
    return payment


def reject(ctx: Context, payment_id: UUID, *, reason: str) -> Payment:
    """Refuse a withdrawal that was not sent; the money goes back to the wallet."""
    refuse_card_in("reason", reason)
    if not reason.strip():
        raise InvalidInput("reason: say why, for the player reads it", {"reason": ["Say why."]})
    payment = _locked(ctx, payment_id)
    if not may_follow(WITHDRAWAL, payment.state, "rejected"):
        raise _not_now(payment, "rejected")
    rejected = paying.give_back(ctx, payment, "rejected", reason=reason)
    old = {"state": payment.state}
    new = {"state": "rejected"}
    audit.record(
        ctx, "payments.withdrawal_rejected", f"payment:{payment.id}", old=old, new=new, reason=reason
    )
    return rejected


def cancel(ctx: Context, payment_id: UUID, *, player_id: UUID) -> Payment:
    """Cancel a withdrawal for its player, where the tenant allows it."""
    payment = _locked(ctx, payment_id)
    if payment.player_id != player_id:
        raise NotFound(f"no withdrawal {payment_id}")
    if not ctx.settings(ports.NAME)["has_player_cancel"]:
        raise Forbidden("a withdrawal cannot be cancelled: the money is on its way to you")
    if payment.state == "cancelled":
        return payment
    if not may_follow(WITHDRAWAL, payment.state, "cancelled"):
        raise _not_now(payment, "cancelled")
    return paying.give_back(ctx, payment, "cancelled", reason=marked("cancelled by the player"))


def send(ctx: Context, payment_id: UUID) -> None:
    """Hand an approved withdrawal to its provider.

    It counts as sent before the provider is asked: from then on nobody can reject it, and the provider is
    asked in a job of its own, under one key, until it answers.
    """
    payment = _locked(ctx, payment_id)
    if payment.state != "approved" or holds.reason_of(ctx, payment.player_id) is not None:
        return
    book.change(ctx, payment, state="sent")
    ctx.enqueue("payments.pay_out", {"payment_id": str(payment.id)}, key=str(payment.id))


def send_approved(ctx: Context, player_id: UUID) -> None:
    """Send what was approved before a player's withdrawals were held."""
    for payment in book.listed(ctx, player_id=player_id, kind=WITHDRAWAL, state="approved", limit=1_000):
        _send(ctx, payment, again=str(ctx.clock.now().timestamp()))


def _send(ctx: Context, payment: Payment, *, again: str = "") -> None:
    ctx.enqueue(SEND, {"payment_id": str(payment.id)}, key=f"{payment.id}{again}")


def _approve_alone(ctx: Context, payment: Payment) -> Payment:
    """Approve what is below the tenant's threshold, unless something stands in the way."""
    try:
        _check_may_go(ctx, payment)
    except Conflict:
        return payment
    changed = book.change(
        ctx, payment, state="approved", why=marked("below the amount that operators look at")
    )
    _send(ctx, changed)
    return changed


def _check_may_go(ctx: Context, payment: Payment) -> None:
    held = holds.reason_of(ctx, payment.player_id)
    if held is not None:
        raise Conflict(f"the player's withdrawals are held ({held}): release them first")
    owed = ledger.read_wallet(ctx.connection, payment.player_id, payment.currency).owed
    if owed > 0:
        text = ctx.tenant.currencies.text(Money(owed, payment.currency))
        raise Conflict(f"the player owes {text} {payment.currency} after a chargeback: reject the withdrawal")


def _check_request(ctx: Context, player_id: UUID, amount: Money) -> None:
    least = ctx.settings(ports.NAME)["withdrawal_min"]
    most = ctx.settings(ports.NAME)["withdrawal_max"]
    bounds = {"withdrawal_min": None, "withdrawal_max": None}
    settings = {"withdrawal_min": least, "withdrawal_max": most}
    fees.check_amount(amount, bounds, settings, WITHDRAWAL, ctx.tenant.currencies)
    wallet = ledger.read_wallet(ctx.connection, player_id, amount.currency)
    if wallet.withdrawable < amount.minor:
        text = ctx.tenant.currencies.text(Money(wallet.withdrawable, amount.currency))
        asked = f"{ctx.tenant.currencies.text(amount)} {amount.currency}"
        left = marked(f"{text} {amount.currency} can be withdrawn")
        raise InsufficientFunds(f"{asked} is asked for, and {left}: ask for at most that")


def _place(ctx: Context, method: Any, paid_in: int, amount: Money) -> loops.Place:
    config, settings = ports.configured(ctx, method.provider), ctx.settings(ports.NAME)
    takes = deposits.currencies_of(ctx, method.provider)
    return loops.Place(
        method_id=method.id,
        masked=method.masked,
        paid_in=paid_in,
        can_receive=method.can_receive and amount.currency in takes,
        is_verified=method.verified_at is not None,
        least=fees.bounds_of(config, settings, WITHDRAWAL)[0],
    )


def _make(
    ctx: Context,
    player_id: UUID,
    currency: str,
    part: loops.Part,
    *,
    request_key: str,
    hash_: str,
    line: int,
) -> Payment:
    method = methods.find(ctx, part.method_id)
    payment = book.add(
        ctx,
        id=uuid7(),
        kind=WITHDRAWAL,
        player_id=player_id,
        method_id=method.id,
        provider=method.provider,
        currency=currency,
        amount=part.amount,
        fee=check_part(ctx, method.provider, Money(part.amount, currency)).minor,
        state="requested",
        reason=part.reason,
        request_key=request_key,
        request_hash=hash_,
        line=line,
    )
    wallet = ledger.purse(player_id, "cash", currency)
    ledger.authorise(
        ctx.connection,
        key=settling.key_of(payment),
        amounts={wallet: part.amount},
        actor=ctx.actor.label,
        at=payment.created_at,
    )
    happenings.tell_withdrawal(ctx, payment, "requested")
    return payment


def _locked(ctx: Context, payment_id: UUID) -> Payment:
    return book.find(ctx, payment_id, for_update=True, kind=WITHDRAWAL)


def _not_now(payment: Payment, wanted: str) -> Conflict:
    state, why = payment.state, payment.reason
    if state in RETURNED and why:
        return Conflict(f"this withdrawal is {state}: {why}; it cannot be {wanted} now")
    return Conflict(f"this withdrawal is {state}; it cannot be {wanted} now")
