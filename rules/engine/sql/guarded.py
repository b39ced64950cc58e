"""Arithmetic in SQL that never ends the statement, and that vanishes and overflows as Python's does.

PostgreSQL raises when a float8 overflows, and also when it vanishes; SQLite goes on with an infinity.
Here an overflow is NULL and what vanishes is 0. A guard is written only where bounds cannot rule it
out. Each limit is exact: numbers are scaled by powers of two, which rounds nothing, and where one side
is constant the last number that is still safe is searched for.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import BigInteger, and_, func, literal

from pitboss.rules.engine.bounds import Bounds
from pitboss.rules.engine.catalogue import WHOLE_MAX
from pitboss.rules.engine.compiled import power
from pitboss.rules.engine.sql.constructs import (
    DOUBLE,
    Condition,
    Element,
    NotInSql,
    as_double,
    as_whole,
    computed,
    magnitude,
    nothing,
    number,
    when,
)

_TINY, _HUGE = 2.0**-538, 2.0**538
_UP, _DOWN = 2.0**500, 2.0**-500
# What 2 ** 1024, the first overflow, and 2 ** -1075, the last that vanishes, are once scaled.
_OVERFLOW, _VANISHED = 2.0**24, 2.0**-75
_INTEGER = BigInteger()


@dataclass(frozen=True, slots=True)
class Operand:
    """A number in SQL, and what is known of it."""

    sql: Element
    limits: Bounds
    constant: float | None = None
    whole: Element | None = None
    """The same as an integer, where it is kept as one."""

    @property
    def as_whole(self) -> Element:
        """Return a number that is whole as an integer."""
        if self.constant is not None and self.limits.is_whole:
            return literal(int(self.constant), BigInteger())
        return as_whole(self.sql if self.whole is None else self.whole)


def added(op: str, left: Operand, right: Operand, raw: Bounds) -> Element:
    """Return `left + right` or `left - right`."""
    total = computed(left.sql, op, right.sql)
    if raw.is_finite:
        return total
    near = 2.0**1022
    is_safe = and_(magnitude(left.sql) < number(near), magnitude(right.sql) < number(near))
    halves = computed(_half(left.sql), op, _half(right.sql))
    return when((is_safe, total), (magnitude(halves) < number(2 * near), total))


def _half(value: Element) -> Element:
    # Beside what could overflow, less than one is nothing; and its half might vanish.
    return when((magnitude(value) < number(1.0), number(0.0)), otherwise=computed(value, "*", number(0.5)))


def multiplied(left: Operand, right: Operand, raw: Bounds) -> Element:
    """Return `left * right`."""
    result = computed(left.sql, "*", right.sql)
    if raw.is_finite and not raw.may_vanish:
        return result
    for value, factor in ((left, right.constant), (right, left.constant)):
        if factor is not None:
            return _within(value.sql, abs(factor).__mul__, result, raw)
    x, y = magnitude(left.sql), magnitude(right.sql)
    whens: list[tuple[Condition, Element]] = []
    if raw.may_vanish:
        half = number(0.5)
        whens.append((and_(x <= half, y <= half), _or_zero(x, y, "*", _UP, _UP, result)))
    if not raw.is_finite:
        one = number(1.0)
        whens.append((and_(x > one, y > one), _or_null(x, y, "*", _DOWN, _DOWN, result)))
    return when(*whens, otherwise=result)


def divided(left: Operand, right: Operand, raw: Bounds) -> Element:
    """Return `left / right`; NULL where that is a division by zero."""
    if right.constant == 0:
        return nothing()
    result = computed(left.sql, "/", right.sql)
    if right.constant is not None:
        divisor_size = abs(right.constant)
        return _within(left.sql, lambda x: x / divisor_size, result, raw)
    if raw.is_finite and not raw.may_vanish:
        divisor = func.nullif(right.sql, number(0.0), type_=DOUBLE)
        return computed(left.sql, "/", divisor) if right.limits.may_be_zero else result
    return _guarded_quotient(left, right, raw, result)


def _guarded_quotient(left: Operand, right: Operand, raw: Bounds, result: Element) -> Element:
    x, y = magnitude(left.sql), magnitude(right.sql)
    whens: list[tuple[Condition, Element]] = []
    if right.limits.may_be_zero:
        whens.append((right.sql == number(0.0), nothing()))
    if raw.may_vanish:
        is_near = and_(x <= number(2.0**-51), y >= number(2.0))
        whens.append((is_near, _or_zero(x, y, "/", _UP, _DOWN, result)))
    if not raw.is_finite:
        is_near = and_(y < number(1.0), x > number(2.0**-51))
        whens.append((is_near, _or_null(x, y, "/", _DOWN, _UP, result)))
    return when(*whens, otherwise=result)


def _or_zero(x: Element, y: Element, op: str, by_x: float, by_y: float, result: Element) -> Element:
    """Return 0 where the result vanishes; beyond the first test the scaled one neither does nor overflows."""
    scaled = computed(computed(x, "*", number(by_x)), op, computed(y, "*", number(by_y)))
    vanishes = and_(x < number(_TINY), y < number(_TINY) if op == "*" else y > number(_HUGE))
    return when((vanishes, number(0.0)), (scaled <= number(_VANISHED), number(0.0)), otherwise=result)


def _or_null(x: Element, y: Element, op: str, by_x: float, by_y: float, result: Element) -> Element:
    """Return NULL where the result overflows; beyond the first test the scaled one does not."""
    scaled = computed(computed(x, "*", number(by_x)), op, computed(y, "*", number(by_y)))
    overflows = and_(x > number(_HUGE), y > number(_HUGE) if op == "*" else y < number(_TINY))
    return when((overflows, nothing()), (scaled < number(_OVERFLOW), result))


def raised(base: Operand, exponent: int, raw: Bounds) -> Element:
    """Return `base ** exponent`, multiplied from left to right."""
    if exponent == 0:
        return when((base.sql.is_not(None), number(1.0)))
    result = base.sql
    for _ in range(exponent - 1):
        result = computed(result, "*", base.sql)
    return _within(base.sql, lambda x: power(x, exponent), result, raw)


def _within(value: Element, formula: Callable[[float], float], result: Element, raw: Bounds) -> Element:
    """Guard a formula that grows with the distance of one value from zero."""
    whens: list[tuple[Condition, Element]] = []
    if raw.may_vanish:
        vanished = _last(lambda x: formula(x) == 0)
        if vanished:
            whens.append((magnitude(value) <= number(vanished), number(0.0)))
    if raw.is_finite:
        return when(*whens, otherwise=result) if whens else result
    whens.append((magnitude(value) <= number(_last(lambda x: math.isfinite(formula(x)))), result))
    return when(*whens)


def _last(holds: Callable[[float], bool]) -> float:
    """Return the largest float for which something holds that holds for all smaller ones, and for 0."""
    low, high = 0, _ORDER_MAX
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(_float_at(middle)) else (low, middle - 1)
    return _float_at(low)


_ORDER_MAX = 0x7FEF_FFFF_FFFF_FFFF
"""The bits of the largest float: those of floats that are not negative are in their order."""


def _float_at(bits: int) -> float:
    (value,) = struct.unpack("<d", struct.pack("<q", bits))
    return float(value)


# -- whole numbers -----------------------------------------------------------------------------


def remainder(op: str, left: Operand, right: Operand) -> Element:
    """Return Python's `//` or `%`; NULL for numbers that are not whole, and for a division by zero."""
    checked = [_is_whole(operand) for operand in (left, right)]
    x, y = left.as_whole, right.as_whole
    if right.limits.may_be_zero:
        y = func.nullif(y, 0, type_=_INTEGER)
    # The database's remainder has the sign of the dividend, and Python's that of the divisor.
    rest = computed(computed(computed(x, "%", y, _INTEGER), "+", y, _INTEGER), "%", y, _INTEGER)
    whole = computed(computed(x, "-", rest, _INTEGER), "/", y, _INTEGER) if op == "//" else rest
    needed = [condition for condition in checked if condition is not None]
    return when((and_(*needed), as_double(whole))) if needed else as_double(whole)


def _is_whole(operand: Operand) -> Condition | None:
    if operand.limits.largest > WHOLE_MAX:
        raise NotInSql("// and % of numbers beyond 2 ** 53")
    return None if operand.limits.is_whole else as_double(as_whole(operand.sql)) == operand.sql
