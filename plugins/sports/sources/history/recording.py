"""Keep matches of the past: each once, as it was first imported, and never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue import aliases, competitions, teams
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.sources import limits
from pitboss.plugins.sports.sources.records import Problem, Sent, Unreadable
from pitboss.plugins.sports.sources.tables import HistoricalRow

ROWS_A_STATEMENT = 1_000
PROBLEMS_MAX = 1_000

Key = tuple[str, str, date, str, str]
"""Sport, competition, day and both sides."""
_Names = dict[tuple[aliases.Kind, str, str, str], str]

_HISTORY = HistoricalRow.__table__
_KEY = ("sport", "competition", "played_on", "home_key", "away_key")
_SAID = ("home_score", "away_score")


@dataclass(slots=True)
class Kept:
    """What came of some matches."""

    created: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


def plan(ctx: Context, sent: Sequence[Sent], zone: ZoneInfo, kept: Kept) -> list[dict[str, Any]]:
    """Return the rows that are new; what is known otherwise is told, since the past does not change."""
    names = _own_names(ctx, sent)
    rows: dict[Key, tuple[Sent, dict[str, Any]]] = {}
    for one in sent:
        try:
            _check(one)
        except Unreadable as error:
            kept.problems.append(error.at(one.place))
            continue
        row = _row(one, names, zone)
        before = rows.setdefault(_key(row), (one, row))[1]
        if before is not row:
            _compare(one, row, before, kept)
    known = _known(ctx, [row for _, row in rows.values()])
    fresh = []
    for key, (one, row) in rows.items():
        if key in known:
            _compare(one, row, known[key], kept)
        else:
            fresh.append(row)
    kept.created += len(fresh)
    return fresh


def _check(sent: Sent) -> None:
    if sent.score is None:
        said = marked("A match of the past needs its score: fill it in, or import the row as a fixture.")
        raise Unreadable("FTHG", "", said)
    if len(sent.fixture.participants) != 2:
        raise Unreadable("home", sent.fixture.label, "History holds matches between two.")
    limits.check(sent)


def write(ctx: Context, rows: Sequence[Mapping[str, Any]], import_id: UUID | None) -> Iterator[int]:
    """Write rows in pieces; yield how many are written after each."""
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(_HISTORY).on_conflict_do_nothing()
    for begin in range(0, len(rows), ROWS_A_STATEMENT):
        piece = rows[begin : begin + ROWS_A_STATEMENT]
        fixed = {"tenant_id": ctx.tenant.id, "import_id": import_id}
        ctx.connection.execute(statement, [{**fixed, "id": uuid7(), **row} for row in piece])
        yield begin + len(piece)


def _own_names(ctx: Context, sent: Sequence[Sent]) -> _Names:
    """Return our own names of teams and competitions that are known, by how they were sent."""
    wanted: dict[tuple[aliases.Kind, str, str], set[str]] = defaultdict(set)
    for one in sent:
        sport, league = one.fixture.sport, one.fixture.competition
        wanted["competition", sport, league.country].add(league.name)
        wanted["team", sport, league.country] |= {named.name for named in one.fixture.participants}
    found: _Names = {}
    for (kind, sport, country), texts in wanted.items():
        ids = aliases.look_up(ctx, kind, sport, texts, country=country)
        find_many = teams.find_many if kind == "team" else competitions.find_many
        own = find_many(ctx, list(set(ids.values()))) if ids else {}
        found |= {(kind, sport, country, text): own[one].name for text, one in ids.items() if one in own}
    return found


def _row(sent: Sent, names: _Names, zone: ZoneInfo) -> dict[str, Any]:
    fixture, league = sent.fixture, sent.fixture.competition
    assert sent.score is not None, "a match of the past has its score"

    def own(kind: aliases.Kind, name: str) -> str:
        return names.get((kind, fixture.sport, league.country, name), name)

    home, away = (own("team", named.name) for named in fixture.participants)
    return {
        "sport": fixture.sport,
        "competition": own("competition", league.name),
        "country": league.country,
        "season": fixture.season,
        # A day is one of where it was played or told of, not of UTC.
        "played_on": fixture.starts_at.astimezone(zone).date(),
        "starts_at": fixture.starts_at if fixture.is_time_known else None,
        "home": home,
        "away": away,
        "home_key": _key_of(home),
        "away_key": _key_of(away),
        "home_score": sent.score[0],
        "away_score": sent.score[1],
        "figures": dict(sent.figures),
        "prices": dict(sent.quoted),
    }


@lru_cache(maxsize=10_000)
def _key_of(name: str) -> str:
    # The same few hundred names in each of many thousand rows.
    return key_of(name)


def _key(row: Mapping[str, Any]) -> Key:
    sport, competition, played_on, home, away = (row[name] for name in _KEY)
    return sport, competition, played_on, home, away


def _known(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """Return what is kept already of the leagues and days of some rows."""
    spans: dict[tuple[str, str], list[date]] = defaultdict(list)
    for row in rows:
        spans[row["sport"], row["competition"]].append(row["played_on"])
    found: dict[Key, Mapping[str, Any]] = {}
    for (sport, competition), days in spans.items():
        query = select(*(_HISTORY.c[name] for name in (*_KEY, *_SAID))).where(
            _HISTORY.c.tenant_id == ctx.tenant.id,
            _HISTORY.c.sport == sport,
            _HISTORY.c.competition == competition,
            _HISTORY.c.played_on.between(min(days), max(days)),
        )
        rows_there = [dict(row._mapping) for row in ctx.connection.execute(query)]
        found |= {_key(row): row for row in rows_there}
    return found


def _compare(sent: Sent, row: Mapping[str, Any], known: Mapping[str, Any], kept: Kept) -> None:
    if all(row[name] == known[name] for name in _SAID):
        kept.same += 1
        return
    score, before = (f"{one['home_score']}-{one['away_score']}" for one in (row, known))
    said = marked(
        f"History has {before} for {row['home']} v {row['away']} and does not change: which is right?"
    )
    kept.problems.append(Problem(sent.place, "FTHG", score, said))


def count(ctx: Context) -> int:
    """Return how many matches of the past there are."""
    query = select(func.count()).select_from(_HISTORY).where(_HISTORY.c.tenant_id == ctx.tenant.id)
    return ctx.connection.execute(query).scalar_one()
