"""A direct interpreter of the tree: what each backend is compared with."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from pitboss.rules.engine.catalogue import Facts, admit_value
from pitboss.rules.engine.errors import (
    DivisionByZero,
    EvaluationError,
    FunctionFailed,
    NotFinite,
    NotWhole,
    UnknownFact,
)
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Contains,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    Value,
)

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def interpret(node: Node, facts: Facts) -> Any:
    """Return the value of a tree, or raise EvaluationError."""
    match node:
        case Constant(value):
            return value
        case Fact():
            return _fact(node, facts)
        case Negate(item):
            return -interpret(item, facts)
        case Arithmetic(op, left, right):
            return _arithmetic(op, interpret(left, facts), interpret(right, facts))
        case Compare(op, left, right):
            return COMPARE[op](interpret(left, facts), interpret(right, facts))
        case Among(item, options):
            return interpret(item, facts) in options
        case Contains(items, item):
            text = interpret(item, facts)
            return text in interpret(items, facts)
        case AllOf(items):
            return all(interpret(item, facts) for item in items)
        case AnyOf(items):
            return any(interpret(item, facts) for item in items)
        case Not(item):
            return not interpret(item, facts)
        case Choose(test, then, otherwise):
            return interpret(then if interpret(test, facts) else otherwise, facts)
        case Known(fact):
            return _is_known(fact, facts)
        case Coalesce(items):
            known = (item for item in items[:-1] if isinstance(item, Fact) and _is_known(item, facts))
            return interpret(next(known, items[-1]), facts)
        case Call(function, arguments):
            return _call(function.call, [interpret(argument, facts) for argument in arguments])


def outcome(node: Node, facts: Facts) -> Value | str:
    """Return the value of a tree, or the kind of its error as text in brackets."""
    try:
        value: Value = interpret(node, facts)
    except EvaluationError as error:
        return f"<{error.kind}>"
    return value


def _is_known(fact: Fact, facts: Facts) -> bool:
    return facts.get(fact.name) is not None or fact.variable.default is not None


def _fact(fact: Fact, facts: Facts) -> Any:
    value = facts.get(fact.name)
    value = fact.variable.default if value is None else value
    if value is None:
        raise UnknownFact(fact.name)
    return admit_value(fact.variable, value)


def _arithmetic(op: str, left: float, right: float) -> float:
    if op in ("//", "%") and not (left.is_integer() and right.is_integer()):
        raise NotWhole(f"{left} {op} {right}")
    try:
        return _finite(_power(left, int(right)) if op == "**" else ARITHMETIC[op](left, right))
    except ZeroDivisionError:
        raise DivisionByZero(f"{left} {op} {right}") from None


def _power(base: float, exponent: int) -> float:
    return math.prod([base] * exponent, start=1.0)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NotFinite(str(value))
    return value


def _call(call: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        value = call(*arguments)
    except (ArithmeticError, ValueError) as error:
        raise NotFinite(str(error)) from error
    except Exception as error:
        raise FunctionFailed(str(error)) from error
    return _finite(value) if isinstance(value, float) else value
