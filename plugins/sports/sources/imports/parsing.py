"""Find out what a file is, and read it with the reader that knows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.sources import items
from pitboss.plugins.sports.sources.imports import columns, football, plain
from pitboss.plugins.sports.sources.imports.reading import FILE_BYTES_MAX, Table, read_table
from pitboss.plugins.sports.sources.records import Problem, Sent, renamed

FIRST_ROWS = 10
ITEM_CHARACTERS_SHOWN = 1_000

Kind = Literal["fixtures", "results", "prices", "history"]
KINDS: tuple[Kind, ...] = ("fixtures", "results", "prices", "history")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a file does not say itself."""

    sport: str = ""
    competition: str = ""
    zone: str = ""
    """Of times without an offset; the tenant's where it is empty."""
    delimiter: str = ""
    provider: str = ""
    """Whose ids the file speaks; `file` where nobody says."""
    creates_fixtures: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """Our names for what the file calls otherwise, such as `{"EPL": "Premier League"}`."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says."""

    format: str
    """football-data, table or json."""
    sent: Sequence[Sent]
    problems: Sequence[Problem]
    zone: ZoneInfo
    about: Mapping[str, Any] = field(default_factory=dict)
    """Encoding, delimiter, columns and first rows, for somebody who looks at it."""

    @property
    def rows(self) -> int:
        return len(self.sent) + len({problem.place for problem in self.problems} - self._places)

    @property
    def _places(self) -> set[int]:
        return {one.place for one in self.sent}


def parse(content: bytes, kind: str, options: Options, *, zone: ZoneInfo, now: datetime) -> Parsed:
    """Read a file; raise InvalidInput where it is none that we know."""
    if len(content) > FILE_BYTES_MAX:
        raise InvalidInput(f"file: {len(content)} bytes; at most {FILE_BYTES_MAX}: split it")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
        found = _document(content, options, zone, now)
    else:
        found = _table(read_table(content, delimiter=options.delimiter), kind, options, zone, now)
    return replace(found, sent=[renamed(_only(one, kind), options.names) for one in found.sent])


def _document(content: bytes, options: Options, zone: ZoneInfo, now: datetime) -> Parsed:
    document = items.read_document(content)
    given = {"sport": options.sport, "competition": options.competition}
    sent, problems = items.read_items(document, **given, now=now)
    first = [
        {"line": place, "item": json.dumps(item)[:ITEM_CHARACTERS_SHOWN]}
        for place, item in enumerate(document[:FIRST_ROWS], 1)
    ]
    return Parsed("json", sent, problems, zone, {"first_rows": first})


def _table(table: Table, kind: str, options: Options, zone: ZoneInfo, now: datetime) -> Parsed:
    about = {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "columns": [asdict(column) for column in columns.describe(table)],
        "first_rows": [{"line": row.place, **row.cells} for row in table.rows[:FIRST_ROWS]],
    }
    if football.is_football_data(table.header):
        sent, problems = football.read(table, is_priced=kind != "history")
        return Parsed("football-data", sent, problems, football.ZONE, about)
    missing = plain.missing_columns(table.header)
    if missing:
        raise InvalidInput(f"file: {'; '.join(missing)}", {"content": missing})
    zone = _zone(options.zone) if options.zone else zone
    sent, problems = plain.read(
        table, sport=options.sport, competition=options.competition, zone=zone, now=now
    )
    return Parsed("table", sent, problems, zone, about)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput(f"zone: no time zone {name!r}: write for example Europe/London") from None


def _only(sent: Sent, kind: str) -> Sent:
    """Return what the kind of import takes of a row."""
    if kind == "fixtures":
        return replace(sent, outcome=None, score=None, prices=())
    if kind == "prices":
        return replace(sent, outcome=None, score=None)
    return sent
