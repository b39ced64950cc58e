"""What an alert says: its message with the facts filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.rules.book.live import LiveRule
from pitboss.rules.engine.catalogue import Variable
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.insight.wording import plain
from pitboss.rules.engine.rule import Alert
from pitboss.rules.engine.tree import facts_read

_IN_BRACES = re.compile(r"\{([^{}]*)\}")


def filled(ctx: Context, live: LiveRule, facts: Mapping[str, Any]) -> str:
    """Return the message of an alert with the facts in their places."""
    assert isinstance(live.rule, Alert)
    words = live.program.catalogue

    def fact(found: re.Match[str]) -> str:
        variable = words.variable(found[1])
        return shown(ctx, variable, facts.get(variable.name))

    return _IN_BRACES.sub(fact, live.rule.message)


def facts_told(live: LiveRule) -> set[str]:
    """Return the facts that an alert's words and number are made of."""
    assert isinstance(live.rule, Alert)
    words, node = live.program.catalogue, live.program.value
    named = {words.variable(name).name for name in _IN_BRACES.findall(live.rule.message)}
    return named if node is None else named | set(facts_read(node))


def shown(ctx: Context, variable: Variable, value: Any) -> str:
    """Return a value as people read it: money in its currency's decimals, instants in the tenant's time."""
    if value is None or variable.type not in ("money", "instant"):
        return plain(value, variable.value_type, variable)
    if variable.type == "instant":
        return ctx.clock.now().fromtimestamp(value, ctx.tenant.zone).strftime("%Y-%m-%d %H:%M")
    currencies, currency = ctx.tenant.currencies, ctx.tenant.currency
    amount, _ = currencies.round(Decimal(repr(float(value))), currency, ctx.tenant.rounding)
    assert isinstance(amount, Money)
    return f"{currencies.text(amount)} {currency}"


def value_of(live: LiveRule, facts: Mapping[str, Any]) -> float | None:
    """Return the number that an alert carries, None where it has none."""
    node = live.program.value
    if node is None or node.type != "number":
        return None
    try:
        value = compile_value(node)(facts)
    except EvaluationError:
        return None
    return float(value) if isinstance(value, float) else None
