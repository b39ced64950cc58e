"""An explanation in one sentence, for somebody who asks on the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pitboss.rules.engine.insight.explanation import Amount, Condition
from pitboss.rules.engine.insight.nearness import blamed
from pitboss.rules.engine.insight.wording import money, plain
from pitboss.rules.engine.texts import gettext as _

REASONS_MAX = 3
"""How many reasons one sentence gives."""


def sentence(name: str, condition: Condition, amounts: Sequence[Amount]) -> str:
    """Say whether a rule matched, with what it pays or with what stood in the way."""
    if condition.verdict == "held":
        return f"{_('%(name)s matched', name=name)}{_payment(amounts)}"
    reasons = [_reason(one) for one in blamed(condition)]
    said, more = "; ".join(reasons[:REASONS_MAX]), len(reasons) - REASONS_MAX
    if more > 0:
        said = _("%(reasons)s; and %(count)s more", reasons=said, count=more)
    if condition.verdict == "unjudged":
        return _("%(name)s could not be judged: %(reasons)s", name=name, reasons=said)
    return _("%(name)s did not match: %(reasons)s", name=name, reasons=said)


def _reason(missed: Condition) -> str:
    if not missed.missed_by:
        return missed.reason
    return _("%(reason)s: missed by %(gap)s", reason=missed.reason, gap=missed.missed_by)


def _payment(amounts: Sequence[Amount]) -> str:
    faulty = next((amount for amount in amounts if amount.fault), None)
    if faulty is not None and faulty.fault is not None:
        fault = faulty.fault.message
        return _(", but does not fire: %(fault)s in %(formula)s", fault=fault, formula=faulty.formula)
    return "".join(map(_paid, amounts))


def _paid(amount: Amount) -> str:
    value = _("%(fact)s is %(value)s", fact=amount.formula, value=_valued(amount.value))
    if amount.paid is None:
        return f": {value}"
    if amount.is_negative:
        return _(" but pays nothing: %(value)s, and a negative amount never pays", value=value)
    if amount.is_capped:
        value = _("%(value)s, capped at %(cap)s", value=value, cap=plain(amount.max_amount, "number"))
    return _(" and pays %(paid)s: %(value)s", paid=money(amount.paid), value=value)


def _valued(value: Decimal | str | bool | None) -> str:
    return money(value) if isinstance(value, Decimal) else plain(value, "text")
