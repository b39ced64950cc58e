"""Exact arithmetic for rates and shares: fractions inside, one rounding by a named rule at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.money import MINOR_UNITS_MAX
from pitboss.core.texts import marked

RATE_PLACES_MAX = 6
"""Decimals of a rate: they bound the denominators that progress and carries grow to."""
RATE_MAX = 1_000_000
"""A rate above this is a mistake of units."""

_HALF = Fraction(1, 2)
_GOES_UP: Mapping[str, Callable[[int, Fraction], bool]] = MappingProxyType(
    {
        "half_up": lambda whole, rest: rest > _HALF or (rest == _HALF and whole >= 0),
        "half_even": lambda whole, rest: rest > _HALF or (rest == _HALF and whole % 2 == 1),
        "half_down": lambda whole, rest: rest > _HALF or (rest == _HALF and whole < 0),
        "down": lambda whole, _: whole < 0,
        "up": lambda whole, _: whole >= 0,
        "floor": lambda _whole, _rest: False,
        "ceiling": lambda _whole, _rest: True,
    }
)
"""For each named rule of the tenant: whether a number between `whole` and the next goes up."""


def minor(value: int, of: str) -> int:
    """Check that a value is a whole, not negative number of minor units or points that an account holds."""
    if type(value) is not int or not 0 <= value <= MINOR_UNITS_MAX:
        raise InvalidInput(f"{of} is {value!r}: give a whole number from 0 to {MINOR_UNITS_MAX}")
    return value


def rate(value: Decimal | int, of: str) -> Fraction:
    """Read a rate exactly; a float is refused, because it is not the number that was written."""
    if type(value) is int:
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= RATE_MAX:
        raise InvalidInput(f'{of} is {value!r}: give a decimal from 0 to {RATE_MAX}, such as Decimal("0.5")')
    exact = Fraction(value)
    if (exact * 10**RATE_PLACES_MAX).denominator != 1:
        raise InvalidInput(f"{of} is {value}: give at most {RATE_PLACES_MAX} decimals")
    return exact


def rounding_rule(name: str) -> str:
    """Check the name of a rounding rule."""
    if name not in _GOES_UP:
        raise InvalidInput(f"unknown rounding rule {name!r}: {nearest(name, list(_GOES_UP))}")
    return name


def rounded(value: Fraction, rule: str = "half_up") -> int:
    """Round once to whole minor units, by a named rule.

    >>> rounded(Fraction("2.5")), rounded(Fraction("2.5"), "half_even"), rounded(Fraction("-2.5"), "down")
    (3, 2, -2)
    """
    goes_up = _GOES_UP[rounding_rule(rule)]
    whole = math.floor(value)
    rest = value - whole
    return whole + 1 if rest and goes_up(whole, rest) else whole


def divide(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide by whole-number weights so that the parts sum: what is left goes by largest remainder.

    Among equal remainders the earlier part gets the unit.

    >>> divide(80, [40, 10]), divide(100, [1, 1, 1])
    ([64, 16], [34, 33, 33])
    """
    minor(amount, marked("an amount to divide"))
    total = sum(minor(weight, "a weight") for weight in weights)
    if total == 0:
        raise InvalidInput(f"weights {list(weights)} cannot divide {amount}: give positive ones")
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    first = sorted(range(len(weights)), key=lambda place: -remainders[place])
    for place in first[: amount - sum(parts)]:
        parts[place] += 1
    return parts
