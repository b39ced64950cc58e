"""Read tables whose columns have our own names, or those that people use for the same things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pitboss.core.errors import nearest
from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.sources.imports import values
from pitboss.plugins.sports.sources.imports.football import football_outcome
from pitboss.plugins.sports.sources.imports.reading import Row, Table
from pitboss.plugins.sports.sources.records import Named, Problem, Sent, SentFixture, SentPrice, Unreadable

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("external id", "fixture id", "event id", "match id"),
    "sport": (),
    "competition": ("league", "tournament", "div", "division", "competition name"),
    "competition_id": ("league id",),
    "country": (),
    "season": (),
    "round": ("matchday", "week"),
    "starts_at": ("start", "kick off", "kickoff", "commence time", "datetime"),
    "date": ("day", "match date"),
    "time": ("kick off time", "start time"),
    "home": ("home team", "hometeam", "team 1"),
    "away": ("away team", "awayteam", "team 2"),
    "home_id": ("home team id",),
    "away_id": ("away team id",),
    "venue": ("stadium", "ground"),
    "status": ("state",),
    "home_score": ("home goals", "fthg", "score home", "home points"),
    "away_score": ("away goals", "ftag", "score away", "away points"),
    "home_half": ("hthg", "home half time"),
    "away_half": ("htag", "away half time"),
    "bookmaker": ("book", "operator"),
    "market": (),
    "line": ("handicap", "total"),
    "selection": ("outcome", "side"),
    "price": ("odds", "decimal odds"),
    "at": ("priced at", "updated at", "timestamp"),
}
"""Our names, and what else they are called; compared without case and punctuation."""
PRICE_COLUMNS = ("bookmaker", "market", "selection", "price", "at")


def columns_of(header: Iterable[str]) -> dict[str, str]:
    """Return under which header each of our columns stands."""
    by_key = {key_of(name): name for name in header}
    found: dict[str, str] = {}
    for name, others in COLUMNS.items():
        for spelling in (name, *others):
            if key_of(spelling) in by_key:
                found.setdefault(name, by_key[key_of(spelling)])
    return found


def missing_columns(header: Iterable[str]) -> list[str]:
    """Say which columns are missing without which no fixture can be told."""
    names, found = tuple(header), columns_of(header)
    said = []
    for name in ("home", "away"):
        if name not in found:
            said.append(marked(f"no column {name!r}: {nearest(name, names)}"))
    if "starts_at" not in found and "date" not in found:
        said.append(marked(f"no column 'starts_at' or 'date': {nearest('starts_at', names)}"))
    return said


def read(
    table: Table, *, sport: str, competition: str, zone: ZoneInfo, now: datetime
) -> tuple[list[Sent], list[Problem]]:
    """Return what each row says, and what cannot be read; options stand in for missing columns."""
    columns = columns_of(table.header)
    defaults = {"sport": sport, "competition": competition}
    sent, problems = [], list(table.problems)
    for row in table.rows:
        cells = {**defaults, **{name: t for name, header in columns.items() if (t := row.text(header))}}
        try:
            sent.append(_sent(row, cells, zone, now))
        except Unreadable as error:
            header = columns.get(error.column, error.column)
            problems.append(Problem(row.place, header, error.value, error.message))
    return sent, problems


def _sent(row: Row, cells: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Sent:
    fixture = _fixture(cells, zone)
    score = _score(cells)
    has_price = any(name in cells for name in ("price", "bookmaker", "selection"))
    return Sent(
        place=row.place,
        fixture=fixture,
        score=score,
        outcome=_periods(cells, score),
        figures=_figures(cells),
        prices=(_price(cells, zone, now),) if has_price else (),
    )


def _fixture(cells: Mapping[str, str], zone: ZoneInfo) -> SentFixture:
    for name in ("sport", "competition", "home", "away"):
        if not cells.get(name):
            raise Unreadable(name, "", f"Say the {name}, in the row or for the whole file.")
    if key_of(cells["home"]) == key_of(cells["away"]):
        raise Unreadable("away", cells["away"], "A team does not play against itself.")
    starts_at, is_time_known = _start(cells, zone)
    competition = Named(
        cells["competition"], cells.get("competition_id", ""), cells.get("country", "").upper()
    )
    return SentFixture(
        sport=cells["sport"].lower(),
        competition=competition,
        starts_at=starts_at,
        is_time_known=is_time_known,
        participants=tuple(Named(cells[side], cells.get(f"{side}_id", "")) for side in ("home", "away")),
        external_id=cells.get("id", ""),
        season=cells.get("season", ""),
        round=cells.get("round", ""),
        venue=cells.get("venue", ""),
        status=cells.get("status", "").lower(),
    )


def _start(cells: Mapping[str, str], zone: ZoneInfo) -> tuple[datetime, bool]:
    if "starts_at" in cells:
        return values.read_instant("starts_at", cells["starts_at"], zone), True
    if "date" not in cells:
        raise Unreadable("starts_at", "", "Say when it starts, such as 2026-08-14T19:45:00Z.")
    clock = values.read_time("time", cells["time"]) if "time" in cells else None
    return values.at(values.read_date("date", cells["date"]), clock, zone), clock is not None


def _score(cells: Mapping[str, str]) -> tuple[int, int] | None:
    if "home_score" not in cells and "away_score" not in cells:
        return None
    home, away = (values.read_whole(f"{s}_score", cells.get(f"{s}_score", "")) for s in ("home", "away"))
    return home, away


def _periods(cells: Mapping[str, str], score: tuple[int, int] | None) -> dict[str, Any] | None:
    """Return the structured result of a sport whose score alone is one."""
    half = _figures(cells).get("half_time")
    if score is None:
        return None
    if half is not None and (half[0] > score[0] or half[1] > score[1]):
        raise Unreadable("home_half", f"{half[0]}-{half[1]}", "More at half time than at the end.")
    return football_outcome(score, _figures(cells)) if cells["sport"].lower() == "football" else None


def _figures(cells: Mapping[str, str]) -> dict[str, list[int]]:
    if "home_half" not in cells or "away_half" not in cells:
        return {}
    return {"half_time": [values.read_whole(name, cells[name]) for name in ("home_half", "away_half")]}


def _price(cells: Mapping[str, str], zone: ZoneInfo, now: datetime) -> SentPrice:
    for name in ("bookmaker", "market", "selection", "price"):
        if name not in cells:
            raise Unreadable(name, "", f"A price needs a {name}.")
    return SentPrice(
        bookmaker=cells["bookmaker"].lower(),
        market=cells["market"].lower(),
        line=values.read_line("line", cells["line"]) if "line" in cells else "",
        selection=cells["selection"].lower(),
        price=values.read_price("price", cells["price"]),
        at=values.read_instant("at", cells["at"], zone) if "at" in cells else now,
    )
