"""Handicap and total lines, quarter lines included: half the stake on each of the two lines beside it."""

from __future__ import annotations

from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.settling.outcomes import State

_QUARTER = Fraction(1, 4)
_STATES: dict[int, State] = {2: "won", 1: "half_won", 0: "push", -1: "half_lost", -2: "lost"}
"""By the sum of both halves: each won (1), came back (0) or lost (-1)."""


def halves(line: Fraction) -> tuple[Fraction, Fraction]:
    """Return the lines of both halves of the stake; of a whole or half line they are the same.

    >>> halves(Fraction("0.75"))
    (Fraction(1, 2), Fraction(1, 1))
    """
    if line % _QUARTER:
        raise InvalidInput(f"the line {line} is not a multiple of 0.25")
    if not line % (2 * _QUARTER):
        return line, line
    return line - _QUARTER, line + _QUARTER


def against_line(value: Fraction) -> State:
    """Return the state of a bet by how far it is above its line.

    >>> against_line(Fraction("0.25")), against_line(Fraction(0)), against_line(Fraction("-0.5"))
    ('half_won', 'push', 'lost')
    """
    return _STATES[sum((half > 0) - (half < 0) for half in halves(value))]


def handicap(line: Fraction, margin: int) -> State:
    """Return what a side with this handicap came to, by its goals less those of the other side.

    >>> handicap(Fraction("-0.75"), 1)
    'half_won'
    """
    return against_line(margin + line)


def total(line: Fraction, count: int, *, is_over: bool) -> State:
    """Return what over or under a line came to.

    >>> total(Fraction("2.25"), 2, is_over=True), total(Fraction("2.25"), 2, is_over=False)
    ('half_lost', 'half_won')
    """
    above = count - line
    return against_line(above if is_over else -above)
