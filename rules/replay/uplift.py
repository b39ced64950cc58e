"""What a reward gained: those who got it against those who were held out, as a test of two proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
GROUP_MIN = 30
"""With fewer players in a group, or fewer than five of either kind, the normal distribution does not fit."""
CELL_MIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hoped:
    """What players are hoped to do after a rule met them: an event, or that a fact grows."""

    event: str | None = None
    fact: str | None = None
    within_days: int = 7


@dataclass(frozen=True, slots=True)
class Group:
    """Some players, and how many of them did what was hoped for."""

    players: int
    converted: int

    @property
    def rate(self) -> float:
        """The share that converted."""
        return self.converted / self.players if self.players else 0.0

    @property
    def is_large(self) -> bool:
        """Tell whether the normal distribution fits."""
        fewest = min(self.converted, self.players - self.converted)
        return self.players >= GROUP_MIN and fewest >= CELL_MIN


@dataclass(frozen=True, slots=True)
class Uplift:
    """How much more of those who were treated converted."""

    treated: Group
    held_out: Group
    absolute: float
    low: float
    high: float
    """The interval of the absolute uplift."""
    relative: float | None
    """As a share of the rate of those held out; None where none of those converted."""
    relative_low: float | None
    relative_high: float | None
    """The interval of the relative uplift; None where a group has nobody who converted."""
    z: float | None
    p: float | None
    """How likely a difference as large is by chance alone; None where nobody or everybody converted."""
    is_significant: bool
    is_reliable: bool
    """Whether both groups are large enough for the arithmetic."""

    @property
    def gained(self) -> float:
        """How many players converted that would not have."""
        return self.absolute * self.treated.players


def uplift(treated: Group, held_out: Group, confidence: float = CONFIDENCE) -> Uplift | None:
    """Compare two groups by the two-proportion z test with pooled variance; None where one is empty.

    The interval is that of the difference, with the variance of each group by itself: what is tested is
    that the rates are the same, what is estimated is how far they are apart. Few players, or nobody who
    converted, tell less than that arithmetic believes, so small groups have Newcombe's interval. The
    relative uplift has the interval of the logarithm of the rates' ratio.
    """
    if not treated.players or not held_out.players:
        return None
    difference = treated.rate - held_out.rate
    z = _z(treated, held_out, difference)
    p = None if z is None else math.erfc(abs(z) / math.sqrt(2))
    score = NormalDist().inv_cdf(0.5 + confidence / 2)
    is_reliable = treated.is_large and held_out.is_large
    low, high = (_normal if is_reliable else _newcombe)(treated, held_out, score)
    relative_low, relative_high = _relative(treated, held_out, score)
    return Uplift(
        treated=treated,
        held_out=held_out,
        absolute=difference,
        low=low,
        high=high,
        relative=difference / held_out.rate if held_out.converted else None,
        relative_low=relative_low,
        relative_high=relative_high,
        z=z,
        p=p,
        is_significant=p is not None and p < 1 - confidence,
        is_reliable=is_reliable,
    )


def cost_per_gained(cost: float, found: Uplift) -> float | None:
    """Return what each player cost that would not have converted; None where none was gained."""
    return cost / found.gained if found.gained > 0 else None


def _z(treated: Group, held_out: Group, difference: float) -> float | None:
    players = treated.players + held_out.players
    pooled = (treated.converted + held_out.converted) / players
    variance = pooled * (1 - pooled) * (1 / treated.players + 1 / held_out.players)
    return difference / math.sqrt(variance) if variance > 0 else None


def _normal(treated: Group, held_out: Group, score: float) -> tuple[float, float]:
    difference = treated.rate - held_out.rate
    variance = sum(group.rate * (1 - group.rate) / group.players for group in (treated, held_out))
    margin = score * math.sqrt(variance)
    return max(-1.0, difference - margin), min(1.0, difference + margin)


def _newcombe(treated: Group, held_out: Group, score: float) -> tuple[float, float]:
    """Return Newcombe's interval of a difference (1998, method 10): of the two rates' Wilson intervals."""
    difference = treated.rate - held_out.rate
    (low, high), (held_low, held_high) = (_wilson(group, score) for group in (treated, held_out))
    return (
        difference - math.hypot(treated.rate - low, held_high - held_out.rate),
        difference + math.hypot(high - treated.rate, held_out.rate - held_low),
    )


def _wilson(group: Group, score: float) -> tuple[float, float]:
    """Return Wilson's interval of a rate."""
    n, square = group.players, score**2
    middle = group.rate + square / (2 * n)
    reach = score * math.sqrt(group.rate * (1 - group.rate) / n + square / (4 * n**2))
    return (middle - reach) / (1 + square / n), (middle + reach) / (1 + square / n)


def _relative(treated: Group, held_out: Group, score: float) -> tuple[float | None, float | None]:
    if not treated.converted or not held_out.converted:
        return None, None
    ratio = math.log(treated.rate / held_out.rate)
    spread = math.sqrt(sum((1 - group.rate) / group.converted for group in (treated, held_out)))
    return math.exp(ratio - score * spread) - 1, math.exp(ratio + score * spread) - 1
