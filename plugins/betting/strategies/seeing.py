"""What a strategy sees of a market at one moment: from its prices until then, and nothing later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A market, as far as conditions look at it."""

    sport: str
    competition: str
    template: str
    starts_at: datetime


def facts_of(
    question: Question,
    code: str,
    prices: Mapping[str, Decimal],
    opening: Mapping[str, Decimal],
    *,
    at: datetime,
) -> dict[str, Any]:
    """Return the facts of one selection at a moment, by the prices of all that were then offered.

    >>> from datetime import UTC
    >>> start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    >>> q = Question(sport="football", competition="", template="moneyline", starts_at=start)
    >>> even = {"home": Decimal(2), "away": Decimal(2)}
    >>> facts_of(q, "home", even, even, at=start - 2 * _HOUR)["probability"]
    0.5
    """
    total = sum(1 / price for price in prices.values())
    own, first = prices[code], opening.get(code, prices[code])
    return {
        "odds": float(own),
        "opening_odds": float(first),
        "odds_change": float(own / first - 1),
        "probability": float(1 / own / total),
        "margin": float(total - 1),
        "rank": 1 + sum(price < own for price in prices.values()),
        "hours_to_start": (question.starts_at - at) / _HOUR,
        "sport": question.sport,
        "competition": question.competition,
        "template": question.template,
        "selection": code,
    }


@dataclass(frozen=True, slots=True)
class Move:
    """One price as it became."""

    code: str
    odds: Decimal | None
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """All prices of a market from one move to the next."""

    at: datetime
    version: int
    prices: Mapping[str, Decimal]
    opening: Mapping[str, Decimal]


def moments(moves: Sequence[Move], *, until: datetime) -> list[Moment]:
    """Return what was offered after each move before an instant; moves are in their order."""
    prices: dict[str, Decimal] = {}
    opening: dict[str, Decimal] = {}
    found: list[Moment] = []
    for number, move in enumerate(moves):
        if move.at >= until:
            break
        if move.odds is None:
            prices.pop(move.code, None)
        else:
            prices[move.code] = move.odds
            opening.setdefault(move.code, move.odds)
        is_last = number + 1 == len(moves) or moves[number + 1].version != move.version
        if is_last and prices:
            found.append(Moment(move.at, move.version, dict(prices), dict(opening)))
    return found
