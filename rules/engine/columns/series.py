"""A Polars frame let in as columns, without a copy where its numbers are as they should be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

import numpy as np
import polars as pl

from pitboss.rules.engine.catalogue import Catalogue, Variable, admit_value
from pitboss.rules.engine.columns.evaluation import Columns
from pitboss.rules.engine.columns.resident import Coded, WrongRow
from pitboss.rules.engine.errors import Refused, WrongFact


def columns_of(
    frame: pl.DataFrame,
    catalogue: Catalogue,
    *,
    now: Any = None,
    ids: str | None = None,
    only: Collection[str] | None = None,
) -> Columns:
    """Let a frame in, without a copy where its numbers are as they should be.

    `ids` is the column that says whose row it is. With `only`, columns of other facts are ignored; without,
    a column that no variable has is refused.
    """
    arrays: dict[str, Any] = {}
    masks: dict[str, Any] = {}
    for name, variable in wanted(frame.columns, catalogue, ids, only).items():
        arrays[variable.name], masks[variable.name] = _values(variable, frame[name])
    known = {name: mask for name, mask in masks.items() if mask is not None}
    whose = None if ids is None else _ids(frame[ids])
    return Columns.of_arrays(arrays, catalogue, unknown=known, rows=frame.height, now=now, ids=whose)


def wanted(
    names: Collection[str], catalogue: Catalogue, ids: str | None, only: Collection[str] | None
) -> dict[str, Variable]:
    """Return the columns that are facts, with their variables; refuse what is no fact and not ignored."""
    found: dict[str, Variable] = {}
    for name in names:
        if name == ids or (only is not None and not _is_read(name, catalogue, only)):
            continue
        variable = catalogue.variable(name)
        if variable in found.values():
            raise Refused(f"two columns are {variable.name}: {name!r} is one of them")
        found[name] = variable
    if ids is not None and ids not in names:
        raise Refused(f"there is no column {ids!r} that says whose row it is: there are {', '.join(names)}")
    return found


def _is_read(name: str, catalogue: Catalogue, only: Collection[str]) -> bool:
    try:
        return catalogue.variable(name).name in only
    except Refused:
        return False


def _ids(series: pl.Series) -> Any:
    return series.to_numpy() if series.dtype.is_integer() and not series.null_count() else series.to_list()


def _values(variable: Variable, series: pl.Series) -> tuple[Any, Any]:
    """Return a series as what the door takes, and where it is unknown."""
    unknown = series.is_null().to_numpy() if series.null_count() else None
    kind, dtype = variable.value_type, series.dtype
    if dtype == pl.Null:
        return [None] * len(series), None
    if kind == "text" and dtype in (pl.String, pl.Categorical, pl.Enum):
        return _coded(series), unknown
    if kind == "boolean" and dtype == pl.Boolean:
        return series.fill_null(False).to_numpy(), unknown
    if kind in ("number", "instant", "duration"):
        if dtype in (pl.Float64, pl.Float32) or (dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128)):
            return series.fill_null(0).to_numpy(), unknown
        if isinstance(dtype, pl.Decimal) and kind == "number":
            # By way of the text, as Python rounds; a cast to a float may differ in the last bit.
            return series.cast(pl.String).cast(pl.Float64).fill_null(0).to_numpy(), unknown
    if kind == "instant" and isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return _seconds(series, dtype.time_unit), unknown
    if kind == "duration" and isinstance(dtype, pl.Duration):
        return _seconds(series, dtype.time_unit), unknown
    if kind in ("instant", "duration") and dtype == pl.String:
        return _each_once(variable, series), unknown
    return series.to_list(), None


def _seconds(series: pl.Series, unit: str) -> Any:
    """Return whole microseconds as seconds: the one division that Python does."""
    ticks = series.to_physical().fill_null(0).to_numpy()
    micros = ticks // 1_000 if unit == "ns" else ticks * (1_000 if unit == "ms" else 1)
    return micros / 1e6


def _coded(series: pl.Series) -> Coded:
    if series.dtype != pl.Enum:
        texts = series.drop_nulls().unique(maintain_order=True).cast(pl.String)
        series = series.cast(pl.Enum(texts))
    entries = tuple(cast(pl.Enum, series.dtype).categories.to_list())
    return Coded(series.to_physical().fill_null(0).to_numpy(), entries) if entries else _nothing(len(series))


def _nothing(rows: int) -> Coded:
    return Coded(np.full(rows, -1, np.int8), ())


def _each_once(variable: Variable, series: pl.Series) -> Any:
    """Read texts as instants or durations, each text once."""
    coded = _coded(series)
    known = series.is_not_null().to_numpy()
    read = np.zeros(len(coded.entries) + 1)
    for code, text in enumerate(coded.entries):
        try:
            read[code] = admit_value(variable, text)
        except WrongFact as error:
            raise WrongRow(error, int(np.argmax((coded.codes == code) & known))) from None
    return read[coded.codes]
