"""Read an expression once, and evaluate it any number of times.

>>> catalogue = catalogue_of([Variable(name="net_loss")])
>>> evaluate("max(net_loss * 0.10, 5)", {"net_loss": 620}, catalogue)
62.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pitboss.rules.engine.catalogue import Catalogue, Facts, Type, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.tree import Node, Value

EXPRESSIONS_MAX = 10_000
"""How many texts a catalogue remembers; the oldest is forgotten."""

__all__ = ["Catalogue", "Variable", "catalogue_of", "evaluate", "expression", "function_of"]


def evaluate(text: str, facts: Facts, catalogue: Catalogue) -> Value:
    """Return the value of an expression, or raise Refused or EvaluationError."""
    try:
        value = catalogue.memo[text]
    except KeyError:
        value = _remember(catalogue, text, compile_value(expression(text, catalogue)))
    return value(facts)  # type: ignore[no-any-return]  # compile_value's


def expression(text: str, catalogue: Catalogue, expect: Type | None = None) -> Node:
    """Return the typed tree of an expression."""
    key = (text, expect)
    try:
        return cast(Node, catalogue.memo[key])
    except KeyError:
        return cast(Node, _remember(catalogue, key, check(text, catalogue, expect)))
    except TypeError:
        return check(text, catalogue, expect)  # not even hashable: let the checker say what it is


def function_of(node: Node, catalogue: Catalogue) -> Callable[[Facts], Value]:
    """Return the compiled function of a tree; equal trees share one."""
    try:
        return cast("Callable[[Facts], Value]", catalogue.memo[node])
    except KeyError:
        return cast("Callable[[Facts], Value]", _remember(catalogue, node, compile_value(node)))


def _remember(catalogue: Catalogue, key: Any, value: Any) -> Any:
    memo = catalogue.memo
    while len(memo) >= EXPRESSIONS_MAX:
        # Another thread may have taken the oldest already.
        memo.pop(next(iter(memo), None), None)
    memo[key] = value
    return value
