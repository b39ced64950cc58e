"""How a fact is found in SQL, and how it is kept there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Enum,
    Float,
    Integer,
    Numeric,
    SmallInteger,
    case,
    func,
    literal,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.types import CHAR, REAL, String, Text, TypeDecorator, TypeEngine

from pitboss.rules.engine.bounds import ANY, Bounds, with_default
from pitboss.rules.engine.catalogue import WHOLE_MAX, Variable, admit_value
from pitboss.rules.engine.sql.constructs import (
    Condition,
    Element,
    Epoch,
    IsList,
    IsNothing,
    ListOr,
    NotInSql,
    as_double,
    as_whole,
    computed,
    number,
    some,
)

PLACES_MAX = 18
_INT4_MAX = 2**31 - 1
_INT8_MAX = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A day from either end, so that no time zone of a session leads past it.
_MOMENT_FIRST = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_MOMENT_LAST = (datetime(9999, 12, 30, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_MICROSECONDS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where a variable is found. A bare column is bound as `Binding(column=column)`.

    Whole numbers, texts, truths and moments are taken for what the door lets in; other numbers are
    looked at, unless they have limits.
    """

    column: Element
    places: int | None = None
    """A whole number of 1 / 10 ** places: minor units of money, microseconds of an instant."""
    epoch: Element | None = None
    """Seconds since 1970, where the column of an instant is no DateTime; seconds of a duration."""
    is_nullable: bool = True
    """NULL can occur, in the column or through an outer join; False saves a test."""
    limits: Bounds | None = None
    """Between what its writer keeps a number: then no row is looked at, and fewer guards are needed."""


Bindings: TypeAlias = Mapping[str, Binding | Element]
"""Columns by the full name of their variable."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A fact that is kept as a whole number of parts: 1 / unit each."""

    column: Element
    unit: int
    first: int
    last: int
    bind: Callable[[int], Element]
    """Bind a number of parts as the column keeps it."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A fact in SQL."""

    variable: Variable
    column: Element
    value: Element
    """What expressions compute with, without a default; NULL where it is unknown or not admitted."""
    needs: tuple[Condition, ...]
    """Together never NULL, and true exactly where reading the fact is no error."""
    limits: Bounds = ANY
    scaled: Scaled | None = None
    direct: Element | None = None
    """The value without a look at the door or a default, where that is not the column itself."""
    door: Condition | None = None
    """True where the column holds what the door lets in."""
    is_nullable: bool = True

    @property
    def default(self) -> Any:
        """What it is where nothing is known; None leaves it unknown."""
        default = self.variable.default
        return None if default is None or not self.is_nullable else admit_value(self.variable, default)

    @property
    def whole(self) -> Element | None:
        """The column where it is the whole number itself."""
        is_itself = self.scaled is not None and self.scaled.unit == 1 and self.default is None
        return self.column if is_itself else None

    @property
    def is_certain(self) -> bool:
        """Tell whether there is always a value; a column without NULL can hold the null of JSON."""
        return self.variable.default is not None or not (self.is_nullable or self.variable.type == "list")

    @property
    def is_known(self) -> Condition:
        """Whether anything is known, be it admitted or not."""
        if self.variable.value_type == "list" and self.door is not None:
            return self.door
        return self.column.is_not(None)


def stored(variable: Variable, bound: Binding | Element) -> Stored:
    """Return how a variable is kept, by the type of its column."""
    binding = bound if isinstance(bound, Binding) else Binding(column=bound)
    found = _KEPT[variable.value_type](variable, binding)
    found = replace(found, is_nullable=binding.is_nullable, limits=with_default(variable, found.limits))
    return replace(found, value=_or_default(found), needs=_needs(found))


def _or_default(found: Stored) -> Element:
    if found.default is None:
        return found.value
    if found.variable.value_type == "list":
        return ListOr(found.value, literal(json.dumps(sorted(found.default), ensure_ascii=False)))
    default = number(found.default) if isinstance(found.default, float) else literal(found.default)
    if found.door is None:
        return func.coalesce(found.value, default, type_=found.value.type)
    return case((found.column.is_(None), default), else_=found.value)


def _needs(found: Stored) -> tuple[Condition, ...]:
    doors = () if found.door is None else (found.door,)
    if not found.is_nullable:
        return doors
    if found.default is None:
        return found.column.is_not(None), *doors
    nothing = IsNothing(found.column) if found.variable.value_type == "list" else found.column.is_(None)
    return tuple(some(nothing, door) for door in doors)


# -- by the type of the variable ---------------------------------------------------------------


def _number(variable: Variable, binding: Binding) -> Stored:
    column, type_ = binding.column, _plain(binding.column.type)
    if binding.epoch is not None:
        return _real(variable, replace(binding, column=binding.epoch))
    if isinstance(type_, DateTime):
        return _moment(variable, binding, is_aware=bool(type_.timezone))
    if isinstance(type_, Integer) or binding.places is not None:
        return _whole(variable, binding)
    if isinstance(type_, Numeric | Float):
        return _real(variable, binding)
    raise NotInSql(
        f"{variable.name} is a {variable.type}, and {column} is {type_!r}: give its seconds as epoch"
    )


def _whole(variable: Variable, binding: Binding) -> Stored:
    column, places = binding.column, binding.places or 0
    if not 0 <= places <= PLACES_MAX:
        raise NotInSql(f"{variable.name} has {places} decimal places: 0 to {PLACES_MAX} can be kept")
    unit = 10**places
    last = min(WHOLE_MAX * unit, _INT8_MAX)
    value = as_double(column)
    value = value if unit == 1 else computed(value, "/", number(float(unit)))
    limits = Bounds(-float(WHOLE_MAX), float(WHOLE_MAX), 1 / unit, is_whole=unit == 1)
    scaled = Scaled(column, unit, -last, last, _binds_whole(column))
    return Stored(variable, column, value, (), binding.limits or limits, scaled)


def _binds_whole(column: Element) -> Callable[[int], Element]:
    # As the column keeps it, so that a partial index is recognised; wider where it would not fit.
    is_short = isinstance(_plain(column.type), Integer) and not isinstance(_plain(column.type), BigInteger)
    narrow = SmallInteger if isinstance(_plain(column.type), SmallInteger) else Integer
    most = 2**15 - 1 if narrow is SmallInteger else _INT4_MAX
    return lambda parts: literal(parts, narrow() if is_short and abs(parts) <= most else BigInteger())


def _moment(variable: Variable, binding: Binding, *, is_aware: bool) -> Stored:
    column = binding.column
    limits = Bounds(_MOMENT_FIRST / 1e6, _MOMENT_LAST / 1e6, 1e-6)

    def bind(micros: int) -> Element:
        moment = _EPOCH + micros * _MICROSECOND
        return literal(moment if is_aware else moment.replace(tzinfo=None), column.type)

    scaled = Scaled(column, _MICROSECONDS, _MOMENT_FIRST, _MOMENT_LAST, bind)
    return Stored(variable, column, Epoch(column), (), limits, scaled)


def _real(variable: Variable, binding: Binding) -> Stored:
    column = binding.column
    type_ = _plain(column.type)
    is_double = isinstance(type_, Float) and not isinstance(type_, REAL) and (type_.precision or 53) > 24
    value = column if is_double else as_double(column)
    if binding.limits is not None:
        return Stored(variable, column, value, (), binding.limits, direct=value)
    # As whole numbers: a NUMERIC that is larger than any float8 could not even be compared with one.
    low, high = (
        number(float(end)) if is_double else as_whole(literal(end, BigInteger()))
        for end in (-WHOLE_MAX, WHOLE_MAX)
    )
    door = column.between(low, high)
    return Stored(variable, column, case((door, value)), (), ANY, direct=value, door=door)


def _text(variable: Variable, binding: Binding) -> Stored:
    column, type_ = binding.column, _plain(binding.column.type)
    if not isinstance(type_, String):
        raise NotInSql(f"{variable.name} is a text, and {column} is {type_!r}")
    # CHAR would ignore spaces at the end, and an enumeration of PostgreSQL is no text.
    if isinstance(type_, CHAR | Enum):
        column = sql_cast(column, Text())
    return Stored(variable, column, column, ())


def _boolean(variable: Variable, binding: Binding) -> Stored:
    column, type_ = binding.column, _plain(binding.column.type)
    if isinstance(type_, Boolean):
        return Stored(variable, column, column, ())
    if isinstance(type_, Integer):
        return Stored(variable, column, column != 0, (), direct=column != 0)
    raise NotInSql(f"{variable.name} is a truth, and {column} is {type_!r}")


def _list(variable: Variable, binding: Binding) -> Stored:
    column = binding.column
    # JSON has a null of its own, which is unknown too.
    is_list = func.coalesce(IsList(column), False, type_=Boolean())
    return replace(Stored(variable, column, column, ()), door=is_list)


def _plain(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return type_.impl_instance if isinstance(type_, TypeDecorator) else type_


_KEPT: Mapping[str, Callable[[Variable, Binding], Stored]] = {
    "number": _number,
    "instant": _number,
    "duration": _number,
    "text": _text,
    "boolean": _boolean,
    "list": _list,
}
