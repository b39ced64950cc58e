"""The few forms of SQL that the two databases write differently, or that SQLAlchemy would rewrite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    Case,
    ColumnElement,
    Double,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BinaryExpression, False_, Grouping, True_
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from pitboss.rules.engine.catalogue import WHOLE_MAX
from pitboss.rules.engine.errors import RuleError

Element: TypeAlias = ColumnElement[Any]
Condition: TypeAlias = ColumnElement[bool]

DOUBLE: Double[float] = Double()
SIZE_MAX = 4_000
"""Elements of one expression: guards repeat their operands."""
NESTING_MAX = 80
"""Symbols that SQLite's parser keeps while it reads the innermost element; it has room for 100."""


class NotInSql(RuleError):
    """SQL would not evaluate this alike: the caller keeps to the row path."""


def number(value: float) -> Element:
    """Bind a constant."""
    return literal(value, DOUBLE)


def computed(left: Element, op: str, right: Element, type_: Any = DOUBLE) -> Element:
    """Return an operation in brackets of its own.

    SQLAlchemy drops those of `a * (b * c)`, which round differently without, and casts divisors.
    """
    return Grouping(left.op(op, precedence=100, return_type=type_)(right))


def as_double(value: Element) -> Element:
    """Return a number as float64."""
    return cast(value, DOUBLE)


def as_whole(value: Element) -> Element:
    """Return a whole number as an integer."""
    return cast(value, BigInteger())


def magnitude(value: Element) -> Element:
    """Return the distance from zero."""
    return func.abs(value, type_=DOUBLE)


def nothing() -> Element:
    """Return NULL as a number."""
    return cast(null(), DOUBLE)


def never() -> Condition:
    """Return NULL as a truth."""
    return cast(null(), Boolean())


def when(*whens: tuple[Condition, Any], otherwise: Element | None = None) -> Element:
    """Return the first result whose condition holds, else NULL."""
    return case(*whens, else_=otherwise)


def every(*conditions: Condition) -> Condition:
    """Join by AND; what is certain is not written."""
    if any(isinstance(condition, False_) for condition in conditions):
        return false()
    left = [condition for condition in conditions if not isinstance(condition, True_)]
    return _joined(left, and_, true())


def some(*conditions: Condition) -> Condition:
    """Join by OR; what is certain is not written."""
    if any(isinstance(condition, True_) for condition in conditions):
        return true()
    left = [condition for condition in conditions if not isinstance(condition, False_)]
    return _joined(left, or_, false())


def _joined(conditions: list[Condition], join: Callable[..., Condition], none: Condition) -> Condition:
    if len(conditions) > 1:
        return join(*conditions)
    return conditions[0] if conditions else none


# -- what is too much --------------------------------------------------------------------------


def check_size(element: Element) -> None:
    """Raise NotInSql for an expression that a database might refuse to read."""
    size, nesting = _weigh(element, {})
    if size > SIZE_MAX or nesting > NESTING_MAX:
        raise NotInSql("the expression is too large for SQL: its guards repeat too much")


def _weigh(element: Any, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    # Parts are shared, so each is weighed once, whatever number of times it will be written.
    found = known.get(id(element))
    if found is None:
        below = [(_weigh(part, known), symbols) for part, symbols in _parts(element)]
        size = 1 + sum(size for (size, _), _ in below)
        nesting = max((nesting + symbols for (_, nesting), symbols in below), default=1)
        found = known[id(element)] = size * _REPEATED.get(type(element), 1), nesting
    return found


def _parts(element: Any) -> Iterator[tuple[Any, int]]:
    """Yield each part, with the symbols that a parser keeps while it reads it."""
    match element:
        case Case():
            first = [] if element.value is None else [(element.value, 1)]
            last = [] if element.else_ is None else [(element.else_, 4)]
            yield from first
            yield from ((condition, 4) for condition, _ in element.whens)
            yield from ((result, 6) for _, result in element.whens)
            yield from last
        case BinaryExpression():
            yield from ((element.left, 0), (element.right, 2))
        case Grouping():
            yield element.element, 1
        case _:
            symbols = _SYMBOLS.get(type(element), 2)
            yield from ((part, symbols) for part in element.get_children())


# -- what is written differently ---------------------------------------------------------------


class Floor(FunctionElement[float]):
    """The whole number below."""

    type = DOUBLE
    name = "floor"
    inherit_cache = True


class Ceil(FunctionElement[float]):
    """The whole number above."""

    type = DOUBLE
    name = "ceil"
    inherit_cache = True


@compiles(Floor, "sqlite")
def _sqlite_floor(element: Floor, compiler: Any, **kw: Any) -> str:
    # Not floor(): SQLAlchemy puts Python's in its place, which fails on NULL.
    value = _inner(element, compiler, **kw)
    whole = f"CAST({value} AS INTEGER)"
    return _sqlite_whole(value, f"{whole} - ({whole} > {value})")


@compiles(Ceil, "sqlite")
def _sqlite_ceil(element: Ceil, compiler: Any, **kw: Any) -> str:
    value = _inner(element, compiler, **kw)
    whole = f"CAST({value} AS INTEGER)"
    return _sqlite_whole(value, f"{whole} + ({whole} < {value})")


def _sqlite_whole(value: str, whole: str) -> str:
    # Beyond 2 ** 53 each float is whole, and soon none is an integer of SQLite.
    return f"(CASE WHEN abs({value}) < {WHOLE_MAX} THEN CAST({whole} AS REAL) ELSE {value} END)"


class Epoch(FunctionElement[float]):
    """The seconds since 1970 of a DateTime column that holds UTC."""

    type = DOUBLE
    name = "pitboss_epoch"
    inherit_cache = True


@compiles(Epoch, "postgresql")
def _postgres_epoch(element: Epoch, compiler: Any, **kw: Any) -> str:
    # The numeric that EXTRACT gives has each microsecond, and the cast rounds once, as Python does.
    return f"CAST(EXTRACT(EPOCH FROM {_inner(element, compiler, **kw)}) AS DOUBLE PRECISION)"


@compiles(Epoch, "sqlite")
def _sqlite_epoch(element: Epoch, compiler: Any, **kw: Any) -> str:
    # strftime() itself rounds to milliseconds, so that it is given whole seconds.
    text = _inner(element, compiler, **kw)
    seconds = f"CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER)"
    return f"(({seconds} * 1000000 + CAST(substr({text} || '000000', 21, 6) AS INTEGER)) / 1000000.0)"


class _Extreme(FunctionElement[float]):
    type = DOUBLE


class Least(_Extreme):
    """The smallest of several numbers, none of which is NULL."""

    name = "least"
    inherit_cache = True


class Greatest(_Extreme):
    """The largest of several numbers, none of which is NULL."""

    name = "greatest"
    inherit_cache = True


@compiles(Least)
@compiles(Greatest)
@compiles(Floor)
@compiles(Ceil)
def _called(element: FunctionElement[float], compiler: Any, **kw: Any) -> str:
    return f"{element.name}({_inner(element, compiler, **kw)})"


@compiles(Least, "sqlite")
def _sqlite_least(element: Least, compiler: Any, **kw: Any) -> str:
    return f"min({_inner(element, compiler, **kw)})"


@compiles(Greatest, "sqlite")
def _sqlite_greatest(element: Greatest, compiler: Any, **kw: Any) -> str:
    return f"max({_inner(element, compiler, **kw)})"


class Bytewise(FunctionElement[str]):
    """A text that compares by code point, whatever the collations of two columns are."""

    type = Text()
    name = "pitboss_bytewise"
    inherit_cache = True


@compiles(Bytewise, "postgresql")
def _postgres_bytewise(element: Bytewise, compiler: Any, **kw: Any) -> str:
    return f'({_inner(element, compiler, **kw)} COLLATE "C")'


@compiles(Bytewise, "sqlite")
def _sqlite_bytewise(element: Bytewise, compiler: Any, **kw: Any) -> str:
    return f"({_inner(element, compiler, **kw)} COLLATE BINARY)"


class IsList(FunctionElement[bool]):
    """Whether a JSON column holds a list; NULL where it holds nothing."""

    type = Boolean()
    name = "pitboss_is_list"
    inherit_cache = True


@compiles(IsList, "postgresql")
def _postgres_is_list(element: IsList, compiler: Any, **kw: Any) -> str:
    return f"(jsonb_typeof(CAST({_inner(element, compiler, **kw)} AS JSONB)) = 'array')"


@compiles(IsList, "sqlite")
def _sqlite_is_list(element: IsList, compiler: Any, **kw: Any) -> str:
    return f"(json_type({_inner(element, compiler, **kw)}) = 'array')"


class IsNothing(FunctionElement[bool]):
    """Whether a JSON column holds nothing, or the null of JSON; never NULL."""

    type = Boolean()
    name = "pitboss_is_nothing"
    inherit_cache = True


@compiles(IsNothing, "postgresql")
def _postgres_is_nothing(element: IsNothing, compiler: Any, **kw: Any) -> str:
    return f"(COALESCE(jsonb_typeof(CAST({_inner(element, compiler, **kw)} AS JSONB)), 'null') = 'null')"


@compiles(IsNothing, "sqlite")
def _sqlite_is_nothing(element: IsNothing, compiler: Any, **kw: Any) -> str:
    return f"(COALESCE(json_type({_inner(element, compiler, **kw)}), 'null') = 'null')"


class ListOr(FunctionElement[Any]):
    """A JSON column, or another list, written as JSON, where the column holds nothing."""

    type = NullType()
    name = "pitboss_list_or"
    inherit_cache = True


@compiles(ListOr, "postgresql")
def _postgres_list_or(element: ListOr, compiler: Any, **kw: Any) -> str:
    column, other = _each(element, compiler, **kw)
    known = f"NULLIF(CAST({column} AS JSONB), CAST('null' AS JSONB))"
    return f"COALESCE({known}, CAST({other} AS JSONB))"


@compiles(ListOr, "sqlite")
def _sqlite_list_or(element: ListOr, compiler: Any, **kw: Any) -> str:
    column, other = _each(element, compiler, **kw)
    return f"CASE WHEN COALESCE(json_type({column}), 'null') = 'null' THEN {other} ELSE {column} END"


class Holds(FunctionElement[bool]):
    """Whether a JSON list holds a text."""

    type = Boolean()
    name = "pitboss_holds"
    inherit_cache = True


@compiles(Holds, "postgresql")
def _postgres_holds(element: Holds, compiler: Any, **kw: Any) -> str:
    items, text = _each(element, compiler, **kw)
    return f"(CAST({items} AS JSONB) ? {text})"


@compiles(Holds, "sqlite")
def _sqlite_holds(element: Holds, compiler: Any, **kw: Any) -> str:
    items, text = _each(element, compiler, **kw)
    return f"EXISTS (SELECT 1 FROM json_each({items}) AS one WHERE one.type = 'text' AND one.value = {text})"  # noqa: S608 - parts that the compiler wrote


def _each(element: FunctionElement[Any], compiler: Any, **kw: Any) -> Iterator[str]:
    return (compiler.process(clause, **kw) for clause in element.clauses)


def _inner(element: FunctionElement[Any], compiler: Any, **kw: Any) -> str:
    return ", ".join(_each(element, compiler, **kw))


# How often SQLite's form repeats its argument, and how deep it puts it.
_REPEATED: Mapping[type, int] = {Floor: 4, Ceil: 4}
_SYMBOLS: Mapping[type, int] = {Floor: 12, Ceil: 12, Epoch: 12, Holds: 14}
