"""Between which values a formula can lie: said of the tree alone, before anything runs.

What is said is safe and not always sharp: no evaluation leaves the bounds, and some bounds are never
reached. Tests of conditions narrow nothing: `x / y if y > 0 else 0` divides by what y can be anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import cast

from pitboss.rules.engine.catalogue import WHOLE_MAX, Variable, admit_value
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.tree import Arithmetic, Call, Choose, Coalesce, Constant, Fact, Negate, Node

FLOAT_MAX = 1.7976931348623157e308
FLOAT_MIN = 5e-324
_ORDERED = frozenset({"number", "instant", "duration"})
_SHIPPED = frozenset(SHIPPED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest number that a node can yield; infinite where it can overflow."""

    low: float
    high: float
    least: float = FLOAT_MIN
    """No value but zero is closer to zero than this; 0 where a result can vanish in rounding."""
    is_whole: bool = False
    """Each value is a whole number."""

    @property
    def is_finite(self) -> bool:
        """Tell whether the node can never overflow."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def may_be_negative(self) -> bool:
        """Tell whether a value below zero is possible."""
        return self.low < 0

    @property
    def may_be_zero(self) -> bool:
        """Tell whether zero is possible."""
        return self.low <= 0 <= self.high

    @property
    def may_vanish(self) -> bool:
        """Tell whether a result that is not zero can become zero in rounding."""
        return self.least == 0

    @property
    def largest(self) -> float:
        """Return the largest distance from zero."""
        return max(-self.low, self.high)

    @property
    def settled(self) -> Bounds:
        """Return the bounds of what is left when a result that overflows is an error."""
        low, high = max(self.low, -FLOAT_MAX), min(self.high, FLOAT_MAX)
        return Bounds(low, high, self.least or FLOAT_MIN, self.is_whole)

    def joined(self, other: Bounds) -> Bounds:
        """Return the bounds of what is one or the other."""
        return Bounds(
            min(self.low, other.low),
            max(self.high, other.high),
            min(self.least, other.least),
            self.is_whole and other.is_whole,
        )


ANY = Bounds(-float(WHOLE_MAX), float(WHOLE_MAX))
"""What the door lets in."""
KNOWN: Mapping[str, Bounds] = {}

Narrower = Mapping[str, Bounds | tuple[float, float]]
"""Facts, by name, that are known to lie closer than the door demands."""


def bounds(node: Node, facts: Narrower = KNOWN) -> Bounds:
    """Return between which values a number, an instant or a duration lies.

    The node itself may overflow or vanish, and its bounds say so; what is below it was evaluated, so that
    it is finite.
    """
    match node:
        case Constant(value):
            return _exactly(cast(float, value))
        case Fact(variable):
            return _fact(variable, facts)
        case Negate(item):
            inner = settled(item, facts)
            return replace(inner, low=-inner.high, high=-inner.low)
        case Arithmetic("**", left, Constant(exponent)):
            return _power(settled(left, facts), int(exponent))
        case Arithmetic(op, left, right):
            return _ARITHMETIC[op](settled(left, facts), settled(right, facts))
        case Choose(_, then, otherwise):
            return settled(then, facts).joined(settled(otherwise, facts))
        case Coalesce(items):
            return _any_of([settled(item, facts) for item in items])
        case Call():
            return _call(node, facts)
    raise TypeError(f"{type(node).__name__} is not a number")


def settled(node: Node, facts: Narrower = KNOWN) -> Bounds:
    """Return the bounds of a value that was evaluated without an error."""
    return bounds(node, facts).settled


def _exactly(value: float) -> Bounds:
    return Bounds(value, value, abs(value) or 1.0, value.is_integer())


def _fact(variable: Variable, facts: Narrower) -> Bounds:
    found = facts.get(variable.name)
    if found is None:
        return ANY
    return found if isinstance(found, Bounds) else Bounds(*found)


def with_default(variable: Variable, known: Bounds) -> Bounds:
    """Return the bounds of a fact that takes its default where it is unknown."""
    if variable.default is None or variable.value_type not in _ORDERED:
        return known
    return known.joined(_exactly(admit_value(variable, variable.default)))


# -- arithmetic --------------------------------------------------------------------------------


def _sum(left: Bounds, right: Bounds) -> Bounds:
    is_whole = left.is_whole and right.is_whole
    # Floats are multiples of the last bit of the least of them, and so are their sums.
    least = 1.0 if is_whole else min(_last_bit(left.least), _last_bit(right.least))
    return Bounds(left.low + right.low, left.high + right.high, least, is_whole)


def _difference(left: Bounds, right: Bounds) -> Bounds:
    return _sum(left, replace(right, low=-right.high, high=-right.low))


def _product(left: Bounds, right: Bounds) -> Bounds:
    corners = [a * b for a, b in product((left.low, left.high), (right.low, right.high))]
    is_whole = left.is_whole and right.is_whole
    return Bounds(min(corners), max(corners), _least(left.least * right.least, is_whole), is_whole)


def _quotient(left: Bounds, right: Bounds) -> Bounds:
    nearest = max(right.least, right.low, -right.high)
    least = _least(left.least / right.largest) if right.largest else FLOAT_MIN
    divisors = [-nearest] * (right.low < 0) + [nearest] * (right.high > 0)
    divisors += [end for end in (right.low, right.high) if end]
    corners = [a / b for a in (left.low, left.high) for b in divisors] or [0.0]
    return Bounds(min(corners), max(corners), least)


def _floor_quotient(left: Bounds, right: Bounds) -> Bounds:
    exact = _quotient(left, replace(right, least=max(right.least, 1.0)))
    return Bounds(_floor(exact.low), _floor(exact.high), 1.0, is_whole=True)


def _remainder(_left: Bounds, right: Bounds) -> Bounds:
    return Bounds(min(right.low, 0.0), max(right.high, 0.0), 1.0, is_whole=True)


def _power(base: Bounds, exponent: int) -> Bounds:
    if exponent == 0:
        return _exactly(1.0)
    low, high = _powered(base.low, exponent), _powered(base.high, exponent)
    least = _least(_powered(base.least, exponent), base.is_whole) if exponent > 1 else base.least
    if exponent % 2 == 0:
        low, high = (0.0 if base.may_be_zero else min(low, high)), max(low, high)
    return Bounds(low, high, least, base.is_whole)


def _powered(base: float, exponent: int) -> float:
    return math.prod([base] * exponent)


def _floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def _least(value: float, is_whole: bool = False) -> float:
    """Allow for the rounding of a least value."""
    return max(math.nextafter(value, 0.0), float(is_whole))


def _last_bit(least: float) -> float:
    return max(math.ulp(least), FLOAT_MIN)


_ARITHMETIC: Mapping[str, Callable[[Bounds, Bounds], Bounds]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "//": _floor_quotient,
    "%": _remainder,
}


# -- functions ---------------------------------------------------------------------------------


def _call(node: Call, facts: Narrower) -> Bounds:
    narrow = _CALLS.get(node.function.name) if node.function in _SHIPPED else None
    return ANY if narrow is None else narrow([settled(item, facts) for item in node.arguments])


def _any_of(items: list[Bounds]) -> Bounds:
    first, *rest = items
    for other in rest:
        first = first.joined(other)
    return first


def _absolute(items: list[Bounds]) -> Bounds:
    (item,) = items
    low = 0.0 if item.may_be_zero else min(abs(item.low), abs(item.high))
    return replace(item, low=low, high=item.largest)


def _minimum(items: list[Bounds]) -> Bounds:
    low, high = min(item.low for item in items), min(item.high for item in items)
    return replace(_any_of(items), low=low, high=high)


def _maximum(items: list[Bounds]) -> Bounds:
    low, high = max(item.low for item in items), max(item.high for item in items)
    return replace(_any_of(items), low=low, high=high)


def _clamp(items: list[Bounds]) -> Bounds:
    value, low, high = items
    return _minimum([_maximum([value, low]), high])


def _down(items: list[Bounds]) -> Bounds:
    (item,) = items
    return Bounds(_floor(item.low), _floor(item.high), 1.0, is_whole=True)


def _up(items: list[Bounds]) -> Bounds:
    (item,) = items
    return Bounds(-_floor(-item.low), -_floor(-item.high), 1.0, is_whole=True)


def _rounded(items: list[Bounds]) -> Bounds:
    # It moves a number by less than one, and a half may go either way.
    item, *digits = items
    low, high = _floor(item.low), -_floor(-item.high)
    return Bounds(low, high) if digits else Bounds(low, high, 1.0, is_whole=True)


def _root(items: list[Bounds]) -> Bounds:
    (item,) = items
    low, high = (math.sqrt(max(end, 0.0)) for end in (item.low, item.high))
    return Bounds(low, high, math.sqrt(_least(item.least)))


def _exponential(items: list[Bounds]) -> Bounds:
    (item,) = items
    low, high = (math.exp(end) if end < 709 else math.inf for end in (item.low, item.high))
    return Bounds(low, high, 0.0)


def _share(_items: list[Bounds]) -> Bounds:
    return Bounds(0.0, 1.0, 0.0)


_CALLS: Mapping[str, Callable[[list[Bounds]], Bounds]] = {
    "abs": _absolute,
    "min": _minimum,
    "max": _maximum,
    "clamp": _clamp,
    "floor": _down,
    "ceil": _up,
    "round": _rounded,
    "sqrt": _root,
    "exp": _exponential,
    "sigmoid": _share,
}
"""What is known of shipped functions; any other yields what the door lets in, or an error."""
