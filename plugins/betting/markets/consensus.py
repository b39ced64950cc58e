"""What the bookmakers of the feeds believe together: their prices without the margins, averaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, TermMissing
from pitboss.plugins.betting.odds import moving

_PLACES = Decimal("0.00000001")
NAMES: Mapping[str, tuple[str, ...]] = {
    "match_result": ("match_result", "1x2", "h2h"),
    "match_winner": ("match_winner", "h2h"),
    "moneyline": ("moneyline", "h2h"),
    "total_goals": ("total_goals", "over_under", "totals"),
    "total_points": ("total_points", "totals", "over_under"),
    "asian_handicap": ("asian_handicap", "handicap"),
    "spread": ("spread", "spreads"),
}
"""What feeds call the markets of a template, where not the same."""
AGGREGATES = ("market_best",)
"""The best price of many bookmakers is a book of nobody: it has no margin of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which market of a fixture the feeds are asked about."""

    fixture_id: UUID
    template: str
    line: str
    codes: Sequence[str]
    winners: int = 1


def consensus(
    markets: Iterable[Mapping[str, Any]], question: Question, *, method: str
) -> dict[str, Decimal] | None:
    """Return a probability for each selection, or None where no bookmaker prices all of them."""
    books, codes = _complete(markets, question), question.codes
    if not books or len(codes) < 2:
        return None
    fair = moving.consensus(books, method)
    return {code: (p * question.winners).quantize(_PLACES) for code, p in zip(codes, fair, strict=True)}


def ask(ctx: Context, question: Question) -> dict[str, Decimal]:
    """Return the consensus on a market of a fixture, or say that there is none."""
    try:
        markets = ctx.value("sports.prices", str(question.fixture_id))["markets"]
    except TermMissing:
        markets = []
    method = ctx.settings("betting")["devig_method"]
    found = consensus(markets, question, method=method)
    if found is None:
        raise InvalidInput(
            f"no bookmaker prices all of {', '.join(question.codes)}: give probabilities or odds",
            {"source": ["No complete prices."]},
        )
    return found


def asks_for(market: Any, *, name: str, line: str) -> bool:
    """Tell whether what a feed calls a market is a market of ours."""
    return name in NAMES.get(market.template, (market.template,)) and line == market.line


def _complete(markets: Iterable[Mapping[str, Any]], question: Question) -> list[list[Decimal]]:
    """Return the prices of each bookmaker that has one for every selection."""
    books: dict[str, dict[str, Decimal]] = {}
    for market in markets:
        if asks_for(question, name=market["market"], line=market["line"]):
            for quote in market["prices"]:
                books.setdefault(quote["bookmaker"], {})[quote["selection"]] = Decimal(quote["price"])
    return [
        [book[code] for code in question.codes]
        for name, book in books.items()
        if name not in AGGREGATES and set(question.codes) <= set(book)
    ]
