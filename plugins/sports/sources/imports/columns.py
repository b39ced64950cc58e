"""Say what the columns of a table hold, for somebody who decides whether it is the right file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pitboss.plugins.sports.sources.imports.reading import Table
from pitboss.plugins.sports.sources.imports.values import read_date, read_instant, read_time
from pitboss.plugins.sports.sources.records import Unreadable

ROWS_LOOKED_AT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """What a column seems to hold."""

    name: str
    kind: str
    """whole, decimal, date, time, instant, text or empty."""
    filled: int
    """Cells with something in them, of those that were looked at."""
    example: str


def describe(table: Table) -> list[Column]:
    """Describe each column by its first rows."""
    rows = table.rows[:ROWS_LOOKED_AT_MAX]
    return [_column(name, [text for row in rows if (text := row.text(name))]) for name in table.header]


def kind_of(values: Sequence[str]) -> str:
    """Return the narrowest kind that all of the values are of."""
    if not values:
        return "empty"
    for kind, is_one in _KINDS:
        if all(is_one(value) for value in values):
            return kind
    return "text"


def _column(name: str, values: Sequence[str]) -> Column:
    return Column(name, kind_of(values), len(values), values[0] if values else "")


def _is_whole(text: str) -> bool:
    return _is_decimal(text) and Decimal(text) == Decimal(text).to_integral_value()


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_date(text: str) -> bool:
    return _is_read(read_date, text)


def _is_time(text: str) -> bool:
    return _is_read(read_time, text)


def _is_instant(text: str) -> bool:
    return _is_read(read_instant, text)


def _is_read(read: object, text: str) -> bool:
    try:
        read("", text)  # type: ignore[operator]  # one of the readers of values
    except Unreadable:
        return False
    return True


_KINDS = (
    ("whole", _is_whole),
    ("decimal", _is_decimal),
    ("date", _is_date),
    ("time", _is_time),
    ("instant", _is_instant),
)
