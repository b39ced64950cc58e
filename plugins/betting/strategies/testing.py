"""Evaluate a strategy on prices of the past: each decision by what could be known when it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pitboss.plugins.betting.measuring import Graded, Measures, measure
from pitboss.plugins.betting.settling import payout
from pitboss.plugins.betting.settling.outcomes import outcome_from_json
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from pitboss.plugins.betting.strategies import wording
from pitboss.plugins.betting.strategies.seeing import Moment, Move, Question, facts_of, moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A market of the past: its prices as they moved, and what its selections came to."""

    name: str
    question: Question
    moves: Sequence[Move]
    outcomes: Mapping[str, Mapping[str, Any]]
    rules: Rules
    settled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A bet that the strategy would have made."""

    name: str
    code: str
    at: datetime
    odds: Decimal
    closing_odds: Decimal | None
    stake: int
    returned: int


def try_out(document: Mapping[str, Any], markets: Iterable[Played]) -> list[Tried]:
    """Return the bets that a strategy would have made, in the order in which they would have ended.

    It bets once on a market: at the first moment at which its condition holds for a selection, at the
    price of that moment. The result and all later prices are looked at only afterwards. Stops of a day
    are kept: the bets of a day in the order of their decisions, its losses as they would have been known.
    """
    chosen = [(found, market) for market in markets for found in _choices(document, market)]
    chosen.sort(key=lambda one: one[0].at)
    days: dict[date, list[tuple[Tried, datetime]]] = {}
    for tried, market in chosen:
        today = days.setdefault(tried.at.date(), [])
        if _may(document["stops"], tried, today):
            today.append((tried, market.settled_at))
    kept = [one for today in days.values() for one in today]
    return [tried for tried, _ in sorted(kept, key=lambda one: one[1])]


def figures(tried: Sequence[Tried]) -> Measures:
    """Return what the bets came to."""
    return measure(
        [
            Graded(stake=one.stake, returned=one.returned, odds=one.odds, closing_odds=one.closing_odds)
            for one in tried
        ]
    )


def first_choice(
    document: Mapping[str, Any], question: Question, seen: Iterable[Moment]
) -> tuple[Moment, str, dict[str, Any]] | None:
    """Return the first moment at which the condition holds, for which selection, with its facts."""
    for moment in seen:
        for code in moment.prices:
            facts = facts_of(question, code, moment.prices, moment.opening, at=moment.at)
            if wording.holds(document["when"], facts):
                return moment, code, facts
    return None


def _choices(document: Mapping[str, Any], market: Played) -> Iterator[Tried]:
    seen = moments(market.moves, until=market.question.starts_at)
    found = first_choice(document, market.question, seen)
    if found is None:
        return
    moment, code, _ = found
    said = market.outcomes.get(code)
    if said is None:
        return
    odds = moment.prices[code]
    slip = Slip(legs=(Leg(odds=odds, name=market.name),), stake=document["stake"])
    returned = payout.settle(slip, [outcome_from_json(said)], market.rules).payout_minor
    yield Tried(
        name=market.name,
        code=code,
        at=moment.at,
        odds=odds,
        closing_odds=seen[-1].prices.get(code),
        stake=document["stake"],
        returned=returned,
    )


def _may(stops: Mapping[str, Any], tried: Tried, today: Sequence[tuple[Tried, datetime]]) -> bool:
    """Tell whether the stops of the day allow one more bet: by the results that were known by then."""
    known = [one for one, ended in today if ended <= tried.at]
    loss = sum(one.stake - one.returned for one in known)
    return bool(len(today) < stops["day_bets_max"] and loss < stops["day_loss_max"])
