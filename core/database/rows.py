"""Many rows at once: on PostgreSQL they are inserted as one JSON document, in one message for all tables,
and chosen by one list of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    LargeBinary,
    Table,
    Text,
    TypeDecorator,
    any_,
    bindparam,
    cast,
    null,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from pitboss.core.database import wire

Rows = Sequence[Mapping[str, Any]]
_BEHIND, _GATHERED = "pitboss_behind", "pitboss_gathered"


class Piece(NamedTuple):
    """Rows for one table, all with the same columns, and the INSERT that was built for it at import."""

    statement: Insert
    rows: Rows
    key: tuple[str, ...] = ()
    """Of an upsert: what two rows may share, which are then written one after the other."""


def insert_rows(connection: Connection, *pieces: Piece) -> None:
    """Insert rows, table by table in the order of the pieces."""
    found = [piece for piece in pieces if piece.rows]
    gathered: list[Piece] | None = connection.info.get(_GATHERED)
    if gathered is not None:
        gathered += found
        return
    if connection.dialect.name == "postgresql":
        if found:
            _send(connection, [Piece(p.statement, rows) for p in found for rows in _apart(p)])
        return
    for piece in found:
        connection.execute(piece.statement, piece.rows)


@contextmanager
def written_together(connection: Connection) -> Iterator[None]:
    """Let `insert_rows` gather its rows: all are written in one message when the block ends."""
    info = connection.info
    if _GATHERED in info:
        yield  # a part of what is gathered already
        return
    gathered: list[Piece] = []
    info[_GATHERED] = gathered
    try:
        yield
    finally:
        del info[_GATHERED]
    insert_rows(connection, *gathered)


@contextmanager
def written_behind(connection: Connection) -> Iterator[None]:
    """Let `insert_rows` return before the rows are written: PostgreSQL writes while the next are made.

    Inside, nothing but `insert_rows` may use the connection; what a statement does wrong is told by the
    next one, or at the end.
    """
    # A connection that breaks does not lend its notes any more.
    info = connection.info
    behind = info[_BEHIND] = _Behind()
    try:
        yield
    except BaseException:
        # The connection does one thing at a time: it is not rolled back before it is done with this.
        with suppress(DBAPIError):
            behind.wait(connection)
        raise
    else:
        behind.wait(connection)
    finally:
        del info[_BEHIND]


def one_of(connection: Connection, column: ColumnElement[Any], ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a column is one of many ids: on PostgreSQL one parameter, and one plan."""
    if connection.dialect.name == "postgresql":
        # Written here, because the driver looks at each value, and asks what it is.
        written = bindparam(None, "{" + ",".join(map(str, ids)) + "}", Text())
        return column == any_(cast(written, ARRAY(column.type)))
    return column.in_(ids)


def _send(connection: Connection, pieces: Sequence[Piece]) -> None:
    commands, values = [], []
    for statement, rows, _ in pieces:
        names = tuple(rows[0])
        commands.append(_command(statement, names, connection.dialect))
        values.append(msgspec.json.encode(_bound(statement, rows, names, connection.dialect)))
    behind: _Behind | None = connection.info.get(_BEHIND)
    if behind is None:
        wire.run(connection, b"; ".join(commands), values)
    else:
        behind.wait(connection)
        behind.is_busy = True
        wire.send(connection, b"; ".join(commands), values)


@dataclass(slots=True)
class _Behind:
    is_busy: bool = False
    """A message is under way."""

    def wait(self, connection: Connection) -> None:
        if self.is_busy:
            self.is_busy = False
            wire.finish(connection)


def _apart(piece: Piece) -> list[Rows]:
    """Return the rows in groups in which each key is there once: one statement changes a row once."""
    if not piece.key or len(piece.rows) == 1:
        return [piece.rows]
    keys = list(map(itemgetter(*piece.key), piece.rows))
    if len(set(keys)) == len(keys):
        return [piece.rows]
    groups: list[list[Mapping[str, Any]]] = []
    seen: dict[Any, int] = {}
    for row, key in zip(piece.rows, keys, strict=True):
        place = seen[key] = seen.get(key, -1) + 1
        if place == len(groups):
            groups.append([])
        groups[place].append(row)
    return list(groups)


def _bound(statement: Insert, rows: Rows, names: tuple[str, ...], dialect: Dialect) -> list[dict[str, Any]]:
    """Return the rows as their columns' own types want them written."""
    bound = [dict(row) for row in rows]
    for name, type_ in _own_types(statement, names):
        # Rows of one message share most of their instants and small numbers. The rows keep what is named.
        known: dict[int, Any] = {}
        for row in bound:
            value = row[name]
            if id(value) not in known:
                known[id(value)] = type_.process_bind_param(value, dialect)
            row[name] = known[id(value)]
    return bound


@lru_cache(maxsize=256)
def _own_types(statement: Insert, names: tuple[str, ...]) -> tuple[tuple[str, TypeDecorator[Any]], ...]:
    types = ((name, _table(statement).c[name].type) for name in names)
    return tuple((name, type_) for name, type_ in types if isinstance(type_, TypeDecorator))


@lru_cache(maxsize=256)
def _command(statement: Insert, names: tuple[str, ...], dialect: Dialect) -> bytes:
    """Return the INSERT with its rows read from a document, which is to be put in as text."""
    table = _table(statement)
    _check(table, names)
    # Inline, or SQLAlchemy asks for the keys of all rows back.
    empty = statement.values(dict.fromkeys(names, null())).inline()
    text = str(empty.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    values = f"VALUES ({', '.join('NULL' for _ in names)})"
    quoted = dialect.identifier_preparer
    columns = ", ".join(quoted.quote(name) for name in names)
    head, found, tail = text.partition(values)
    assert found, "an INSERT has its values in order"
    kind = quoted.format_table(table)
    source = f"SELECT {columns} FROM json_populate_recordset(NULL::{kind}, %s)"  # noqa: S608 - names of the catalogue
    begin = head[: head.index("(")]
    return f"{begin}({columns}) {source}{tail}".encode()


def _check(table: Table, names: tuple[str, ...]) -> None:
    """Refuse what a document cannot carry, and columns whose default only an INSERT by itself would make."""
    binary = [name for name in names if isinstance(table.c[name].type, LargeBinary)]
    assert not binary, f"{table.name}: bytes are not JSON: {binary}"
    missing = [c.name for c in table.c if c.name not in names and c.default is not None]
    assert not missing, f"{table.name}: give each row its {missing}"


def _table(statement: Insert) -> Table:
    table = statement.table
    assert isinstance(table, Table), "an INSERT into a table"
    return table
