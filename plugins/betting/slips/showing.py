"""Bets as they are shown: to their player, to operators, and as rows of a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.plugins.betting.slips.oddstext import text

ShowOdds = Callable[[Decimal], str]
"""Writes odds in the format that someone prefers."""


def total(ctx: Context, minor: int, currency: str) -> dict[str, str]:
    """Return an amount as the API shows it."""
    return {"amount": ctx.tenant.currencies.text(Money(minor, currency)), "currency": currency}


def bet(
    ctx: Context,
    row: Mapping[str, Any],
    legs: Sequence[Mapping[str, Any]],
    *,
    show_odds: ShowOdds = text,
    is_repeated: bool = False,
) -> dict[str, Any]:
    """Return a bet with its legs, as the API shows it."""
    unit = row["currency"]
    amounts = ("unit_stake", "stake", "running_stake", "potential", "payout")
    return {
        **{name: row[name] for name in _PLAIN},
        **{name: total(ctx, row[name], unit) for name in amounts},
        "is_free": row["free_bet_id"] is not None,
        "odds": odds_of(row, legs),
        "legs": [_leg(leg, show_odds) for leg in legs],
        "is_repeated": is_repeated,
    }


def odds_of(row: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the one price of a bet that has one: of all its legs together; exact."""
    if row["builder_odds"] is not None:
        return text(row["builder_odds"])
    if row["kind"] == "system":
        return None
    product = prod((Fraction(leg["odds"]) for leg in legs), start=Fraction(1))
    return long_text(product)


def long_text(odds: Fraction) -> str:
    """Write odds of any size with four decimals at most, rounded down, and two at least.

    >>> long_text(Fraction("7.5")), long_text(Fraction("1.85178"))
    ('7.50', '1.8517')
    """
    whole, rest = divmod(odds.numerator * 10_000 // odds.denominator, 10_000)
    return f"{whole}.{f'{rest:04d}'.rstrip('0').ljust(2, '0')}"


_PLAIN = (
    *("id", "player_id", "reference", "kind", "system", "is_each_way", "state", "reason"),
    *("line_count", "free_bet_id", "price_policy", "placed_at", "accept_at", "accepted_at", "settled_at"),
    "settlement_version",
)
_LEG = (
    *("number", "fixture_id", "market_id", "selection_id", "name", "sport", "competition"),
    *("odds_version", "is_banker", "is_in_play", "score_from", "place_terms"),
)


def _leg(leg: Mapping[str, Any], show_odds: ShowOdds) -> dict[str, Any]:
    closing = leg.get("closing_odds")
    return {
        **{name: leg[name] for name in _LEG},
        "odds": text(leg["odds"]),
        "shown_odds": text(leg["shown_odds"]),
        "odds_text": show_odds(leg["odds"]),
        "closing_odds": None if closing is None else text(closing),
    }
