"""Read files as football-data.co.uk publishes them: results, what was counted, and odds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pitboss.core.texts import marked
from pitboss.plugins.sports.results.scores import REGULAR
from pitboss.plugins.sports.sources.imports import values
from pitboss.plugins.sports.sources.imports.reading import Row, Table
from pitboss.plugins.sports.sources.prices.codes import Code, is_line, line_columns, read_codes
from pitboss.plugins.sports.sources.records import Named, Problem, Sent, SentFixture, SentPrice, Unreadable

SPORT = "football"
ZONE = ZoneInfo("Europe/London")
"""The times of the files are British, wherever the match was."""
NEEDED = ("Date", "HomeTeam", "AwayTeam")
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "Div": ("League",),
    "HomeTeam": ("Home",),
    "AwayTeam": ("Away",),
    "FTHG": ("HG",),
    "FTAG": ("AG",),
    "FTR": ("Res",),
}
"""The files of further leagues call the same things otherwise."""
EARLY = timedelta(hours=1)
"""When prices were collected is not told, only that it was before the match: no sooner than this before
the kick-off may anything count on them. Closing prices are known at the kick-off."""

FIGURES: Mapping[str, tuple[str, str]] = {
    "half_time": ("HTHG", "HTAG"),
    "shots": ("HS", "AS"),
    "shots_on_target": ("HST", "AST"),
    "corners": ("HC", "AC"),
    "fouls": ("HF", "AF"),
    "offsides": ("HO", "AO"),
    "yellow_cards": ("HY", "AY"),
    "red_cards": ("HR", "AR"),
}
DIVISIONS: Mapping[str, tuple[str, str]] = {
    "E0": ("Premier League", "GB"),
    "E1": ("Championship", "GB"),
    "E2": ("League One", "GB"),
    "E3": ("League Two", "GB"),
    "EC": ("National League", "GB"),
    "SC0": ("Scottish Premiership", "GB"),
    "SC1": ("Scottish Championship", "GB"),
    "SC2": ("Scottish League One", "GB"),
    "SC3": ("Scottish League Two", "GB"),
    "D1": ("Bundesliga", "DE"),
    "D2": ("2. Bundesliga", "DE"),
    "I1": ("Serie A", "IT"),
    "I2": ("Serie B", "IT"),
    "SP1": ("La Liga", "ES"),
    "SP2": ("La Liga 2", "ES"),
    "F1": ("Ligue 1", "FR"),
    "F2": ("Ligue 2", "FR"),
    "N1": ("Eredivisie", "NL"),
    "B1": ("Belgian Pro League", "BE"),
    "P1": ("Primeira Liga", "PT"),
    "T1": ("Super Lig", "TR"),
    "G1": ("Super League Greece", "GR"),
}
SEASON_BEGINS_MONTH = 7


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the header of a file means, worked out once."""

    names: Mapping[str, str]
    codes: Mapping[str, Code]
    lines: Mapping[str, list[str]]
    """Where the handicap of a price column stands."""
    handicaps: Sequence[str]
    """Columns with handicaps."""
    is_priced: bool
    """Whether prices are wanted one by one; history keeps them as they stand in the row."""

    def text(self, row: Row, name: str) -> str:
        return row.text(self.names.get(name, name))


def is_football_data(header: Iterable[str]) -> bool:
    """Tell whether a header is one of these files."""
    names = _names(tuple(header))
    return all(name in names for name in NEEDED) and ("Div" in names or "FTHG" in names)


def read(table: Table, *, is_priced: bool = True) -> tuple[list[Sent], list[Problem]]:
    """Return what each row says, and what cannot be read."""
    codes = read_codes(table.header)
    lines = {
        code.column: line_columns(code, table.header)
        for code in codes.values()
        if code.market == "asian_handicap"
    }
    handicaps = [name for name in table.header if is_line(name)]
    layout = _Layout(_names(table.header), codes, lines, handicaps, is_priced)
    sent, problems = [], list(table.problems)
    for row in table.rows:
        try:
            sent.append(_row(row, layout, problems))
        except Unreadable as error:
            problems.append(error.at(row.place))
    return sent, problems


def season_of(at: datetime) -> str:
    """Return the season of a league that goes over the turn of the year."""
    first = at.year if at.month >= SEASON_BEGINS_MONTH else at.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def _names(header: tuple[str, ...]) -> dict[str, str]:
    """Return under which name each known column stands in this file."""
    found = {name: name for name in header}
    for name, others in OTHER_NAMES.items():
        for other in others:
            if name not in found and other in found:
                found[name] = other
    return found


def _row(row: Row, layout: _Layout, problems: list[Problem]) -> Sent:
    fixture = _fixture(row, layout)
    quoted, prices = _prices(row, layout, fixture.starts_at, problems)
    figures = _figures(row)
    score = _score(row, layout, figures)
    return Sent(
        place=row.place,
        fixture=fixture,
        score=score,
        outcome=football_outcome(score, figures),
        figures=figures,
        prices=tuple(prices),
        quoted=quoted,
    )


def _fixture(row: Row, layout: _Layout) -> SentFixture:
    day = values.read_date("Date", layout.text(row, "Date"))
    clock_text = layout.text(row, "Time")
    clock = values.read_time("Time", clock_text) if clock_text else None
    home, away = (_team(row, layout, name) for name in ("HomeTeam", "AwayTeam"))
    if home.name == away.name:
        raise Unreadable("AwayTeam", away.name, "A team does not play against itself.")
    starts_at = values.at(day, clock, ZONE)
    return SentFixture(
        sport=SPORT,
        competition=_competition(layout.text(row, "Div"), layout.text(row, "Country")),
        starts_at=starts_at,
        participants=(home, away),
        season=layout.text(row, "Season") or season_of(starts_at),
        is_time_known=clock is not None,
    )


def _team(row: Row, layout: _Layout, column: str) -> Named:
    name = layout.text(row, column)
    if not name:
        raise Unreadable(column, name, "Name the team.")
    return Named(name)


def _competition(code: str, country: str) -> Named:
    if not code:
        raise Unreadable("Div", code, "Name the division, such as E0.")
    name, iso = DIVISIONS.get(code, (f"{country} {code}".strip(), ""))
    return Named(name, external_id=code if code in DIVISIONS else "", country=iso)


def _figures(row: Row) -> dict[str, list[int]]:
    """Return what was counted, where both sides of it are there."""
    found = {}
    for name, columns in FIGURES.items():
        texts = [row.text(column) for column in columns]
        if all(texts):
            found[name] = [values.read_whole(c, text) for c, text in zip(columns, texts, strict=True)]
    return found


def football_outcome(
    score: tuple[int, int] | None, figures: Mapping[str, list[int]]
) -> dict[str, Any] | None:
    """Return the structured result; without the score at half time it is that of the regular time alone."""
    if score is None:
        return None
    half = figures.get("half_time")
    if half is None:
        told = [(REGULAR, score)]
    else:
        told = [("1h", (half[0], half[1])), ("2h", (score[0] - half[0], score[1] - half[1]))]
    periods = [{"code": code, "home": home, "away": away} for code, (home, away) in told]
    counted = {name: {"home": h, "away": a} for name, (h, a) in figures.items() if name != "half_time"}
    return {"periods": periods, "statistics": counted}


def _score(row: Row, layout: _Layout, figures: Mapping[str, list[int]]) -> tuple[int, int] | None:
    """Return the goals of both sides, or None while it was not played."""
    texts = [layout.text(row, column) for column in ("FTHG", "FTAG")]
    if not any(texts):
        return None
    home, away = (values.read_whole(c, t) for c, t in zip(("FTHG", "FTAG"), texts, strict=True))
    _check_sign(layout.text(row, "FTR"), home, away)
    half = figures.get("half_time")
    if half is not None and (half[0] > home or half[1] > away):
        raise Unreadable("HTHG", f"{half[0]}-{half[1]}", "More goals at half time than at the end.")
    return home, away


def _check_sign(sign: str, home: int, away: int) -> None:
    expected = "H" if home > away else "A" if away > home else "D"
    if sign and sign.upper() != expected:
        said = marked(f"The goals {home}-{away} say {expected}: which of the two is right?")
        raise Unreadable("FTR", sign, said)


def _prices(
    row: Row, layout: _Layout, starts_at: datetime, problems: list[Problem]
) -> tuple[dict[str, str], list[SentPrice]]:
    """Return the prices of a row, as text by column and, where wanted, one by one.

    One that cannot be read is left out and told of.
    """
    quoted: dict[str, str] = {}
    prices: dict[tuple[Any, ...], SentPrice] = {}
    for column, text in row.cells.items():
        code = layout.codes.get(column)
        if code is None or text == "0":
            continue
        try:
            price = values.read_price(column, text)
            quoted[column] = values.plain(price)
            if layout.is_priced:
                _add(prices, _priced(row, layout, code, price, starts_at))
        except Unreadable as error:
            problems.append(error.at(row.place))
    return quoted | {name: text for name in layout.handicaps if (text := row.text(name))}, list(
        prices.values()
    )


def _add(prices: dict[tuple[Any, ...], SentPrice], price: SentPrice | None) -> None:
    """Add a price; of two names for one bookmaker the first column counts."""
    if price is not None:
        place = (price.bookmaker, price.market, price.line, price.selection, price.at)
        prices.setdefault(place, price)


def _priced(row: Row, layout: _Layout, code: Code, price: Decimal, starts_at: datetime) -> SentPrice | None:
    """Return a price on its own; None where no column says its line."""
    line = _line(row, layout, code)
    if line is None:
        return None
    return SentPrice(
        bookmaker=code.bookmaker,
        market=code.market,
        line=line,
        selection=code.selection,
        price=price,
        at=starts_at if code.is_closing else starts_at - EARLY,
    )


def _line(row: Row, layout: _Layout, code: Code) -> str | None:
    """Return the line of a price, as the home side has it; None where no column says it."""
    if code.market != "asian_handicap":
        return values.read_line(code.column, code.line) if code.line else ""
    for column in layout.lines[code.column]:
        if row.text(column):
            return values.read_line(column, row.text(column))
    return None
