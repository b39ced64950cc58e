"""How good a run of bets was: return on stakes, drawdown, and its prices against the closing ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, minor, price, real, reals, share

BETS_FEW = 50
"""Below so many bets, figures are said to be of few."""
BETS_MAX = 1_000_000
CONFIDENCE = Decimal("0.95")


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One bet that is over; minor units."""

    stake: int
    returned: int
    odds: Decimal | None = None
    closing_odds: Decimal | None = None
    """The last price before the start, best without its margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean, and where the true one lies with the confidence that was asked."""

    mean: Decimal
    low: Decimal
    high: Decimal
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What a run of bets came to."""

    count: int
    is_few: bool
    staked: int
    returned: int
    won_count: int
    roi: Fraction | None
    """Profit over stakes; None without stakes."""
    roi_interval: Interval | None
    """Of the profit per unit of each bet, all bets alike; None below two bets."""
    drawdown_max: int
    """The deepest fall of the profit below its highest point before."""
    losing_run_max: int
    """The most bets in a row that returned less than their stake."""
    closing_value: Interval | None
    """By how much the prices that were struck were above the closing ones."""

    @property
    def profit(self) -> int:
        """Return returns less stakes."""
        return self.returned - self.staked


def measure(bets: Sequence[Graded], *, confidence: Exact = CONFIDENCE) -> Measures:
    """Return the figures of bets in the order in which they were settled.

    >>> figures = measure([Graded(stake=100, returned=210), Graded(stake=100, returned=0)])
    >>> figures.profit, figures.roi, figures.drawdown_max
    (10, Fraction(1, 20), 100)
    """
    if len(bets) > BETS_MAX:
        raise InvalidInput(f"{len(bets)} bets at once: measure at most {BETS_MAX}")
    for bet in bets:
        minor(bet.stake, "a stake")
        minor(bet.returned, "a return")
    staked = sum(bet.stake for bet in bets)
    returned = sum(bet.returned for bet in bets)
    return Measures(
        count=len(bets),
        is_few=len(bets) < BETS_FEW,
        staked=staked,
        returned=returned,
        won_count=sum(bet.returned > bet.stake for bet in bets),
        roi=Fraction(returned - staked, staked) if staked else None,
        roi_interval=interval([_yield(bet) for bet in bets if bet.stake], confidence=confidence),
        drawdown_max=drawdown([bet.returned - bet.stake for bet in bets]),
        losing_run_max=_losing_run(bets),
        closing_value=interval(closing_values(bets), confidence=confidence),
    )


def closing_values(bets: Sequence[Graded]) -> list[Fraction]:
    """Return by how much each price was above its closing one, for the bets that know both.

    >>> closing_values([Graded(stake=1, returned=0, odds=Decimal("2.10"), closing_odds=Decimal("2.00"))])
    [Fraction(1, 20)]
    """
    return [
        price(bet.odds) / price(bet.closing_odds, marked("the closing odds")) - 1
        for bet in bets
        if bet.odds is not None and bet.closing_odds is not None
    ]


def drawdown(profits: Sequence[int]) -> int:
    """Return the deepest fall of a sum below its highest point before; it starts at 0.

    >>> drawdown([50, -30, 10, -60, 100])
    80
    """
    total = peak = deepest = 0
    for profit in profits:
        total += profit
        peak = max(peak, total)
        deepest = max(deepest, peak - total)
    return deepest


def interval(values: Sequence[Fraction], *, confidence: Exact = CONFIDENCE) -> Interval | None:
    """Return the mean of values and its interval by Student's t; None below two values."""
    level = share(confidence, marked("the confidence"))
    if not 0 < level < 1:
        raise InvalidInput(f"the confidence is {confidence}: give a share such as 0.95")
    count = len(values)
    if count < 2:
        return None
    with reals():
        numbers = [real(value) for value in values]
        mean = sum(numbers, start=Decimal(0)) / count
        variance = sum(((each - mean) ** 2 for each in numbers), start=Decimal(0)) / (count - 1)
        reach = Decimal(student_quantile(float(1 + level) / 2, count - 1)) * (variance / count).sqrt()
        return Interval(mean=mean, low=mean - reach, high=mean + reach, count=count)


def student_quantile(probability: float, freedom: int) -> float:
    """Return a quantile of Student's t: exact for 1 and 2 degrees, by the Cornish-Fisher series above.

    >>> round(student_quantile(0.975, 10), 2), round(student_quantile(0.975, 1), 3)
    (2.23, 12.706)
    """
    if freedom == 1:
        return math.tan(math.pi * (probability - 0.5))
    if freedom == 2:
        off = 2 * probability - 1
        return off * math.sqrt(2 / (1 - off * off))
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, 1))


def _yield(bet: Graded) -> Fraction:
    return Fraction(bet.returned - bet.stake, bet.stake)


def _losing_run(bets: Sequence[Graded]) -> int:
    run = longest = 0
    for bet in bets:
        run = run + 1 if bet.returned < bet.stake else 0
        longest = max(longest, run)
    return longest
