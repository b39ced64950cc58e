"""The shapes in which feeds answer, each turned into a page of our items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

MARKETS = {"h2h": "match_result", "totals": "over_under", "spreads": "asian_handicap"}
"""Markets of The Odds API that we know; others are left out."""


def items(document: Any) -> Mapping[str, Any]:
    """Read our own shape: an object with `items` (and `next_cursor`, `has_more`, `as_of`), or a list."""
    if isinstance(document, list):
        return {"items": document}
    if not isinstance(document, dict) or "items" not in document:
        raise ValueError("an object with `items`, or a list, is expected")
    return document


def odds_api(document: Any) -> Mapping[str, Any]:
    """Read a list of events as version 4 of The Odds API sends them."""
    if not isinstance(document, list):
        raise ValueError("a list of events is expected")
    return {"items": [_event(event) for event in document]}


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    sides = {event["home_team"]: "home", event["away_team"]: "away", "Draw": "draw"}
    return {
        "id": event["id"],
        "competition": event["sport_title"],
        "starts_at": event["commence_time"],
        "home": event["home_team"],
        "away": event["away_team"],
        "prices": [price for bookmaker in event.get("bookmakers", []) for price in _prices(bookmaker, sides)],
    }


def _prices(bookmaker: Mapping[str, Any], sides: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for market in bookmaker["markets"]:
        if market["key"] not in MARKETS:
            continue
        for outcome in market["outcomes"]:
            selection = sides.get(outcome["name"], str(outcome["name"]).lower())
            yield {
                "bookmaker": bookmaker["key"],
                "market": MARKETS[market["key"]],
                "selection": selection,
                "line": _line(market["key"], selection, outcome.get("point")),
                "price": outcome["price"],
                "at": market.get("last_update") or bookmaker.get("last_update"),
            }


def _line(market: str, selection: str, point: Any) -> str:
    """Return the line; a handicap is the home side's, whichever side the price is of."""
    if point is None:
        return ""
    text = str(point)
    if market != "spreads" or selection == "home":
        return text
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


SHAPES: Mapping[str, Callable[[Any], Mapping[str, Any]]] = MappingProxyType(
    {"items": items, "odds_api": odds_api}
)
