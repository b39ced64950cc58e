"""A comparison of a formula with a constant, as an exact one of the whole number that a column keeps.

`net_loss * 0.1 >= 50` becomes `net_loss_minor >= 50000`: the first whole number for which the formula
of the row path says so is searched for, once, so that an index serves and no row is computed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import false, true

from pitboss.rules.engine.bounds import Narrower, bounds
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.sql.binding import Scaled
from pitboss.rules.engine.sql.constructs import Condition, Element, every, some
from pitboss.rules.engine.tree import Arithmetic, CompareOp, Constant, Fact, Negate, Node

MIRRORED: Mapping[CompareOp, CompareOp] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(op: CompareOp, left: Any, right: Any) -> bool:
    """Compare two values as Python does."""
    return bool(_COMPARE[op](left, right))


def compare_sql(op: CompareOp, left: Element, right: Element) -> Condition:
    """Compare two values in SQL."""
    return cast(Condition, _COMPARE[op](left, right))


class Rising:
    """A formula of one fact that never overflows, and that rises or falls with it everywhere."""

    def __init__(self, node: Node, fact: Fact, *, is_rising: bool) -> None:
        self.fact = fact
        self.is_rising = is_rising
        compiled = compile_value(node)
        self.at: Callable[[float], float] = lambda value: cast(float, compiled({fact.name: value}))

    def reaches(self, scaled: Scaled, op: CompareOp, limit: float) -> Condition:
        """Return the comparison as one of the column; NULL, or true or false, where it is NULL."""
        op = op if self.is_rising else MIRRORED[op]
        start, end = self._span(scaled, limit)
        return _compared(scaled, op, start, end)

    def _span(self, scaled: Scaled, limit: float) -> tuple[int, int]:
        """Return the first number of parts that reaches the limit, and the first that passes it."""
        at, unit = self.at, float(scaled.unit)
        if self.is_rising:
            reached = _first(scaled, lambda parts: at(parts / unit) >= limit)
            return reached, _first(scaled, lambda parts: at(parts / unit) > limit)
        reached = _first(scaled, lambda parts: at(parts / unit) <= limit)
        return reached, _first(scaled, lambda parts: at(parts / unit) < limit)

    def is_among(self, scaled: Scaled, limits: Iterable[float]) -> Condition:
        """Return whether the formula is one of some numbers."""
        spans = [
            span for span in (self._span(scaled, limit) for limit in sorted(limits)) if span[0] < span[1]
        ]
        single = [scaled.bind(start) for start, end in spans if end == start + 1]
        wide = [_compared(scaled, "==", start, end) for start, end in spans if end > start + 1]
        found = [scaled.column.in_(single)] if single else []
        return some(*found, *wide)


def rising(node: Node, limits: Narrower) -> Rising | None:
    """Return the formula when it is made of one fact and constants in that way."""
    found = _direction(node, limits)
    return None if found is None else Rising(node, found[0], is_rising=found[1])


def _direction(node: Node, limits: Narrower) -> tuple[Fact, bool] | None:
    """Return the one fact, and whether the formula rises with it."""
    match node:
        case Fact():
            return node, True
        case Negate(item):
            return _turned(item, limits, is_turned=True)
        case Arithmetic("+", Constant(), item) | Arithmetic("+" | "-", item, Constant()):
            is_turned = False
        case Arithmetic("-", Constant(), item):
            is_turned = True
        case Arithmetic("*", Constant(factor), item) | Arithmetic("*" | "/", item, Constant(factor)) if (
            factor
        ):
            is_turned = cast(float, factor) < 0
        case _:
            return None
    return _turned(item, limits, is_turned=is_turned) if bounds(node, limits).is_finite else None


def _turned(item: Node, limits: Narrower, *, is_turned: bool) -> tuple[Fact, bool] | None:
    found = _direction(item, limits)
    return None if found is None else (found[0], found[1] is not is_turned)


def _first(scaled: Scaled, holds: Callable[[int], bool]) -> int:
    """Return the first number of parts for which something holds that holds for all later ones."""
    low, high = scaled.first, scaled.last + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _compared(scaled: Scaled, op: CompareOp, start: int, end: int) -> Condition:
    match op:
        case ">=":
            return _from(scaled, start, strict=False)
        case ">":
            return _from(scaled, end, strict=True)
        case "<":
            return _before(scaled, start, strict=True)
        case "<=":
            return _before(scaled, end, strict=False)
        case "==" if start + 1 == end:
            return scaled.column == scaled.bind(start)
        case "==" if start < end:
            return every(_from(scaled, start, strict=False), _before(scaled, end, strict=False))
        case "!=" if start + 1 == end:
            return scaled.column != scaled.bind(start)
        case "!=" if start < end:
            return some(_before(scaled, start, strict=True), _from(scaled, end, strict=False))
    return false() if op == "==" else true()


def _from(scaled: Scaled, start: int, *, strict: bool) -> Condition:
    if start <= scaled.first:
        return true()
    if start > scaled.last:
        return false()
    return scaled.column > scaled.bind(start - 1) if strict else scaled.column >= scaled.bind(start)


def _before(scaled: Scaled, end: int, *, strict: bool) -> Condition:
    if end <= scaled.first:
        return false()
    if end > scaled.last:
        return true()
    return scaled.column < scaled.bind(end) if strict else scaled.column <= scaled.bind(end - 1)
