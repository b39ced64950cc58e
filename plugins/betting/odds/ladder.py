"""Ladders of prices: the steps that prices move in, and rounding down to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exact import Exact, price

RUNGS_MAX = 100
"""Ranges of one ladder."""
TICKS_MAX = 1_000
"""The furthest that one call climbs."""


@dataclass(frozen=True, slots=True)
class Rung:
    """From these odds on, prices go in these steps."""

    start: Decimal
    step: Decimal


HUNDREDTHS = (Rung(Decimal("1.01"), Decimal("0.01")),)
"""Any price of two decimals."""

EXCHANGE = (
    Rung(Decimal("1.01"), Decimal("0.01")),
    Rung(Decimal("2"), Decimal("0.02")),
    Rung(Decimal("3"), Decimal("0.05")),
    Rung(Decimal("4"), Decimal("0.1")),
    Rung(Decimal("6"), Decimal("0.2")),
    Rung(Decimal("10"), Decimal("0.5")),
    Rung(Decimal("20"), Decimal("1")),
    Rung(Decimal("30"), Decimal("2")),
    Rung(Decimal("50"), Decimal("5")),
    Rung(Decimal("100"), Decimal("10")),
)
"""The steps of betting exchanges: the longer the price, the larger."""


def check_ladder(ladder: Sequence[Rung]) -> None:
    """Refuse a ladder whose rungs do not follow one another in whole steps."""
    if not 1 <= len(ladder) <= RUNGS_MAX:
        raise InvalidInput(f"the ladder has {len(ladder)} rungs: give 1 to {RUNGS_MAX}")
    for rung in ladder:
        if rung.start <= 1 or rung.step <= 0:
            raise InvalidInput(f"a rung starts at {rung.start} in steps of {rung.step}: above 1, and above 0")
    for rung, following in zip(ladder, ladder[1:], strict=False):
        if following.start <= rung.start or (following.start - rung.start) % rung.step:
            raise InvalidInput(
                f"no whole number of steps of {rung.step} leads from {rung.start} to {following.start}"
            )


def round_down(odds: Exact, ladder: Sequence[Rung] = HUNDREDTHS) -> Decimal:
    """Return the highest price of a ladder that is not above the odds.

    >>> round_down(Decimal("3.1446"), EXCHANGE)
    Decimal('3.10')
    """
    exact = price(odds)
    rung = _rung(exact, ladder)
    steps = (exact - Fraction(rung.start)) // Fraction(rung.step)
    return rung.start + int(steps) * rung.step


def climb(odds: Decimal, ticks: int, ladder: Sequence[Rung] = HUNDREDTHS) -> Decimal:
    """Return the price so many steps up the ladder, or down for a negative number.

    >>> climb(Decimal("1.99"), 2, EXCHANGE), climb(Decimal("2.02"), -2, EXCHANGE)
    (Decimal('2.02'), Decimal('1.99'))
    """
    if abs(ticks) > TICKS_MAX:
        raise InvalidInput(f"{ticks} steps: climb at most {TICKS_MAX}")
    at = round_down(odds, ladder)
    for _ in range(abs(ticks)):
        at = _up(at, ladder) if ticks > 0 else _down(at, ladder)
    return at


def _rung(exact: Fraction, ladder: Sequence[Rung]) -> Rung:
    below = [rung for rung in ladder if Fraction(rung.start) <= exact]
    if not below:
        raise InvalidInput(
            f"odds of {float(exact):.6g} are below the ladder, which starts at {ladder[0].start}"
        )
    return below[-1]


def _up(at: Decimal, ladder: Sequence[Rung]) -> Decimal:
    return at + _rung(Fraction(at), ladder).step


def _down(at: Decimal, ladder: Sequence[Rung]) -> Decimal:
    rung = _rung(Fraction(at), ladder)
    if at > rung.start:
        return at - rung.step
    if rung is ladder[0]:
        raise InvalidInput(f"{at} is the lowest price of the ladder")
    return at - ladder[ladder.index(rung) - 1].step
