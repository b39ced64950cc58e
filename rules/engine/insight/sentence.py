"""An explanation in one sentence, for somebody who asks on the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pitboss.rules.engine.insight.explanation import Amount, Condition
from pitboss.rules.engine.insight.nearness import blamed
from pitboss.rules.engine.insight.wording import plain, rounded

REASONS_MAX = 3
"""How many reasons one sentence gives."""


def sentence(name: str, condition: Condition, amounts: Sequence[Amount]) -> str:
    """Say whether a rule matched, with what it pays or with what stood in the way."""
    if condition.verdict == "held":
        return f"{name} matched{_payment(amounts)}"
    reasons = [_reason(one) for one in blamed(condition)]
    more = f"; and {len(reasons) - REASONS_MAX} more" if len(reasons) > REASONS_MAX else ""
    verb = "could not be judged" if condition.verdict == "unjudged" else "did not match"
    return f"{name} {verb}: {'; '.join(reasons[:REASONS_MAX])}{more}"


def _reason(missed: Condition) -> str:
    return f"{missed.reason}: missed by {missed.missed_by}" if missed.missed_by else missed.reason


def _payment(amounts: Sequence[Amount]) -> str:
    faulty = next((amount for amount in amounts if amount.fault), None)
    if faulty is not None and faulty.fault is not None:
        return f", but does not fire: {faulty.fault.message} in {faulty.formula}"
    return "".join(map(_paid, amounts))


def _paid(amount: Amount) -> str:
    value = rounded(amount.value) if isinstance(amount.value, Decimal) else amount.value
    if amount.paid is None:
        return f": {amount.formula} is {value}"
    if amount.is_negative:
        return f" but pays nothing: {amount.formula} is {value}, and a negative amount never pays"
    cap = f", capped at {plain(amount.max_amount, 'number')}" if amount.is_capped else ""
    return f" and pays {rounded(amount.paid)}: {amount.formula} is {value}{cap}"
