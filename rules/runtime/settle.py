"""Do what matched rewards say: each whole or not at all, within its limits, and on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Cause
from pitboss.core.database.wire import savepoint
from pitboss.core.errors import Refused
from pitboss.core.events import Event
from pitboss.core.money import Money
from pitboss.core.texts import kept, marked
from pitboss.rules.engine.rule import Period
from pitboss.rules.runtime.budgets import reserve, tell_used_up
from pitboss.rules.runtime.holdout import is_held_out
from pitboss.rules.runtime.payments import Claim, Payment
from pitboss.rules.runtime.periods import period_start, times
from pitboss.rules.runtime.tables import Outcome
from pitboss.rules.runtime.uses import take_use

OPERATION = "rules.reward"
"""What guards are asked before a reward is done; they get a `Reward`."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What a guard of `rules.reward` is asked about."""

    rule: str
    player_id: UUID | None
    action: str
    parameters: Mapping[str, Any]
    amount: Money | None
    facts: Mapping[str, Any]
    event_id: UUID
    """The event that it is for."""


_TOO_LITTLE: Mapping[Period, str] = {
    "hour": marked("too little is left of what there is for the hour"),
    "day": marked("too little is left of what there is for the day"),
    "week": marked("too little is left of what there is for the week"),
    "month": marked("too little is left of what there is for the month"),
    "lifetime": marked("too little is left of what there is for the lifetime"),
}


class _Ended(Exception):
    """Leave a claim undone, with all that was reserved for it given back."""

    def __init__(self, outcome: Outcome, reason: str | list[Any]) -> None:
        self.outcome, self.reason = outcome, reason


def settle(ctx: Context, event: Event, facts: Mapping[str, Any], claim: Claim) -> dict[str, Any]:
    """Do a claim, or end it; return what became of it, as it is to be kept."""
    answers: list[Any] = []
    if claim.outcome is Outcome.DONE:
        try:
            # Guards run inside, so that a refusal gives back what was reserved.
            with savepoint(ctx.connection):
                claim, answers = _do(ctx, event, facts, claim)
                ctx.flush()
        except _Ended as ended:
            claim = claim.ended(ended.outcome, ended.reason)
        except Refused as refused:
            claim = claim.ended(Outcome.REFUSED, "; ".join(refused.reasons))
    if claim.outcome is Outcome.OUT_OF_BUDGET:
        owner, period, total, _ = _budget(ctx, claim)
        tell_used_up(ctx, owner, period=period, total=total)
    return _decision(ctx, event, claim, answers)


def _do(ctx: Context, event: Event, facts: Mapping[str, Any], claim: Claim) -> tuple[Claim, list[Any]]:
    if claim.is_empty:
        raise _Ended(Outcome.NOTHING, marked("the amount came to nothing"))
    if event.player_id is not None:
        _take_use(ctx, claim, event.player_id)
        if is_held_out(claim.live.key, event.player_id, claim.rule.holdout_percent):
            # The use stays counted: who is held out is met as often as who is paid.
            return claim.ended(Outcome.HELD_OUT, marked("the player is in the holdout")), []
    _take_budget(ctx, claim)
    return claim, [_act(ctx, event, facts, claim, payment) for payment in claim.payments]


def _take_use(ctx: Context, claim: Claim, player_id: UUID) -> None:
    limit = claim.rule.limits.per_player if claim.rule.limits else None
    if limit is not None and not take_use(ctx, claim.live.key, player_id, limit):
        raise _Ended(Outcome.CAPPED, kept("the rule allows it %(times)s, not more", times=times(limit)))


def _take_budget(ctx: Context, claim: Claim) -> None:
    budget = claim.rule.limits.budget if claim.rule.limits else None
    if budget is None:
        return
    owner, period, total, amount = _budget(ctx, claim)
    if amount and not reserve(ctx, owner, period=period, total=total, amount=amount):
        raise _Ended(Outcome.OUT_OF_BUDGET, _TOO_LITTLE[budget.period])


def _budget(ctx: Context, claim: Claim) -> tuple[str, Any, int, int]:
    """Return whose budget pays, since when, what it holds in all, and what the claim takes of it."""
    assert claim.rule.limits is not None
    budget, amount = claim.rule.limits.budget, claim.amount
    assert budget is not None
    unit = amount.currency if amount is not None else ctx.tenant.currency
    total = ctx.tenant.currencies.round(Decimal(repr(budget.amount)), unit, "down")[0].minor
    period = period_start(budget.period, ctx.clock.now(), ctx.tenant.zone)
    paid = sum(p.amount.minor for p in claim.payments if p.amount is not None and p.amount.currency == unit)
    return f"rule:{claim.live.key}", period, total, paid


def _act(ctx: Context, event: Event, facts: Mapping[str, Any], claim: Claim, payment: Payment) -> Any:
    if payment.amount is not None and not payment.amount.minor:
        return None  # another of its actions pays
    asked = Reward(
        claim.live.key,
        event.player_id,
        payment.action,
        payment.parameters,
        payment.amount,
        facts,
        event.id,
    )
    ctx.guard(OPERATION, asked)
    ctx.cause = Cause(claim.id, claim.live.key, claim.live.version, event.id)
    try:
        parameters = dict(payment.parameters)
        if payment.amount is not None:
            parameters["amount"] = payment.amount.minor
        return ctx.act(payment.action, **parameters)
    finally:
        ctx.cause = None


def _decision(ctx: Context, event: Event, claim: Claim, answers: list[Any]) -> dict[str, Any]:
    amount = claim.amount
    return {
        "tenant_id": ctx.tenant.id,
        "id": claim.id,
        "event_id": event.id,
        "rule": claim.live.key,
        "version": claim.live.version,
        "player_id": event.player_id,
        "outcome": claim.outcome,
        "amount": amount.minor if amount is not None else None,
        "unit": amount.currency if amount is not None else None,
        "detail": {"reason": claim.reason} if claim.reason else {"actions": _done(claim, answers)},
        "at": ctx.clock.now(),
    }


def _done(claim: Claim, answers: list[Any]) -> list[dict[str, Any]]:
    """Return what each action did; what it answers is kept where it is the id of something."""
    return [
        {
            "action": payment.action,
            "amount": payment.amount.minor if payment.amount is not None else None,
            "unit": payment.amount.currency if payment.amount is not None else None,
            "answer": str(answer) if isinstance(answer, UUID | int | str) else None,
        }
        for payment, answer in zip(claim.payments, answers, strict=False)
    ]
