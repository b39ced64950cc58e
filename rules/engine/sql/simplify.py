"""A tree with less in it that means the same: `now` filled in, constants computed, `not` at the leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast

from pitboss.rules.engine.catalogue import NOW, Variable, admit_value
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    children,
)

_OPPOSITE: dict[CompareOp, CompareOp] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def simplified(node: Node, now: datetime | float | None = None) -> Node:
    """Return the tree with `now` filled in and constants computed; what would be an error stays."""
    if now is None:
        return _simple(node, None)
    seconds = admit_value(Variable(name=NOW, type="instant"), now)
    return _simple(node, Constant(seconds, "instant"))


def negated(node: Node) -> Node:
    """Return the opposite, with `not` as far down as it goes; read in the same order, no further."""
    match node:
        case Not(item):
            return item
        case Constant(value):
            return Constant(not value, "boolean")
        case Compare(op, left, right):
            return Compare(_OPPOSITE[op], left, right)
        case AllOf(items):
            return AnyOf(tuple(map(negated, items)))
        case AnyOf(items):
            return AllOf(tuple(map(negated, items)))
        case Choose(test, then, otherwise):
            return Choose(test, negated(then), negated(otherwise))
    return Not(node)


def _simple(node: Node, now: Constant | None) -> Node:
    match node:
        case Fact() if now is not None and node.name == NOW:
            return now
        case Known(fact) if now is not None and fact.name == NOW:
            return Constant(True, "boolean")
        case Fact() | Known() | Constant():
            return node
        case Choose(test, then, otherwise):
            return _chosen(_simple(test, now), then, otherwise, now)
        case Coalesce(items):
            return _first_known([_simple(item, now) for item in items])
    return _computed(_rebuilt(node, [_simple(child, now) for child in children(node)]))


def _chosen(test: Node, then: Node, otherwise: Node, now: Constant | None) -> Node:
    if isinstance(test, Constant):
        return _simple(then if test.value else otherwise, now)
    return Choose(test, _simple(then, now), _simple(otherwise, now))


def _first_known(items: list[Node]) -> Node:
    for place, item in enumerate(items):
        if isinstance(item, Constant):
            return item if place == 0 else Coalesce(tuple(items[: place + 1]))
    return Coalesce(tuple(items))


def _rebuilt(node: Node, parts: list[Node]) -> Node:
    match node:
        case Arithmetic() | Compare():
            return replace(node, left=parts[0], right=parts[1])
        case Negate() | Not() | Among():
            return replace(node, item=parts[0])
        case Contains():
            return Contains(parts[0], parts[1])
        case AllOf() | AnyOf():
            return replace(node, items=tuple(parts))
        case Call():
            return replace(node, arguments=tuple(parts))
    raise TypeError(f"{type(node).__name__} has no parts")


def _computed(node: Node) -> Node:
    if not all(isinstance(child, Constant) for child in children(node)):
        return node
    try:
        return Constant(cast("float | str | bool", compile_value(node)({})), node.type)
    except EvaluationError:
        return node
