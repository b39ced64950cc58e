"""What a rule that matched would do: its actions, each with the exact amount in its own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from pitboss.core import contracts
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.rules.book.live import LiveRule
from pitboss.rules.engine.exact import exact_amount
from pitboss.rules.engine.program import Action
from pitboss.rules.engine.rule import Reward
from pitboss.rules.runtime.tables import Outcome

MONEY = "money"
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Payment:
    """One action, and how much of it."""

    action: str
    parameters: Mapping[str, Any]
    amount: Money | None
    """None where the action pays nothing, such as a message."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reward that matched, on its way to being done."""

    id: UUID
    """Of the decision."""
    live: LiveRule
    payments: tuple[Payment, ...]
    outcome: Outcome = Outcome.DONE
    reason: str | list[Any] = ""
    """Why it ended, as it is stored."""

    @property
    def rule(self) -> Reward:
        """The rule as it is written."""
        assert isinstance(self.live.rule, Reward)
        return self.live.rule

    @property
    def amount(self) -> Money | None:
        """What it pays: of its first action that pays."""
        return next((p.amount for p in self.payments if p.amount is not None), None)

    @property
    def is_empty(self) -> bool:
        """Tell whether each of its actions pays, and all come to nothing."""
        amounts = [payment.amount for payment in self.payments]
        return all(amount is not None and amount.minor == 0 for amount in amounts)

    def ended(self, outcome: Outcome, reason: str | list[Any]) -> Claim:
        """Return the claim as it came to an end without being done."""
        return replace(self, outcome=outcome, reason=reason)


def claim(ctx: Context, live: LiveRule, facts: Mapping[str, Any]) -> Claim:
    """Return what a rule that matched would do, or raise EvaluationError where an amount has no value."""
    payments = tuple(payment(ctx, live, action, facts) for action in live.program.actions)
    return Claim(uuid7(), live, payments)


def payment(ctx: Context, live: LiveRule, action: Action, facts: Mapping[str, Any]) -> Payment:
    """Return one action with its amount, rounded once by the tenant's rule."""
    unit = ctx.view.term(action.name, contracts.Action).pays
    if not unit or action.amount is None:
        return Payment(action.name, action.parameters, None)
    exact = max(_NOTHING, exact_amount(action.amount, facts, live.program.catalogue))
    if action.max_amount is not None:
        exact = min(exact, Decimal(repr(action.max_amount)))
    currency = ctx.tenant.currency if unit == MONEY else unit
    rounded, _ = ctx.tenant.currencies.round(exact, currency, ctx.tenant.rounding)
    return Payment(action.name, action.parameters, rounded)
