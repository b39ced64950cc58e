"""Find where a falling function crosses zero, to all the digits that are reckoned with."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exact import DIGITS

STEPS_MAX = 200
"""Halvings and doublings before the search gives up."""
_NEAR = Decimal(10) ** -(DIGITS - 6)

Function = Callable[[Decimal], Decimal]


def decreasing_root(
    function: Function, low: Decimal, *, guess: Decimal | None = None, limit: Decimal | None = None
) -> Decimal:
    """Return where a falling function is 0, at `low` or above, and below `limit` if it has one.

    Call it within `exact.reals()`, so that enough digits are kept.

    >>> from pitboss.plugins.betting.exact import reals
    >>> with reals():
    ...     round(decreasing_root(lambda x: 2 - x * x, Decimal(0), guess=Decimal(1)), 6)
    Decimal('1.414214')
    """
    first = guess if guess is not None else low
    value = function(first)
    if abs(value) <= _NEAR:
        return first
    if value < 0:
        return _between(function, low, first)
    low = first
    for _ in range(STEPS_MAX):
        high = (low + limit) / 2 if limit is not None else 2 * low + (low == 0)
        if function(high) <= 0:
            return _between(function, low, high)
        low = high
    raise _none()


def _between(function: Function, low: Decimal, high: Decimal) -> Decimal:
    """Draw a line between both ends, again and again; an end that stays put is weighed less (Illinois)."""
    at_low, at_high, kept = function(low), function(high), 0
    for _ in range(STEPS_MAX):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        value = function(middle)
        if abs(value) <= _NEAR or high - low <= _NEAR:
            return middle
        if value < 0:
            high, at_high = middle, value
            at_low = at_low / 2 if kept < 0 else at_low
            kept = -1
        else:
            low, at_low = middle, value
            at_high = at_high / 2 if kept > 0 else at_high
            kept = 1
    raise _none()


def _none() -> InvalidInput:
    return InvalidInput("these prices have no such margin: check them, or take another method")
