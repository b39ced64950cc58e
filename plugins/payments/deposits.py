"""Take deposits: asked for, checked, begun at the provider, refunded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog

from pitboss.core import audit, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, Refused
from pitboss.core.identity import find_player
from pitboss.core.identity.tables import Player, Status
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.payments import (
    book,
    fees,
    happenings,
    logbook,
    methods,
    ports,
    receiving,
    settling,
    windows,
)
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.cards import refuse_card_in
from pitboss.plugins.payments.states import DEPOSIT, IN_FLIGHT

log = structlog.get_logger(__name__)

OPERATION = "payments.deposit"
START, REFUND = "payments.start_deposit", "payments.send_refund"
START_AGAIN_SECONDS = 60
"""How long the request that makes a deposit has to begin it, before a job does."""


def make(
    ctx: Context,
    player_id: UUID,
    *,
    method_id: UUID,
    amount: Money,
    request_key: str,
    return_url: str = "",
    details: dict[str, Any] | None = None,
) -> Payment:
    """Write a deposit down, once by its key; the caller commits, then starts it.

    So what the provider is asked for is always known here, whatever breaks on the way.
    """
    for name, value in (("details", details), ("return_url", return_url)):
        refuse_card_in(name, value)
    book.lock_player(ctx, player_id)
    hash_ = book.hash_of(method_id, amount.minor, amount.currency, return_url)
    earlier = book.of_request(ctx, player_id, DEPOSIT, request_key, hash_)
    if earlier:
        return earlier[0]
    check_player(ctx, find_player(ctx, player_id))
    method = methods.usable(ctx, method_id, player_id)
    fee = _checked_fee(ctx, amount, method.provider)
    ctx.of(player_id).guard(OPERATION, asked(ctx, player_id, amount, method))
    hours = ctx.settings(ports.NAME)["deposit_hours_max"]
    id_ = uuid7()
    payment = book.add(
        ctx,
        id=id_,
        kind=DEPOSIT,
        player_id=player_id,
        method_id=method.id,
        provider=method.provider,
        currency=amount.currency,
        amount=amount.minor,
        fee=fee.minor,
        state="created",
        details={**(details or {}), **({"return_url": return_url} if return_url else {})},
        request_key=request_key,
        request_hash=hash_,
        expires_at=ctx.clock.now() + timedelta(hours=hours),
    )
    said = {"payment_id": str(id_)}
    ctx.enqueue(START, said, key=str(id_), delay_seconds=START_AGAIN_SECONDS)
    return payment


def start(ctx: Context, payment_id: UUID) -> Payment:
    """Begin a deposit at its provider, unless that was done."""
    payment = book.find(ctx, payment_id, for_update=True, kind=DEPOSIT)
    if payment.state != "created":
        return payment
    answer = ports.provider_of(ctx, payment.provider).deposit(ctx, asked_of(ctx, payment))
    return receiving.answered(ctx, payment, answer)


def make_and_start(ctx: Context, player_id: UUID, **said: Any) -> Payment:
    """Make a deposit, commit it and begin it; where the provider does not answer, a job tries again."""
    payment = make(ctx, player_id, **said)
    ctx.commit()
    try:
        return start(ctx, payment.id)
    except Exception as error:  # noqa: BLE001 - a provider's fault: the deposit is known, and a job goes on
        # Its message may hold what was sent: only its kind is logged.
        log.warning(
            "a provider did not begin a deposit", provider=payment.provider, kind=type(error).__name__
        )
        ctx.rollback()
        return book.find(ctx, payment.id)


def asked_of(ctx: Context, payment: Payment, *, key: str | None = None) -> ports.PaymentAsked:
    """Return a payment as its provider is asked for it."""
    method = methods.find(ctx, payment.method_id)
    return ports.PaymentAsked(
        id=payment.id,
        key=key or settling.key_of(payment),
        provider=payment.provider,
        kind=payment.kind,
        state=payment.state,
        amount=payment.amount if payment.kind == DEPOSIT else payment.amount - payment.fee,
        currency=payment.currency,
        token=methods.token_of(ctx, method),
        player_id=payment.player_id,
        reference=payment.reference,
        created_at=payment.created_at,
        return_url=payment.details.get("return_url", ""),
    )


def asked(ctx: Context, player_id: UUID, amount: Money, method: Any) -> dict[str, Any]:
    """Return what guards of deposits and withdrawals are asked with; amounts in minor units.

    `gross_deposits` and `net_deposits` hold the windows `24h`, `7d`, `month` and `30d` up to now, with
    what is on its way and without this payment.
    """
    return {
        "player_id": player_id,
        "amount": amount.minor,
        "currency": amount.currency,
        "method": None if method is None else methods.shown(method),
        "at": ctx.clock.now(),
        **figures(ctx, player_id, amount.currency),
    }


def figures(ctx: Context, player_id: UUID, currency: str) -> dict[str, dict[str, int]]:
    """Return a player's gross and net deposits of each window."""
    now = ctx.clock.now()
    rows = book.since(ctx, player_id, currency, now - timedelta(days=windows.DAYS_MAX))
    names = windows.Moved.__dataclass_fields__
    moves = [windows.Moved(**{name: getattr(row, name) for name in names}) for row in rows]
    return windows.figures(moves, now, ctx.tenant.zone)


def check_player(ctx: Context, player: Player) -> None:
    """Refuse a player who may not pay in: closed or locked, or too young."""
    if player.status != Status.ACTIVE:
        raise Refused(OPERATION, [f"the account is {player.status}: ask the support"])
    settings = ctx.settings(ports.NAME)
    if player.birth_date is None:
        if settings["is_birth_date_required"]:
            raise Refused(OPERATION, ["the birth date is not known: add it to the profile first"])
    elif age(player.birth_date, ctx.clock.now().astimezone(ctx.tenant.zone).date()) < settings["age_min"]:
        raise Refused(OPERATION, [f"players must be {settings['age_min']} to pay in"])


def age(born: date, today: date) -> int:
    """Return a person's age in whole years.

    >>> age(date(2008, 3, 1), date(2026, 2, 28)), age(date(2008, 3, 1), date(2026, 3, 1))
    (17, 18)
    """
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def currencies_of(ctx: Context, provider: str) -> list[str]:
    """Return what a provider takes."""
    return ports.configured(ctx, provider)["currencies"] or [ctx.tenant.currency]


def check_currency(ctx: Context, amount: Money, provider: str) -> None:
    """Refuse a currency that a provider does not take."""
    known = currencies_of(ctx, provider)
    if amount.currency not in known:
        message = marked(f"{provider!r} takes {', '.join(known)}, not {amount.currency}")
        raise InvalidInput(f"amount: {message}", {"amount": [message]})


def _checked_fee(ctx: Context, amount: Money, provider: str) -> Money:
    config = ports.configured(ctx, provider, for_new=True)
    settings, currencies = ctx.settings(ports.NAME), ctx.tenant.currencies
    check_currency(ctx, amount, provider)
    fees.check_amount(amount, config, settings, DEPOSIT, currencies)
    rule = settings["fee_rounding"] or ctx.tenant.rounding
    fee = fees.fee_of(amount, config, DEPOSIT, currencies=currencies, rule=rule)
    fees.check_fee(amount, fee, currencies)
    return fee


# -- refunds ---------------------------------------------------------------------------------------


def refund(
    ctx: Context, deposit_id: UUID, *, amount: int | None, reason: str, key: str | None = None
) -> Payment:
    """Give a deposit, or a part of it, back to where it came from: only what the player still has."""
    refuse_card_in("reason", reason)
    payment = book.find(ctx, deposit_id, for_update=True, kind=DEPOSIT)
    reference = f"refund:{payment.id}:{key or 'whole'}"
    if any(row.reference == reference for row in logbook.reversals(ctx, payment.id)):
        return payment
    left = payment.settled - payment.taken_back
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise Conflict(f"{left} minor units of this deposit are left: refund 1 to {left}, not {wanted}")
    wallet = ledger.read_wallet(ctx.connection, payment.player_id, payment.currency)
    share = fees.share_of(payment.fee, before=payment.taken_back, part=wanted, whole=payment.settled)
    if wallet.withdrawable < wanted - share:
        raise Conflict(
            f"the player can give back {wallet.withdrawable} minor units, and {wanted - share} are needed: "
            "the rest was spent"
        )
    settling.remember(ctx, payment, "refunded", reference=reference, amount=wanted, reason=reason)
    changed = settling.settle(ctx, payment)
    said = {"payment_id": str(payment.id), "reference": reference, "amount": wanted}
    ctx.enqueue(REFUND, said, key=reference)
    new = {"amount": wanted, "currency": payment.currency}
    audit.record(ctx, "payments.deposit_refunded", f"payment:{payment.id}", new=new, reason=reason)
    return changed


def send_refund(ctx: Context, payment_id: UUID, reference: str, amount: int) -> None:
    """Have the provider give a refund that is booked already; what it answers is the same refund."""
    payment = book.find(ctx, payment_id, for_update=True, kind=DEPOSIT)
    order = replace(asked_of(ctx, payment, key=reference), amount=amount)
    answer = ports.provider_of(ctx, payment.provider).refund(ctx, order)
    news = ports.check(ports.News, payment.provider, answer)
    logbook.write(ctx, payment.id, "said", f"refund: {news.kind}; {news.said()}")
    if news.kind in ("failed", "expired"):
        happenings.ask_attention(
            ctx, payment, marked(f"the provider did not send the refund {reference}: {news.said()}")
        )


def expire(ctx: Context, payment_id: UUID) -> bool:
    """End a deposit whose money did not come in time; tell whether it ended."""
    payment = book.find(ctx, payment_id, for_update=True, kind=DEPOSIT)
    is_due = payment.expires_at is not None and payment.expires_at <= ctx.clock.now()
    if payment.state not in IN_FLIGHT or not is_due:
        return False
    why = marked("the money did not come in time")
    receiving.fail(ctx, book.change(ctx, payment, state="expired", reason=why, why=why))
    return True
