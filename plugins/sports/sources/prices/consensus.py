"""What the prices of many bookmakers say together: pure, exact until it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from pitboss.plugins.sports.sources.prices.codes import AGGREGATES

SELECTIONS_MIN = 2
"""One selection alone says nothing of a market."""
CHANCE_DECIMALS = 6
EXPECTED = {
    "match_result": frozenset({"home", "draw", "away"}),
    "over_under": frozenset({"over", "under"}),
    "asian_handicap": frozenset({"home", "away"}),
    "both_teams_to_score": frozenset({"yes", "no"}),
}
"""Selections without which the margin of a market cannot be known; others are judged by what is there."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One price of one bookmaker."""

    bookmaker: str
    selection: str
    price: Decimal
    at: datetime
    source: str = ""


def best(quotes: Iterable[Quote]) -> dict[str, Quote]:
    """Return the highest price of each selection; of equal ones the older."""
    found: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda q: (-q.price, q.at, q.bookmaker)):
        if quote.bookmaker not in AGGREGATES:
            found.setdefault(quote.selection, quote)
    return found


def fair(market: str, quotes: Iterable[Quote]) -> dict[str, Fraction]:
    """Return the chance of each selection: each bookmaker's prices without its margin, then the mean.

    The margin is taken off in proportion. A bookmaker that does not price every selection is left out;
    what somebody counted over many bookmakers serves only where no bookmaker is left.
    """
    by_bookmaker: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for quote in quotes:
        by_bookmaker[quote.bookmaker][quote.selection] = quote.price
    wanted = EXPECTED.get(market) or frozenset().union(*(set(one) for one in by_bookmaker.values()))
    whole = {name: prices for name, prices in by_bookmaker.items() if prices.keys() == wanted}
    named = [prices for name, prices in whole.items() if name not in AGGREGATES]
    counted = [prices for name, prices in whole.items() if name == "market_average"]
    return _mean([without_margin(prices) for prices in (named or counted)]) if len(wanted) > 1 else {}


def without_margin(prices: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Return the chances that prices say, in proportion, so that they add up to one.

    >>> without_margin({"home": Decimal("1.90"), "away": Decimal("1.90")})
    {'home': Fraction(1, 2), 'away': Fraction(1, 2)}
    """
    if len(prices) < SELECTIONS_MIN:
        return {}
    raw = {selection: 1 / Fraction(price) for selection, price in prices.items()}
    total = sum(raw.values())
    return {selection: chance / total for selection, chance in raw.items()}


def book_sum(prices: Iterable[Decimal]) -> Fraction:
    """Return what the prices of all selections add up to: 1 is no margin."""
    return sum((1 / Fraction(price) for price in prices), Fraction(0))


def shown(number: Fraction, decimals: int = CHANCE_DECIMALS) -> str:
    """Write an exact number with some decimals, half of the last one up."""
    scaled = number * 10**decimals + Fraction(1, 2)
    return str(Decimal(scaled.numerator // scaled.denominator).scaleb(-decimals))


def _mean(chances: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    if not chances:
        return {}
    return {s: sum((one[s] for one in chances), Fraction(0)) / len(chances) for s in chances[0]}
