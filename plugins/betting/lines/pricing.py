"""Sums over all lines of a system, from the multipliers of its legs and without listing the lines.

The lines of one size are what is multiplied out of (1 + m1 x)(1 + m2 x)...: the terms of one power of x.
So a system of n legs costs n squared multiplications, however many lines it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, prod

from pitboss.plugins.betting.lines.system import System

_NONE = Fraction(0)
_ONE = Fraction(1)


def sums_of(sizes: Sequence[int], multipliers: Sequence[Fraction]) -> list[Fraction]:
    """Return, for each size, the sum over all lines of that many legs of their products.

    >>> [int(total) for total in sums_of([1, 2, 3], [Fraction(2), Fraction(3), Fraction(5)])]
    [10, 31, 30]
    """
    if list(sizes) == [len(multipliers)]:
        return [prod(multipliers, start=_ONE)]
    # Whole numbers over one denominator: fractions would be reduced at each step.
    terms = [1]
    for leg in multipliers:
        without = [term * leg.denominator for term in terms] + [0]
        with_leg = [0] + [term * leg.numerator for term in terms]
        terms = [a + b for a, b in zip(without, with_leg, strict=True)]
    under = prod(leg.denominator for leg in multipliers)
    # A line of more legs than there are is no line.
    return [Fraction(terms[size], under) if size < len(terms) else _NONE for size in sizes]


def returned_by_size(
    system: System, others: Sequence[Fraction], bankers: Sequence[Fraction] = ()
) -> list[Fraction]:
    """Return, for each size of the system, what its lines return for a stake of one each."""
    always = prod(bankers, start=_ONE)
    if not always:
        return [_NONE] * len(system.sizes)
    return [always * total for total in sums_of(system.sizes, others)]


def won_by_size(
    system: System, others: Sequence[Fraction], bankers: Sequence[Fraction] = ()
) -> list[Fraction]:
    """Return the same where the stake is not returned: what each line returns above it, never below 0.

    >>> won_by_size(System(legs=2, sizes=(1, 2)), [Fraction(3), Fraction(0)])
    [Fraction(2, 1), Fraction(0, 1)]
    """
    always = prod(bankers, start=_ONE)
    alive = [leg for leg in others if leg]
    if not always:
        return [_NONE] * len(system.sizes)
    if min([always, *alive]) < 1:
        return [_won_one_by_one(size, alive, always) for size in system.sizes]
    totals = zip(system.sizes, sums_of(system.sizes, alive), strict=True)
    return [always * total - comb(len(alive), size) for size, total in totals]


def _won_one_by_one(size: int, alive: Sequence[Fraction], always: Fraction) -> Fraction:
    """Look at each line, for a leg that lost a part can bring a line below its stake."""
    lines = (prod(line, start=always) for line in combinations(alive, size))
    return sum((line - 1 for line in lines if line > 1), start=_NONE)
