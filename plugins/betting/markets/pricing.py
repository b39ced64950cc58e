"""Prices of a market from what is known of it: probabilities, prices of others, or a trader's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, real
from pitboss.plugins.betting.odds.ladder import EXCHANGE, HUNDREDTHS, Rung, round_down

ODDS_MIN, ODDS_MAX = Decimal("1.01"), Decimal(10_000)
SUM_TOLERANCE = Decimal("0.001")
"""How far from 1 the probabilities of a market may add up: they were rounded when they were written."""
PROBABILITY_MIN = Decimal("0.00005")
_PLACES = Decimal("0.00000001")
LADDERS: Mapping[str, Sequence[Rung]] = MappingProxyType({"cents": HUNDREDTHS, "exchange": EXCHANGE})


def from_probabilities(
    probabilities: Mapping[str, Decimal], *, book_sum: Decimal, winners: int = 1, ladder: str = "cents"
) -> dict[str, Decimal]:
    """Return odds that keep the margin: never more than `1 / (p * book sum)`, on a step of the ladder."""
    check_probabilities(probabilities, winners=winners)
    return {
        code: on_ladder(1 / (Fraction(p) * Fraction(book_sum)), ladder) for code, p in probabilities.items()
    }


def on_ladder(odds: Exact, ladder: str) -> Decimal:
    """Round down to a step of the ladder, within what can be offered."""
    if ladder not in LADDERS:
        raise InvalidInput(
            f"no ladder {ladder!r}: {nearest(ladder, list(LADDERS))}", {"ladder": ["Unknown."]}
        )
    low, high = Fraction(ODDS_MIN), Fraction(ODDS_MAX)
    bounded = low if odds < low else high if odds > high else Fraction(odds)
    return round_down(bounded, LADDERS[ladder])


def check_probabilities(probabilities: Mapping[str, Decimal], *, winners: int = 1) -> None:
    """Refuse what cannot be the probabilities of a market's answers."""
    for code, p in probabilities.items():
        if not PROBABILITY_MIN <= p < 1:
            raise _wrong(code, f"{p} is not a probability from {PROBABILITY_MIN} to below 1")
    total = sum(probabilities.values(), Decimal(0))
    if winners and abs(total - winners) > SUM_TOLERANCE * winners:
        raise InvalidInput(
            f"the probabilities add up to {total}, not to {winners}: give one for each selection",
            {"probabilities": [f"They add up to {total}, not to {winners}."]},
        )


def check_odds(code: str, odds: Decimal) -> Decimal:
    """Return a price that can be offered, or say why not."""
    if not odds.is_finite() or not ODDS_MIN <= odds <= ODDS_MAX:
        raise _wrong(code, f"{odds} are not odds from {ODDS_MIN} to {ODDS_MAX}")
    if odds != round(odds, 4):
        raise _wrong(code, f"{odds} have more than 4 decimals")
    return odds


def check_complete(codes: Sequence[str], given: Mapping[str, Any], what: str) -> None:
    """Refuse what names other selections than the market has, or leaves one out."""
    unknown = sorted(set(given) - set(codes))
    missing = [code for code in codes if code not in given]
    problems = [marked(f"{code}: no such selection") for code in unknown]
    problems += [marked(f"{code}: missing") for code in missing]
    if problems:
        raise InvalidInput(
            f"{what} do not fit the selections {', '.join(codes)}: {'; '.join(problems)}", {what: problems}
        )


def implied(odds: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the probabilities behind a trader's own prices, the margin in proportion."""
    total = sum(1 / Fraction(price) for price in odds.values())
    return {code: real(1 / Fraction(price) / total).quantize(_PLACES) for code, price in odds.items()}


def scaled(odds: Mapping[str, Decimal], *, book_sum: Decimal, ladder: str) -> dict[str, Decimal]:
    """Return the same prices in proportion, moved so that they add up to a book sum."""
    factor = sum(1 / Fraction(price) for price in odds.values()) / Fraction(book_sum)
    return {code: on_ladder(Fraction(price) * factor, ladder) for code, price in odds.items()}


def book_sum_of(odds: Sequence[Decimal]) -> Decimal | None:
    """Return the sum of implied probabilities; None where nothing is priced.

    >>> round(book_sum_of([Decimal("1.88"), Decimal("3.14"), Decimal("4.71")]), 4)
    Decimal('1.0627')
    """
    return real(sum((1 / Fraction(price) for price in odds), Fraction(0))) if odds else None


def margin_of(odds: Sequence[Decimal], winners: int = 1) -> Decimal | None:
    """Return the part that the house keeps; None where nothing is priced, or any number may be right.

    >>> margin_of([Decimal("1.90"), Decimal("1.90")]).quantize(Decimal("0.0001"))
    Decimal('0.0526')
    """
    total = book_sum_of(odds)
    return None if total is None or not winners else total / winners - 1


def chances(odds: Mapping[str, Decimal], winners: int = 1) -> dict[str, Decimal]:
    """Return how likely prices say that each answer is, the margin taken out in proportion.

    Where any number of answers may be right, there is nothing to tell the margin by: it stays in.
    """
    if not winners:
        return {code: real(1 / Fraction(price)) for code, price in odds.items()}
    return {code: p * winners for code, p in implied(odds).items()}


def jumps(before: Decimal | None, after: Decimal | None, *, percent_max: int) -> bool:
    """Tell whether a price moved by more than a part of itself.

    >>> jumps(Decimal("2.00"), Decimal("1.70"), percent_max=15)
    False
    """
    if before is None or after is None:
        return False
    return abs(after - before) * 100 > before * percent_max


def _wrong(code: str, why: str) -> InvalidInput:
    return InvalidInput(f"selection {code!r}: {why}", {"odds": {code: [f"{why}."]}})
