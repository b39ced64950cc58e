"""The cells of a CSV file, which are all text, as values of their variables."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from pitboss.rules.engine.catalogue import Catalogue, Variable, admit_value
from pitboss.rules.engine.columns.resident import WrongRow
from pitboss.rules.engine.errors import WrongFact


def parsed(frame: pl.DataFrame, catalogue: Catalogue, ids: str | None) -> pl.DataFrame:
    """Return a frame of texts with each column as its variable wants it."""
    facts = [name for name in frame.columns if name != ids]
    frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in facts)
    return frame.with_columns(_column(catalogue.variable(name), frame[name]) for name in facts)


def _column(variable: Variable, cells: pl.Series) -> pl.Series:
    match variable.value_type:
        case "number":
            return _checked(variable, cells, _floats(cells), "a number")
        case "boolean":
            words = cells.str.strip_chars().str.to_lowercase()
            known = {"true": True, "false": False}
            truths = words.replace_strict(known, default=None, return_dtype=pl.Boolean)
            return _checked(variable, cells, truths, "true or false")
        case "list":
            return _lists(variable, cells)
        case "instant" | "duration":
            return _seconds(variable, cells)
    return cells


def _floats(cells: pl.Series) -> pl.Series:
    return cells.str.strip_chars().cast(pl.Float64, strict=False)


def _checked(variable: Variable, cells: pl.Series, values: pl.Series, expected: str) -> pl.Series:
    if values.null_count() > cells.null_count():
        row = int((values.is_null() & cells.is_not_null()).arg_max() or 0)
        raise WrongRow(WrongFact(variable.name, cells[row], expected), row)
    return values


def _seconds(variable: Variable, cells: pl.Series) -> pl.Series:
    """Read instants and durations: a number is seconds, and the door reads or refuses what is none."""
    seconds = _floats(cells)
    is_other = cells.is_not_null() & seconds.is_null()
    read: dict[str, float] = {}
    for text in cells.filter(is_other).unique(maintain_order=True):
        try:
            read[text] = admit_value(variable, text)
        except WrongFact as error:
            raise WrongRow(error, int((cells == text).arg_max() or 0)) from None
    if not read:
        return seconds
    others = cells.replace_strict(read, default=None, return_dtype=pl.Float64)
    return seconds.zip_with(~is_other, others)


def _lists(variable: Variable, cells: pl.Series) -> pl.Series:
    read: dict[str, Any] = {}
    for row, cell in enumerate(texts := cells.to_list()):
        if cell is not None and cell not in read:
            read[cell] = _list(variable, cell, row)
    values = [None if cell is None else read[cell] for cell in texts]
    return pl.Series(cells.name, values, dtype=pl.List(pl.String))


def _list(variable: Variable, cell: str, row: int) -> list[str]:
    try:
        items = json.loads(cell)
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise WrongRow(WrongFact(variable.name, cell, 'a list such as ["slots", "roulette"]'), row)
    return items
