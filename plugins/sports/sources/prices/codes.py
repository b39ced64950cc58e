"""Price columns as football-data names them: `PSCH` is Pinnacle's closing price of the home side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

BOOKMAKERS: Mapping[str, str] = MappingProxyType(
    {
        "1XB": "1xbet",
        "B365": "bet365",
        "BF": "betfair_sportsbook",
        "BFD": "betfred",
        "BFE": "betfair_exchange",
        "BMGM": "betmgm",
        "BS": "blue_square",
        "BV": "betvictor",
        "BW": "betway",
        "CL": "coral",
        "GB": "gamebookers",
        "IW": "interwetten",
        "LB": "ladbrokes",
        "P": "pinnacle",
        "PS": "pinnacle",
        "SB": "sportingbet",
        "SJ": "stan_james",
        "SO": "sporting_odds",
        "SY": "stanleybet",
        "VC": "betvictor",
        "WH": "william_hill",
        "Avg": "market_average",
        "BbAv": "market_average",
        "BbMx": "market_best",
        "Max": "market_best",
    }
)
AGGREGATES = frozenset({"market_average", "market_best"})
"""Not bookmakers: what several of them offered, told by whoever counted."""

_SHAPE = re.compile(r"(?P<book>[A-Za-z0-9]+?)(?P<what>AH[HA]|AHh|AH|[HDA]|[<>]\d+(?:\.\d+)?)")
_SELECTIONS = {"H": "home", "D": "draw", "A": "away", "AHH": "home", "AHA": "away", ">": "over", "<": "under"}
_LINES = {"AHh": "", "AHCh": "C", "BbAHh": ""}
"""Columns with the handicap of the home side that all bookmakers of the row share."""
_NEVER = frozenset({"AH", "AHH", "AHA", "HTH", "HTA", "FTH", "FTA"})


@dataclass(frozen=True, slots=True)
class Code:
    """What a column with prices says."""

    column: str
    bookmaker: str
    market: str
    line: str
    """Of totals; a handicap's stands in a column of its own."""
    selection: str
    is_closing: bool


def read_codes(columns: Iterable[str]) -> dict[str, Code]:
    """Return what the price columns of a header mean, by column."""
    header = tuple(columns)
    found = {column: _read(column, header) for column in header}
    return {column: code for column, code in found.items() if code is not None}


def line_columns(code: Code, columns: Iterable[str]) -> list[str]:
    """Return the columns in which the handicap of a price may stand, the nearest first."""
    present = set(columns)
    closing = "C" if code.is_closing else ""
    own = code.column.removesuffix("H").removesuffix("A").removesuffix("AH") + "AH"
    shared = [name for name, mark in _LINES.items() if mark == closing]
    return [name for name in (own, *shared) if name in present]


def is_line(column: str) -> bool:
    """Tell whether a column holds handicaps and no prices."""
    return column in _LINES or (column.endswith("AH") and column[:-2] in BOOKMAKERS)


def _read(column: str, header: tuple[str, ...]) -> Code | None:
    shape = _SHAPE.fullmatch(column)
    if shape is None or column in _NEVER or is_line(column):
        return None
    book, what = shape["book"], shape["what"]
    name, is_closing = _bookmaker(book, what, header)
    if name is None:
        return None
    market, line, selection = _meaning(what)
    return Code(column, name, market, line, selection, is_closing)


def _bookmaker(book: str, what: str, header: tuple[str, ...]) -> tuple[str | None, bool]:
    """Tell the bookmaker, and whether a C at its end is part of its name (as of VC) or means closing."""
    if book in BOOKMAKERS:
        return BOOKMAKERS[book], False
    early = book.removesuffix("C")
    if early != book and early in BOOKMAKERS:
        return BOOKMAKERS[early], True
    if early != book and early + what in header and _is_triple(early, header):
        return early.lower(), True
    # Unknown letters before an H are a bookmaker's only where draw and away stand beside it.
    return (book.lower(), False) if _is_triple(book, header) else (None, False)


def _is_triple(book: str, header: tuple[str, ...]) -> bool:
    return len(book) > 1 and all(book + side in header for side in "HDA")


def _meaning(what: str) -> tuple[str, str, str]:
    if what[0] in "<>":
        return "over_under", what[1:], _SELECTIONS[what[0]]
    market = "asian_handicap" if len(what) == 3 else "match_result"
    return market, "", _SELECTIONS[what]
