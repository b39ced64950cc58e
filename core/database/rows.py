"""Many rows at once: on PostgreSQL they are inserted as one JSON document, in one message for all tables,
and chosen by one list of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import repeat
from operator import is_, itemgetter
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

from pitboss.core.database import wire

Rows = Sequence[Mapping[str, Any]]
_GATHERED = "pitboss_gathered"


class Piece(NamedTuple):
    """Rows for one table, all with the same columns, and the INSERT that was built for it at import."""

    statement: Insert
    rows: Rows
    key: tuple[str, ...] = ()
    """Of an upsert: what two rows may share, which are then written one after the other."""


class Written(NamedTuple):
    """Rows of one table in the words in which PostgreSQL is sent them."""

    command: bytes
    shared: bytes
    """What all rows have in common, sent once."""
    rows: bytes


def insert_rows(connection: Connection, *pieces: Piece | Written) -> None:
    """Insert rows, table by table in the order of the pieces."""
    found = [piece for piece in pieces if piece.rows]
    gathered: list[Piece | Written] | None = connection.info.get(_GATHERED)
    if gathered is not None:
        gathered += found
        return
    if connection.dialect.name == "postgresql":
        if found:
            _send(connection, _written_out(connection.dialect, found))
        return
    for piece in found:
        assert isinstance(piece, Piece), "what was written out is in the words of PostgreSQL"
        connection.execute(piece.statement, piece.rows)


def ahead(connection: Connection, *pieces: Piece) -> Sequence[Piece | Written]:
    """Return rows as far as they can be made before it is their turn: on PostgreSQL they are written out."""
    if connection.dialect.name != "postgresql":
        return pieces
    return _written_out(connection.dialect, [piece for piece in pieces if piece.rows])


def _written_out(dialect: Dialect, pieces: Sequence[Piece | Written]) -> list[Written]:
    return [written for piece in pieces for written in _written(dialect, piece)]


def _written(dialect: Dialect, piece: Piece | Written) -> Iterator[Written]:
    if isinstance(piece, Written):
        yield piece
        return
    for rows in _apart(piece):
        names = tuple(rows[0])
        shared, others = _parted(rows, names)
        _bind(piece.statement, [shared], dialect)
        _bind(piece.statement, others, dialect)
        command = _command(piece.statement, names, dialect)
        yield Written(command, msgspec.json.encode(shared), msgspec.json.encode(others))


@contextmanager
def written_together(connection: Connection) -> Iterator[None]:
    """Let `insert_rows` gather its rows: all are written in one message when the block ends."""
    info = connection.info
    if _GATHERED in info:
        yield  # a part of what is gathered already
        return
    gathered: list[Piece | Written] = []
    info[_GATHERED] = gathered
    try:
        yield
    finally:
        del info[_GATHERED]
    insert_rows(connection, *gathered)


def one_of(connection: Connection, column: ColumnElement[Any], ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a column is one of many ids: on PostgreSQL one parameter, and one plan."""
    if connection.dialect.name == "postgresql":
        # Written here, because the driver looks at each value, and asks what it is.
        written = bindparam(None, "{" + ",".join(map(str, ids)) + "}", Text())
        return column == any_(cast(written, ARRAY(column.type)))
    return column.in_(ids)


def _send(connection: Connection, written: Sequence[Written]) -> None:
    command = b"; ".join(one.command for one in written)
    wire.run(connection, command, [value for one in written for value in (one.shared, one.rows)])


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


def _parted(rows: Rows, names: tuple[str, ...]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what is the very same in all rows, and the rows without it."""
    first = rows[0]
    others = [name for name in names if not _is_same(rows, name)]
    shared = {name: first[name] for name in names if name not in others}
    return shared, [{name: row[name] for name in others} for row in rows]


def _is_same(rows: Rows, name: str) -> bool:
    return all(map(is_, map(itemgetter(name), rows), repeat(rows[0][name])))


def _bind(statement: Insert, rows: Sequence[dict[str, Any]], dialect: Dialect) -> None:
    """Put in place of values what their columns' own types write for them."""
    for name, type_ in _own_types(statement, tuple(rows[0])):
        # Rows of one message share most of their instants and small numbers. The list keeps what is named.
        values, known = [row[name] for row in rows], dict[int, Any]()
        for row, value in zip(rows, values, strict=True):
            place = id(value)
            if place not in known:
                known[place] = type_.process_bind_param(value, dialect)
            row[name] = known[place]


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
    shared = f"jsonb_populate_record(NULL::{kind}, %s)"
    source = f"SELECT {columns} FROM jsonb_populate_recordset({shared}, %s)"  # noqa: S608 - names of the catalogue
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
