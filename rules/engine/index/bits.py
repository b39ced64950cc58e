"""The bits of an index: which boxes of a block are left by each elementary interval, or text, of a fact.

Rows are NumPy words; bit n of a row is box n of the block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.boxes import default_of
from pitboss.rules.engine.index.table import Column, NumberColumn, Numbers, Table, ValueColumn, strict

Words: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one fact in a block, and how its value chooses one."""

    column: Column
    words: Words
    """A row for each place; of a number, the last one is the unknown."""
    cuts: list[float]
    """Where elementary intervals begin, ascending, and infinity: the place of NaN is behind all."""
    places: Mapping[Any, int]
    """The place of each text or truth; None is the unknown, and place 0 is any other."""


def rows_of(table: Table, boxes: Numbers, *, skipped: str | None) -> list[Rows]:
    """Return the rows of each fact that these boxes read, but for one that is skipped."""
    local = np.full(len(table.owner), -1, np.int32)
    local[boxes] = np.arange(len(boxes))
    made = []
    for name, column in table.columns.items():
        if name == skipped:
            continue
        here = column.renumbered(local)
        if len(here.read):
            is_number = isinstance(here, NumberColumn)
            made.append(_number_rows(here, len(boxes)) if is_number else _value_rows(here, len(boxes)))  # type: ignore[arg-type]  # mypy does not narrow by a name
    return made


def _number_rows(column: NumberColumn, count: int) -> Rows:
    starts, ends = column.low, np.nextafter(column.high, np.inf)
    cuts = np.unique(np.concatenate((starts[starts > -np.inf], ends, [np.inf])))
    rejected: Words = np.zeros((len(cuts) + 1, _width(count)), np.uint64)
    is_first, is_last = starts == -np.inf, column.high == np.inf
    for chosen in (is_first, is_last & ~is_first, ~is_first & ~is_last):
        if chosen.any():
            rejected |= _rejected(column.box[chosen], starts[chosen], ends[chosen], cuts, count)
    rows = ~rejected & ones(count)
    default = default_of(column.variable)
    rows[-1] = _unknown(column, count) if default is None else rows[np.searchsorted(cuts, default, "right")]
    return Rows(column, rows, cuts.tolist(), {})


def _rejected(box: Numbers, starts: Any, ends: Any, cuts: Any, count: int) -> Words:
    """Return for each place the boxes that have it in an interval; those of one box are apart."""
    box, starts, ends = _outermost(box, starts, ends)
    toggles: Words = np.zeros((len(cuts) + 1, _width(count)), np.uint64)
    first = np.where(starts == -np.inf, 0, np.searchsorted(cuts, starts, "right"))
    behind = np.searchsorted(cuts, ends, "right")
    for places in (first, behind):
        flat = places * toggles.shape[1] + (box >> 6)
        np.bitwise_xor.at(toggles.reshape(-1), flat, np.uint64(1) << (box & 63).astype(np.uint64))
    result: Words = np.bitwise_xor.accumulate(toggles, axis=0)
    return result


def _outermost(box: Numbers, starts: Any, ends: Any) -> tuple[Numbers, Any, Any]:
    """Keep of several intervals of a box without lower bound the longest, and so for those without upper."""
    if starts[0] == -np.inf:
        order = np.lexsort((-ends, box))
    elif ends[0] == np.inf:
        order = np.lexsort((starts, box))
    else:
        return box, starts, ends
    box = box[order]
    is_first = np.concatenate(([True], box[1:] != box[:-1]))
    return box[is_first], starts[order][is_first], ends[order][is_first]


def _value_rows(column: ValueColumn, count: int) -> Rows:
    base = ones(count) & ~packed(column.listed, count)
    codes = np.union1d(column.accepts[1], column.rejects[1]).tolist()
    values = list(column.codes)
    rows = [base, _unknown(column, count)]
    for code in codes:
        accepting = column.accepts[0][column.accepts[1] == code]
        rejecting = column.rejects[0][column.rejects[1] == code]
        rows.append((base | packed(accepting, count)) & ~packed(rejecting, count))
    places: dict[Any, int] = {values[code]: place for place, code in enumerate(codes, 2)}
    default = default_of(column.variable)
    places[None] = 1 if default is None else places.get(default, 0)
    return Rows(column, np.array(rows), [], places)


def _unknown(column: Column, count: int) -> Words:
    return ones(count) & ~packed(strict(column), count)


def _width(count: int) -> int:
    return (count + 63) // 64


def packed(boxes: Numbers, count: int) -> Words:
    """Return a row in which these boxes have their bits."""
    bits = np.zeros(_width(count) * 64, np.bool_)
    bits[boxes] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)


def ones(count: int) -> Words:
    """Return a row in which all boxes have their bits."""
    return packed(np.arange(count, dtype=np.int32), count)
