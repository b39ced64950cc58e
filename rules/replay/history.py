"""Recorded judgements as columns: only the facts that rules read, some ten thousand rows at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Select, extract, func, select, union_all

from pitboss.core import contracts
from pitboss.core.context import Context
from pitboss.core.database.bulk import copy_csv
from pitboss.rules.engine.catalogue import NOW, Catalogue, Variable, admit_value
from pitboss.rules.engine.columns.resident import Coded, Columns
from pitboss.rules.engine.errors import WrongFact
from pitboss.rules.runtime.tables import JudgementRow

CHUNK_ROWS = 50_000
"""Rows of a chunk where they come one by one."""
ID, PLAYER, AT = "id", "player", "at"

_JUDGEMENT = JudgementRow.__table__
_DTYPES: Mapping[str, Any] = {
    "number": pl.Float64,
    "instant": pl.Float64,
    "duration": pl.Float64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "list": pl.String,
}


@dataclass(frozen=True, slots=True)
class Span:
    """The judgements that are replayed: those of one event in some time."""

    event: str
    from_: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: whose they are, when they were judged, and the facts."""

    whose: pl.DataFrame
    """The id of the event, the player, and the seconds since 1970."""
    facts: Columns
    unknown: Mapping[str, int]
    """In how many rows a fact was not known."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.facts.rows


def count_rows(ctx: Context, span: Span) -> int:
    """Return how many judgements there are."""
    query = select(func.count()).select_from(_JUDGEMENT).where(*_within(ctx, span))
    return ctx.connection.scalar(query) or 0


def first_recorded(ctx: Context) -> datetime | None:
    """Return since when anything of the tenant is recorded; None where nothing is."""
    events = (name for name, owned in ctx.view.terms.items() if isinstance(owned.item, contracts.Event))
    first = select(func.min(_JUDGEMENT.c.at).label("at"))
    # One look into the index for each event: the first instant of all has no index of its own.
    firsts = union_all(*(first.where(*_of_event(ctx, event)) for event in events)).subquery()
    found: datetime | None = ctx.connection.scalar(select(func.min(firsts.c.at)))
    return found


def read_chunks(
    ctx: Context, span: Span, names: Sequence[str], words: Catalogue
) -> Generator[Chunk, None, None]:
    """Yield the judgements of one event, with the facts of those names."""
    variables = [words.variables[name] for name in names if name != NOW]
    frames = _rows(ctx, span, variables) if _is_sqlite(ctx) else _copied(ctx, span, variables)
    for frame in frames:
        yield chunk_of(frame, variables, words)


def chunk_of(frame: pl.DataFrame, variables: Sequence[Variable], words: Catalogue) -> Chunk:
    """Return a frame as what rules are judged on; its columns of facts have the names of variables."""
    arrays: dict[str, Any] = {}
    masks: dict[str, Any] = {}
    unknown: dict[str, int] = {}
    for variable in variables:
        series = frame[variable.name]
        arrays[variable.name], masks[variable.name] = _admitted(variable, series)
        if series.null_count() and variable.default is None:
            unknown[variable.name] = series.null_count()
    known = {name: mask for name, mask in masks.items() if mask is not None}
    now = frame[AT].to_numpy()
    facts = Columns.of_arrays(arrays, words, unknown=known, rows=frame.height, now=now)
    return Chunk(frame.select(ID, PLAYER, AT), facts, unknown)


# -- reading -------------------------------------------------------------------------------------


def _copied(ctx: Context, span: Span, variables: Sequence[Variable]) -> Iterator[pl.DataFrame]:
    at = extract("epoch", _JUDGEMENT.c.at)
    schema = {ID: pl.String, PLAYER: pl.String, AT: pl.Float64, **_schema(variables)}
    for piece in copy_csv(ctx.connection, _query(ctx, span, variables, at)):
        # What was recorded as another type than the variable has today is unknown.
        yield pl.read_csv(io.BytesIO(piece), has_header=False, schema=schema, ignore_errors=True)


def _rows(ctx: Context, span: Span, variables: Sequence[Variable]) -> Iterator[pl.DataFrame]:
    query = _query(ctx, span, variables, _JUDGEMENT.c.at).execution_options(stream_results=True)
    with ctx.connection.execute(query) as found:
        for part in found.partitions(CHUNK_ROWS):
            ids, players, moments, *facts = zip(*part, strict=True)
            yield pl.DataFrame(
                [
                    pl.Series(ID, [str(id_) for id_ in ids], pl.String),
                    pl.Series(PLAYER, [None if p is None else str(p) for p in players], pl.String),
                    pl.Series(AT, [moment.timestamp() for moment in moments], pl.Float64),
                    *(_loose(v, values) for v, values in zip(variables, facts, strict=True)),
                ]
            )


def _query(ctx: Context, span: Span, variables: Sequence[Variable], at: Any) -> Select[Any]:
    # JSON that is taken out as text is what each database does fastest, and has no value that fails.
    facts = [_JUDGEMENT.c.facts[v.name].as_string().label(f"f{n}") for n, v in enumerate(variables)]
    return select(_JUDGEMENT.c.id, _JUDGEMENT.c.player_id, at, *facts).where(*_within(ctx, span))


def _within(ctx: Context, span: Span) -> tuple[Any, ...]:
    return (
        *_of_event(ctx, span.event),
        _JUDGEMENT.c.at >= span.from_,
        _JUDGEMENT.c.at < span.until,
    )


def _of_event(ctx: Context, event: str) -> tuple[Any, ...]:
    return (_JUDGEMENT.c.tenant_id == ctx.tenant.id, _JUDGEMENT.c.event == event)


def _is_sqlite(ctx: Context) -> bool:
    return ctx.connection.dialect.name == "sqlite"


def _schema(variables: Sequence[Variable]) -> dict[str, Any]:
    return {v.name: _DTYPES[v.value_type] for v in variables}


def _loose(variable: Variable, texts: Sequence[str | None]) -> pl.Series:
    """Read the texts of one fact; SQLite writes a truth as 1 or 0."""
    if variable.value_type == "boolean":
        truths = {"1": True, "true": True, "0": False, "false": False}
        return pl.Series(variable.name, [truths.get(text or "") for text in texts], pl.Boolean)
    return pl.Series(variable.name, texts, pl.String).cast(_DTYPES[variable.value_type], strict=False)


# -- letting in ------------------------------------------------------------------------------------


def _admitted(variable: Variable, series: pl.Series) -> tuple[Any, Any]:
    """Return a series as what the door of columns takes, and where it is unknown."""
    unknown = series.is_null().to_numpy() if series.null_count() else None
    if variable.value_type in ("text", "list"):
        return _coded(variable, series), None
    if variable.value_type == "boolean":
        return series.fill_null(False).to_numpy(), unknown
    return series.fill_null(0.0).to_numpy(), unknown


def _coded(variable: Variable, series: pl.Series) -> Coded:
    texts = series.drop_nulls().unique()
    codes = series.cast(pl.Enum(texts)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    entries: list[Any] = []
    places = np.full(len(texts) + 1, -1)
    for code, text in enumerate(texts):
        entry = _entry(variable, text)
        if entry is not None:
            places[code] = len(entries)
            entries.append(entry)
    return Coded(places[codes], entries)


def _entry(variable: Variable, text: str) -> Any:
    """Return a recorded text or list; None for what the variable no longer takes, such as a gone choice."""
    try:
        return admit_value(variable, json.loads(text) if variable.value_type == "list" else text)
    except (WrongFact, ValueError):
        return None
