"""What the market says of a match: confidence, value and goals, from fair chances and best prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

BANDS: tuple[tuple[str, Fraction, Fraction], ...] = (
    ("low", Fraction(0), Fraction(60)),
    ("medium", Fraction(60), Fraction(80)),
    ("high", Fraction(80), Fraction(101)),
)
"""From the first number on, and below the second: nothing falls between two bands."""
LIKELIEST, SPREAD = Fraction(7, 10), Fraction(3, 10)
"""Confidence is 0.7 of the likeliest chance and 0.3 of its distance to the least likely."""
STRONG_PERCENT = 20
"""Value above this is strong; exactly this is moderate."""
GOALS_LINE = "2.5"
WINNER_MARKETS = ("match_result", "moneyline", "winner")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is made of the prices of one match; None where there are none for it."""

    fair: Mapping[str, str]
    best: Mapping[str, str]
    confidence_percent: Fraction | None
    value: Sequence[Mapping[str, Any]]
    goals_chance: Fraction | None
    """That more than two and a half goals fall."""
    age_seconds: int | None

    @property
    def band(self) -> str | None:
        """Return low, medium or high."""
        return None if self.confidence_percent is None else band_of(self.confidence_percent)


def assess(prices: Mapping[str, Any], ratio_min: Fraction) -> Assessment:
    """Return what stored prices say of a match, exactly."""
    markets = prices["markets"]
    winner = next((one for one in markets if one["market"] in WINNER_MARKETS and one["fair"]), None)
    goals = next((m for m in markets if m["market"] == "over_under" and m["line"] == GOALS_LINE), None)
    over = goals["fair"].get("over") if goals else None
    value = [found for market in markets for found in _value(market, ratio_min)]
    return Assessment(
        fair=winner["fair"] if winner else {},
        best=_best(winner) if winner else {},
        confidence_percent=confidence([Fraction(p) for p in winner["fair"].values()]) if winner else None,
        value=value,
        goals_chance=Fraction(over) if over else None,
        age_seconds=winner["age_seconds"] if winner else None,
    )


def confidence(chances: Sequence[Fraction]) -> Fraction:
    """Return how sure a forecast is, from 0 to 100.

    >>> confidence([Fraction(6, 10), Fraction(3, 10), Fraction(1, 10)])
    Fraction(57, 1)
    """
    likeliest = max(chances)
    return 100 * (LIKELIEST * likeliest + SPREAD * (likeliest - min(chances)))


def band_of(percent: Fraction) -> str:
    """Return the band of a confidence.

    >>> band_of(Fraction("59.999")), band_of(Fraction(60)), band_of(Fraction("79.95"))
    ('low', 'medium', 'medium')
    """
    return next(name for name, least, below in BANDS if least <= percent < below)


def edge_percent(chance: Fraction, price: Fraction) -> Fraction:
    """Return what a price pays beyond what is fair, in percent."""
    return 100 * (chance * price - 1)


def _value(market: Mapping[str, Any], ratio_min: Fraction) -> list[dict[str, Any]]:
    found = []
    for selection, quote in market["best"].items():
        chance = market["fair"].get(selection)
        if chance is None or Fraction(chance) * Fraction(quote["price"]) <= ratio_min:
            continue
        edge = edge_percent(Fraction(chance), Fraction(quote["price"]))
        found.append(
            {
                "market": market["market"],
                "line": market["line"],
                "selection": selection,
                "price": quote["price"],
                "bookmaker": quote["bookmaker"],
                "fair_chance": chance,
                "edge_percent": text(edge),
                "strength": "strong" if edge > STRONG_PERCENT else "moderate",
                "age_seconds": quote["age_seconds"],
            }
        )
    return found


def text(number: Fraction, decimals: int = 1) -> str:
    """Write a number with some decimals, half of the last one up."""
    scaled = (number * 10**decimals + Fraction(1, 2)).__floor__()
    return f"{scaled / 10**decimals:.{decimals}f}"


def _best(market: Mapping[str, Any]) -> dict[str, str]:
    return {selection: quote["price"] for selection, quote in market["best"].items()}
