"""Rule 4: what a runner that is withdrawn takes from the winnings on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, price

PENCE_MAX = 90
"""The most that all withdrawn runners together take of a pound."""
BANDS_MAX = 100


@dataclass(frozen=True, slots=True)
class Band:
    """Below these decimal odds of the withdrawn runner, so many pence in the pound are taken."""

    odds_below: Decimal | Fraction | None
    """Half-open: the bound itself belongs to the next band; None in the last band."""
    pence: int


def _after(*bands: tuple[str, int]) -> tuple[Band, ...]:
    """Write a scale by the shortest fractional price of each band that follows."""
    bounds = [Fraction(first) + 1 for first, _ in bands]
    below: list[Fraction | None] = [*bounds[1:], None]
    return tuple(Band(bound, pence) for bound, (_, pence) in zip(below, bands, strict=True))


TATTERSALLS = _after(
    ("0", 90), ("2/17", 85), ("1/5", 80), ("2/7", 75), ("1/3", 70), ("4/9", 65), ("4/7", 60), ("4/6", 55),
    ("5/6", 50), ("1", 45), ("5/4", 40), ("13/8", 35), ("15/8", 30), ("5/2", 25), ("10/3", 20), ("9/2", 15),
    ("6", 10), ("10", 5), ("29/2", 0),
)  # fmt: skip  # a scale is read in rows
"""The traditional scale; between two listed prices the shorter one's band goes on. Above 14/1 nothing."""

DECIMAL = tuple(
    Band(None if below is None else Decimal(below), pence)
    for below, pence in (
        ("1.13", 90), ("1.20", 85), ("1.28", 80), ("1.34", 75), ("1.45", 70), ("1.58", 65), ("1.67", 60),
        ("1.84", 55), ("2.00", 50), ("2.25", 45), ("2.60", 40), ("2.80", 35), ("3.40", 30), ("4.20", 25),
        ("5.50", 20), ("7.00", 15), ("11.00", 10), (None, 0),
    )
)  # fmt: skip  # a scale is read in rows
"""A scale by decimal odds without the band of 5 pence, as some houses have it."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A runner that left: its price just before, and when."""

    odds: Decimal | Fraction
    at: datetime


def check_bands(bands: Sequence[Band]) -> None:
    """Refuse a scale that has gaps, grows with the odds, or does not end."""
    if not 1 <= len(bands) <= BANDS_MAX:
        raise InvalidInput(f"the scale has {len(bands)} bands: give 1 to {BANDS_MAX}")
    if bands[-1].odds_below is not None:
        raise InvalidInput(f"the scale ends at {bands[-1].odds_below}: give the last band no bound")
    bounds = [band.odds_below for band in bands[:-1]]
    if None in bounds or any(Fraction(b) >= Fraction(a) for b, a in zip(bounds, bounds[1:], strict=False)):  # type: ignore[arg-type]  # None is looked for first
        raise InvalidInput("the bounds of the scale do not grow: sort them")
    pence = [band.pence for band in bands]
    if pence != sorted(pence, reverse=True) or not 0 <= pence[-1] <= pence[0] <= PENCE_MAX:
        raise InvalidInput(f"the pence of the scale are {pence}: give {PENCE_MAX} to 0, longer odds fewer")


def pence_of(odds: Exact, bands: Sequence[Band] = TATTERSALLS) -> int:
    """Return what one runner of these odds takes of a pound.

    >>> pence_of(Decimal("1.25")), pence_of(Fraction(4))
    (80, 25)
    """
    withdrawn = price(odds, marked("the odds of the withdrawn runner"))
    for band in bands:
        if band.odds_below is None or withdrawn < band.odds_below:
            return band.pence
    raise InvalidInput(f"the scale says nothing of {odds}: give its last band no bound")


def deduction(
    withdrawn: Sequence[Exact],
    *,
    bands: Sequence[Band] = TATTERSALLS,
    pence_max: int = PENCE_MAX,
    pence_waived: int = 0,
) -> Fraction:
    """Return the part of the winnings that all withdrawn runners take: added up, capped, small ones waived.

    >>> deduction([Fraction(4), Fraction(7)])
    Fraction(7, 20)
    """
    pence = min(pence_max, sum(pence_of(odds, bands) for odds in withdrawn))
    return Fraction(0 if pence <= pence_waived else pence, 100)


def since(withdrawals: Sequence[Withdrawal], struck_at: datetime) -> list[Decimal | Fraction]:
    """Return the odds of those who left after a bet was struck: its price had not yet reckoned with that."""
    return [gone.odds for gone in withdrawals if gone.at > struck_at]
