"""The facts of many players as columns: let in once through the door of the catalogue, then only read.

Texts and lists are dictionary-coded: each row has a small whole number, and the text stands once in
`entries`. Numbers keep the narrow type in which they came, where it holds only whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Catalogue, Facts, Variable, admit_value
from pitboss.rules.engine.errors import WrongFact

Array: TypeAlias = NDArray[Any]
Entry: TypeAlias = str | frozenset[str]

_ONE_VALUE = (float, int, bool, str, Decimal, datetime, timedelta, frozenset, np.generic)
_CODED = frozenset({"text", "list"})
_SMALL, _MEDIUM = 2**7, 2**15


class WrongRow(WrongFact):
    """A fact of one row is not what its variable says."""

    def __init__(self, cause: WrongFact, row: int, place: str = "") -> None:
        self.cause = cause
        self.row = row
        super().__init__(cause.name, None, "")
        self.args = (f"{place or f'row {row}'}: {cause}",)


@dataclass(frozen=True, slots=True)
class Coded:
    """Texts or lists by number: row n has `entries[codes[n]]`; a code of -1 is unknown."""

    codes: Array
    entries: Sequence[Any]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The texts or lists of a column, each once."""

    entries: tuple[Entry, ...] = ()

    @cached_property
    def places(self) -> dict[Entry, int]:
        """The code of each entry."""
        return {entry: code for code, entry in enumerate(self.entries)}


NO_WORDS = Lexicon()


@dataclass(frozen=True)
class Column:
    """One fact of all rows, admitted. A `values` that is no array holds for each row."""

    variable: Variable
    values: Array | float | bool | Entry
    lexicon: Lexicon = NO_WORDS
    """What the codes in `values` mean, for texts and lists."""
    unknown: NDArray[np.bool_] | None = None
    """Where the fact is unknown; None where it never is."""

    def value(self, row: int) -> Any:
        """Return what one row has, or None."""
        if self.unknown is not None and self.unknown[row]:
            return None
        if not isinstance(self.values, np.ndarray):
            return self.values
        if self.variable.value_type in _CODED:
            return self.lexicon.entries[self.values[row]]
        value = self.values[row].item()
        return value if self.variable.value_type == "boolean" else float(value)

    def slice(self, start: int, stop: int) -> Column:
        """Return the rows from `start` to before `stop`, without a copy."""
        if not isinstance(self.values, np.ndarray):
            return self
        unknown = None if self.unknown is None else self.unknown[start:stop]
        return replace(self, values=self.values[start:stop], unknown=unknown)


@dataclass(frozen=True)
class Columns:
    """The facts of many players; a variable without a column is unknown, or has its default."""

    by_name: Mapping[str, Column]
    rows: int
    ids: Sequence[Any] | Array | None = field(default=None, repr=False)
    """Whose row it is, where somebody wants to count players."""

    @classmethod
    def of_rows(
        cls,
        rows: Iterable[Facts],
        catalogue: Catalogue,
        *,
        now: Any = None,
        ids: Sequence[Any] | Array | None = None,
    ) -> Columns:
        """Let rows in, as Catalogue.admit does; `now` is one instant for all, or one for each."""
        admitted = [_admit_row(row, number, catalogue) for number, row in enumerate(rows)]
        names = {name: None for row in admitted for name in row}
        arrays: dict[str, Any] = {name: [row.get(name) for row in admitted] for name in names}
        if now is not None:
            arrays[NOW] = now
        return cls.of_arrays(arrays, catalogue, rows=len(admitted), ids=ids)

    @classmethod
    def of_arrays(
        cls,
        arrays: Mapping[str, Any],
        catalogue: Catalogue,
        *,
        unknown: Mapping[str, Array] | None = None,
        rows: int | None = None,
        now: Any = None,
        ids: Sequence[Any] | Array | None = None,
    ) -> Columns:
        """Let arrays in: NumPy arrays, masked arrays, Coded, lists with None, or one value for all rows.

        An array that needs no change is not copied.
        """
        given = {catalogue.variable(name): values for name, values in arrays.items()}
        if now is not None:
            given[catalogue.variable(NOW)] = now
        masks = {catalogue.variable(name).name: mask for name, mask in (unknown or {}).items()}
        columns = {v.name: admit_column(v, values, masks.get(v.name)) for v, values in given.items()}
        return cls(columns, _length(columns.values(), rows, ids), ids)

    def slice(self, start: int, stop: int) -> Columns:
        """Return the rows from `start` to before `stop`, without a copy."""
        start, stop, _ = slice(start, stop).indices(self.rows)
        columns = {name: column.slice(start, stop) for name, column in self.by_name.items()}
        return Columns(columns, max(0, stop - start), None if self.ids is None else self.ids[start:stop])

    def facts(self, row: int) -> dict[str, Any]:
        """Return the facts of one row that are known."""
        found = {name: column.value(row) for name, column in self.by_name.items()}
        return {name: value for name, value in found.items() if value is not None}


def admit_column(variable: Variable, values: Any, unknown: Array | None = None) -> Column:
    """Let one column in, or raise WrongFact that names the fact and the first wrong row."""
    if isinstance(values, _ONE_VALUE):
        value = values.item() if isinstance(values, np.generic) else values
        return Column(variable, admit_value(variable, value))
    if isinstance(values, np.ma.MaskedArray):
        masked = np.ma.getmaskarray(values)
        values, unknown = values.data, masked if unknown is None else masked | unknown
    if not isinstance(values, np.ndarray | Coded) or _is_loose(values):
        return _from_objects(variable, values, unknown)
    column = _ADMITTERS[variable.value_type](variable, values, _mask(unknown))
    return _with_default(column)


# -- by type -----------------------------------------------------------------------------------


def _admit_number(variable: Variable, values: Any, unknown: Array | None) -> Column:
    if isinstance(values, Coded) or values.dtype.kind not in "iuf":
        _refuse_first(variable, values, unknown)
    if values.dtype.kind == "f" and values.dtype != np.float64:
        values = values.astype(np.float64)
    _check_range(variable, values, unknown)
    return Column(variable, _read_only(values), unknown=unknown)


def _admit_duration(variable: Variable, values: Any, unknown: Array | None) -> Column:
    if isinstance(values, np.ndarray) and values.dtype.kind == "m":
        absent = np.isnat(values)
        if absent.any():
            unknown = absent if unknown is None else unknown | absent
        micros = np.floor_divide(np.where(absent, np.timedelta64(0, "us"), values), np.timedelta64(1, "us"))
        values = micros.astype(np.float64) / 1e6
    return _admit_number(variable, values, unknown)


def _admit_boolean(variable: Variable, values: Any, unknown: Array | None) -> Column:
    if isinstance(values, Coded) or values.dtype != np.bool_:
        _refuse_first(variable, values, unknown)
    return Column(variable, _read_only(values), unknown=unknown)


def _admit_coded(variable: Variable, values: Any, unknown: Array | None) -> Column:
    coded = values if isinstance(values, Coded) else _code_texts(variable, values, unknown)
    codes = _check_codes(variable, coded)
    absent = codes < 0
    if absent.any():
        unknown = absent if unknown is None else unknown | absent
    entries = _admit_entries(variable, coded.entries, codes, unknown)
    if len(set(entries)) < len(entries):
        codes, entries = _merge(codes, entries)
    return Column(variable, _read_only(codes), Lexicon(entries), unknown)


_ADMITTERS: Mapping[str, Callable[[Variable, Any, Array | None], Column]] = {
    "number": _admit_number,
    "instant": _admit_number,
    "duration": _admit_duration,
    "boolean": _admit_boolean,
    "text": _admit_coded,
    "list": _admit_coded,
}


def _from_objects(variable: Variable, values: Iterable[Any], unknown: Array | None) -> Column:
    """Let in what Python holds, value by value; None is unknown."""
    given = list(values)
    absent = np.fromiter((value is None for value in given), np.bool_, len(given))
    unknown = _mask(absent if unknown is None else absent | unknown)
    known = [
        None if unknown is not None and unknown[row] else _admit_at(variable, value, row)
        for row, value in enumerate(given)
    ]
    if variable.value_type in _CODED:
        places = {entry: code for code, entry in enumerate(dict.fromkeys(v for v in known if v is not None))}
        codes = np.fromiter((-1 if v is None else places[v] for v in known), np.int64, len(known))
        codes = _read_only(narrowed(codes, len(places)))
        return _with_default(Column(variable, codes, Lexicon(tuple(places)), unknown))
    kind = np.bool_ if variable.value_type == "boolean" else np.float64
    array: Array = np.fromiter((0 if v is None else v for v in known), kind, len(known))
    return _with_default(Column(variable, _read_only(array), unknown=unknown))


# -- checks ------------------------------------------------------------------------------------


def _admit_row(row: Facts, number: int, catalogue: Catalogue) -> dict[str, Any]:
    try:
        return catalogue.admit(row)
    except WrongFact as error:
        raise WrongRow(error, number) from None


def _admit_at(variable: Variable, value: Any, row: int) -> Any:
    try:
        return admit_value(variable, value.item() if isinstance(value, np.generic) else value)
    except WrongFact as error:
        raise WrongRow(error, row) from None


def _check_range(variable: Variable, values: Array, unknown: Array | None) -> None:
    if not values.size:
        return
    # NaN spoils both ends, so that two passes find all that is not finite.
    if values.min() >= -WHOLE_MAX and values.max() <= WHOLE_MAX:
        return
    wrong = ~((values >= -WHOLE_MAX) & (values <= WHOLE_MAX))
    if unknown is not None:
        wrong &= ~unknown
    if wrong.any():
        row = int(np.argmax(wrong))
        _admit_at(variable, values[row], row)


def _refuse_first(variable: Variable, values: Any, unknown: Array | None) -> None:
    """Refuse an array of a wrong type by its first value that is known."""
    if isinstance(values, Coded):
        values = np.array([None, *values.entries], object)[np.asarray(values.codes, np.int64) + 1]
    known = np.flatnonzero(~unknown) if unknown is not None else range(len(values))
    for row in known:
        value = values[row]
        if isinstance(value, np.datetime64):
            raise WrongRow(WrongFact(variable.name, str(value), "an instant with its time zone"), int(row))
        _admit_at(variable, value, int(row))
    if len(known):
        raise WrongFact(variable.name, f"an array of {values.dtype}", f"a column of type {variable.type}")


def _check_codes(variable: Variable, coded: Coded) -> Array:
    codes = np.asarray(coded.codes)
    if codes.dtype.kind not in "iu":
        raise WrongFact(variable.name, f"an array of {codes.dtype}", "a column of codes")
    if codes.size and not (codes.min() >= -1 and codes.max() < len(coded.entries)):
        row = int(np.argmax((codes < -1) | (codes >= len(coded.entries))))
        raise WrongRow(WrongFact(variable.name, int(codes[row]), f"a code below {len(coded.entries)}"), row)
    return codes


def _admit_entries(
    variable: Variable, entries: Sequence[Any], codes: Array, unknown: Array | None
) -> tuple[Entry, ...]:
    admitted: list[Entry] = []
    for code, entry in enumerate(entries):
        try:
            admitted.append(admit_value(variable, entry))
        except WrongFact as error:
            # A dictionary may hold more than its rows use: only what is used must be right.
            used = codes == code if unknown is None else (codes == code) & ~unknown
            if used.any():
                raise WrongRow(error, int(np.argmax(used))) from None
            admitted.append(_unused(variable, code))
    return tuple(admitted)


def _unused(variable: Variable, code: int) -> Entry:
    name = f"(unused {code})"
    return frozenset({name}) if variable.value_type == "list" else name


def _length(columns: Iterable[Column], rows: int | None, ids: Any) -> int:
    lengths: dict[str, int] = {}
    for column in columns:
        if isinstance(column.values, np.ndarray):
            lengths[column.variable.name] = len(column.values)
        if column.unknown is not None:
            lengths[f"{column.variable.name} (unknown)"] = len(column.unknown)
    if rows is not None:
        lengths["rows"] = rows
    if ids is not None:
        lengths["ids"] = len(ids)
    if not lengths:
        raise ValueError("no column has a length: say how many rows there are")
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length: {lengths}")
    return next(iter(lengths.values()))


# -- helpers -----------------------------------------------------------------------------------


def _is_loose(values: Array | Coded) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind == "O"


def _mask(unknown: Array | None) -> NDArray[np.bool_] | None:
    if unknown is None:
        return None
    mask = np.asarray(unknown, np.bool_)
    return mask if mask.any() else None


def _read_only(values: Array) -> Array:
    view = values.view()
    view.flags.writeable = False
    return view


def _code_texts(variable: Variable, values: Array, unknown: Array | None) -> Coded:
    if variable.value_type != "text" or values.dtype.kind not in "UT":
        _refuse_first(variable, values, unknown)
    texts, codes = np.unique(values, return_inverse=True)
    return Coded(narrowed(codes, len(texts)), tuple(texts.tolist()))


def narrowed(codes: Array, count: int) -> Array:
    """Return codes below `count` in the narrowest type that holds them."""
    return codes.astype(np.int8 if count < _SMALL else np.int16 if count < _MEDIUM else np.int32, copy=False)


def _merge(codes: Array, entries: tuple[Entry, ...]) -> tuple[Array, tuple[Entry, ...]]:
    """Give one code to entries that are one text, such as two spellings of one accent."""
    places = {entry: code for code, entry in enumerate(dict.fromkeys(entries))}
    recode = np.array([*(places[entry] for entry in entries), -1])
    return narrowed(recode[codes], len(places)), tuple(places)


def _with_default(column: Column) -> Column:
    """Fill a default in where nothing is known."""
    variable, values, lexicon = column.variable, column.values, column.lexicon
    if column.unknown is None or variable.default is None:
        return column
    assert isinstance(values, np.ndarray)
    default = admit_value(variable, variable.default)
    if variable.value_type in _CODED:
        if default not in lexicon.places:
            lexicon = Lexicon((*lexicon.entries, default))
            values = narrowed(values.astype(np.int64), len(lexicon.entries))
        default = lexicon.places[default]
    elif not _fits(default, values.dtype):
        values = values.astype(np.float64)
    filled = np.where(column.unknown, values.dtype.type(default), values)
    return Column(variable, _read_only(filled), lexicon)


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind not in "iu":
        return True
    limits = np.iinfo(dtype)
    return limits.min <= value <= limits.max and value == int(value)
