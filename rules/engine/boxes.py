"""Conditions in normal form: boxes, each of which says for some facts alone what they may be.

A condition is the union of its boxes, and no two boxes hold at once. What cannot be said of one fact at
a time stays in a box as a residual tree, which is evaluated after the predicates. So an index finds the
boxes of an event without evaluating anything, and analysis compares rules without running them.

A fact may be unknown: a predicate says whether that is in it too. A comparison of an unknown fact is
neither true nor false, so that it is in neither predicate, unless a default stands in for it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pitboss.rules.engine.catalogue import Type, Variable, admit_value
from pitboss.rules.engine.predicates import Predicate, Ranges, Texts, Truths
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Choose,
    Coalesce,
    Compare,
    CompareOp,
    Constant,
    Fact,
    Known,
    Node,
    Not,
)

__all__ = ["BOXES_MAX", "Box", "Predicate", "Ranges", "Texts", "Truths", "boxes", "default_of"]

BOXES_MAX = 8
"""How many boxes one condition becomes; one that needs more keeps a residual."""

_INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Box:
    """Facts that may each be so much, and what must hold besides."""

    predicates: Mapping[str, Predicate] = field(default_factory=dict)
    residual: tuple[Node, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether no facts are in it."""
        return any(predicate.is_empty for predicate in self.predicates.values())

    def meet(self, other: Box) -> Box:
        """Return the box of what is in both."""
        met = dict(self.predicates)
        for name, predicate in other.predicates.items():
            met[name] = _meet(met[name], predicate) if name in met else predicate
        return Box(met, self.residual + tuple(node for node in other.residual if node not in self.residual))

    def intersects(self, other: Box) -> bool:
        """Tell whether facts may be in both; residuals are taken to hold."""
        return not self.meet(other).is_empty

    def contains(self, other: Box) -> bool:
        """Tell whether all facts of the other are in this; false where a residual leaves it open."""
        if other.is_empty:
            return True
        if not set(self.residual) <= set(other.residual):
            return False
        return all(
            _meet(predicate, within := other.predicates.get(name, predicate.all)) == within
            for name, predicate in self.predicates.items()
        )


def boxes(condition: Node) -> tuple[Box, ...]:
    """Return the condition as boxes that share no facts; none, where nothing can fulfil it."""
    return tuple(box for box in _expand(condition, True) if not box.is_empty)


def default_of(variable: Variable) -> float | str | bool | None:
    """Return what is taken for an unknown fact in comparisons, if anything is."""
    if variable.default is None or variable.value_type == "list":
        return None
    return admit_value(variable, variable.default)  # type: ignore[no-any-return]  # a Value


# -- from trees to boxes -------------------------------------------------------------------------


def _expand(node: Node, wanted: bool) -> list[Box]:
    """Return the boxes in which a condition is what is wanted."""
    verdict = _verdict(node)
    if isinstance(verdict, bool):
        return [Box()] if verdict is wanted else []
    if verdict is not None:
        return [Box({verdict.name: verdict.true if wanted else verdict.false})]
    expanded: list[Box] | None = None
    match node:
        case Not(item):
            return _expand(item, not wanted)
        case AllOf(items):
            expanded = _each(items, wanted) if wanted else _either(items, wanted)
        case AnyOf(items):
            expanded = _either(items, wanted) if wanted else _each(items, wanted)
        case Choose(test, then, otherwise):
            expanded = _chosen(test, then, otherwise, wanted)
    return [Box(residual=(node if wanted else Not(node),))] if expanded is None else expanded


def _each(items: Sequence[Node], wanted: bool) -> list[Box]:
    """Return the boxes in which all items are what is wanted."""
    found = [Box()]
    for item in items:
        factor = _expand(item, wanted)
        if len(found) * len(factor) > BOXES_MAX:
            factor = [Box(residual=(item if wanted else Not(item),))]
        found = _product(found, factor)
    return found


def _either(items: Sequence[Node], wanted: bool) -> list[Box] | None:
    """Return the boxes in which one item is what is wanted, and those before it are known not to be."""
    found: list[Box] = []
    before = [Box()]
    for place, item in enumerate(items):
        factor = _expand(item, wanted)
        is_last = place == len(items) - 1
        # Only predicates tell boxes apart, so what is passed over may have nothing else.
        if not is_last and any(box.residual for box in factor):
            return None
        found += _product(before, factor)
        before = [] if is_last else _product(before, _expand(item, not wanted))
        if len(found) + len(before) > BOXES_MAX:
            return None
    return found


def _chosen(test: Node, then: Node, otherwise: Node, wanted: bool) -> list[Box] | None:
    is_true, is_false = _expand(test, True), _expand(test, False)
    if any(box.residual for box in (*is_true, *is_false)):
        return None
    found = _product(is_true, _expand(then, wanted)) + _product(is_false, _expand(otherwise, wanted))
    return found if len(found) <= BOXES_MAX else None


def _product(left: list[Box], right: list[Box]) -> list[Box]:
    met = (one.meet(other) for one in left for other in right)
    return [box for box in met if not box.is_empty]


# -- conditions on one fact ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one fact is where a condition is true, and where it is false; elsewhere it has no value."""

    name: str
    true: Predicate
    false: Predicate


_Answer: TypeAlias = _Verdict | bool | None
"""A verdict on one fact; a bool where it is always so; None where it is more than that."""


def _verdict(node: Node) -> _Answer:
    match node:
        case Constant(bool() as value):
            return value
        case Compare(op, left, right):
            return _compared(op, left, right)
        case Among(item, options):
            return _judged(item, _accepted(item.type, frozenset(options)))
        case Known(fact):
            return _known(fact.variable)
        case Fact() | Coalesce():
            return _judged(node, Truths(frozenset({True})))
        case Not(item):
            return _opposite(_verdict(item))
        case AllOf(items):
            return _conjunction(items)
        case AnyOf(items):
            return _opposite(_conjunction(tuple(map(Not, items))))
    return None


def _opposite(answer: _Answer) -> _Answer:
    if isinstance(answer, _Verdict):
        return _Verdict(answer.name, answer.false, answer.true)
    return None if answer is None else not answer


def _conjunction(items: Sequence[Node]) -> _Answer:
    total: _Answer = True
    for item in items:
        answer = _verdict(item)
        if answer is None or total is None:
            return None
        total = _both(total, answer)
    return total


def _both(first: _Verdict | bool, then: _Verdict | bool) -> _Answer:
    if isinstance(first, bool):
        return then if first else False
    if isinstance(then, bool):
        everything = first.true.all
        nothing = everything.others
        then = (
            _Verdict(first.name, everything, nothing) if then else _Verdict(first.name, nothing, everything)
        )
    if first.name != then.name:
        return None
    false = _join(first.false, _meet(first.true, then.false))
    return _Verdict(first.name, _meet(first.true, then.true), false)


def _compared(op: CompareOp, left: Node, right: Node) -> _Answer:
    match left, right:
        case Constant(a), Constant(b):
            return bool(_OPERATORS[op](a, b))
        case Constant(value), _:
            return _against(_MIRRORED[op], right, value)
        case _, Constant(value):
            return _against(op, left, value)
    return None


def _against(op: CompareOp, item: Node, value: float | str | bool) -> _Answer:
    if op == "!=":
        return _opposite(_against("==", item, value))
    if op == "==":
        return _judged(item, _accepted(item.type, frozenset({value})))
    assert isinstance(value, float)  # only numbers have an order
    low, high = _BOUNDS[op](value)
    return _judged(item, Ranges.of([(low, high)]))


def _accepted(kind: Type, values: frozenset[Any]) -> Predicate | None:
    """Return the predicate of exactly these values."""
    if kind in _ORDERED:
        return Ranges.of((value, value) for value in values)
    if kind == "text":
        return Texts(values)
    return Truths(values) if kind == "boolean" else None


def _judged(item: Node, accepted: Predicate | None) -> _Answer:
    """Judge a fact, or a fact with a constant in its place while it is unknown."""
    variable, stand_in = _subject(item)
    if variable is None or accepted is None:
        return None
    true, false = accepted, accepted.others
    if stand_in is not None:
        is_in = accepted.accepts(stand_in)  # type: ignore[arg-type]  # both are of the type of the item
        true, false = _with_unknown(true, is_in), _with_unknown(false, not is_in)
    return _Verdict(variable.name, true, false)


def _subject(item: Node) -> tuple[Variable | None, float | str | bool | None]:
    match item:
        case Fact(variable):
            return variable, default_of(variable)
        case Coalesce((Fact(variable), Constant(value))):
            default = default_of(variable)
            return variable, value if default is None else default
    return None, None


def _known(variable: Variable) -> _Answer:
    if variable.default is not None:
        return True
    if variable.value_type == "list":
        return None
    nothing = _accepted(variable.value_type, frozenset())
    assert nothing is not None
    return _Verdict(variable.name, nothing.others, _with_unknown(nothing, True))


def _with_unknown(predicate: Predicate, unknown: bool) -> Predicate:
    match predicate:
        case Ranges(intervals):
            return Ranges(intervals, unknown)
        case Texts(values, is_complement):
            return Texts(values, is_complement, unknown)
        case Truths(values):
            return Truths(values, unknown)


def _meet(one: Predicate, other: Predicate) -> Predicate:
    return one & other  # type: ignore[operator]  # a fact has one type, so its predicates are of one class


def _join(one: Predicate, other: Predicate) -> Predicate:
    return one | other  # type: ignore[operator]  # as above


_ORDERED = frozenset({"number", "instant", "duration"})
_OPERATORS: Mapping[CompareOp, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED: Mapping[CompareOp, CompareOp] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_BOUNDS: Mapping[CompareOp, Callable[[float], tuple[float, float]]] = {
    "<": lambda value: (-_INFINITY, math.nextafter(value, -_INFINITY)),
    "<=": lambda value: (-_INFINITY, value),
    ">": lambda value: (math.nextafter(value, _INFINITY), _INFINITY),
    ">=": lambda value: (value, _INFINITY),
}
