"""A slip as settlement sees it: plain legs and a stake, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import minor, price
from pitboss.plugins.betting.lines.system import System, lines_of
from pitboss.plugins.betting.settling.eachway import PlaceTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg with the price that was struck."""

    odds: Decimal | Fraction
    name: str = ""
    """What the explanation calls it."""
    is_banker: bool = False
    """It stands in every line."""
    place: PlaceTerms | None = None
    """Of an each-way bet; None where no place is paid, and the place part goes on the win."""

    def __post_init__(self) -> None:
        price(self.odds, marked(f"the odds of {self.name or 'a leg'}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """All that settlement asks of a bet."""

    legs: tuple[Leg, ...]
    stake: int
    """All that is still at risk, in minor units: over all lines, both parts of each way."""
    sizes: tuple[int, ...] = ()
    """How many legs that are not bankers stand in a line; empty: all in one line."""
    is_each_way: bool = False
    is_free_bet: bool = False
    """The house paid the stake: it is not returned."""
    builder_odds: Decimal | Fraction | None = None
    """Of a bet builder: the one price of all its legs together."""
    payout_max: int | None = None
    """The most that this bet pays, as its player was told."""

    def __post_init__(self) -> None:
        minor(self.stake, marked("the stake"))
        if not self.legs:
            raise InvalidInput("the slip has no legs: give at least one")
        if self.builder_odds is not None:
            self._check_builder()
        if self.payout_max is not None:
            minor(self.payout_max, marked("the maximum payout"))
        _ = self.system  # lines that cannot be are refused here, and not when the slip is settled

    def _check_builder(self) -> None:
        price(self.builder_odds or 0, marked("the odds of the builder"))
        if self.is_each_way or self.sizes or any(leg.is_banker for leg in self.legs):
            raise InvalidInput("a bet builder is one line: it has no systems, bankers or each-way part")

    @property
    def system(self) -> System:
        """Return its lines."""
        bankers = sum(leg.is_banker for leg in self.legs)
        others = len(self.legs) - bankers
        return lines_of(others, self.sizes or (others,), bankers)

    @property
    def line_count(self) -> int:
        """Return how many bets it is: each way counts twice."""
        return self.line_count_of(self.system)

    def line_count_of(self, system: System) -> int:
        """Return the same from its lines, where the caller has them already."""
        return 1 if self.builder_odds is not None else system.count * (1 + self.is_each_way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a slip returns, and why."""

    exact: Fraction
    """In minor units, before the cap and the one rounding."""
    payout_minor: int
    explanation: dict[str, Any]
