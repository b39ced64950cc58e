"""Send a statement of the kernel through libpq itself, where a cursor would cost more than the statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus
from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import DBAPIError

FIRST = "pitboss_first"
"""What a connection's next BEGIN brings along; and how many rows that changed."""
FIRST_ROWS = "pitboss_first_rows"
_SAVEPOINTS = count()
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def run(connection: Connection, command: bytes, values: Sequence[bytes]) -> int:
    """Run a statement, with `%s` for each value as text; return how many rows it changed."""
    try:
        return int(_sent(connection, _written(connection, command, values)).command_tuples or 0)
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def run_and_commit(connection: Connection, command: bytes, values: Sequence[bytes]) -> None:
    """Run a statement and COMMIT in one round trip."""
    run(connection, command + b"; COMMIT", values)


def begin_and_run(
    connection: Connection, command: bytes, values: Sequence[bytes]
) -> tuple[RootTransaction, int]:
    """Begin a transaction and run its first statement in one round trip."""
    info = connection.connection.info
    info[FIRST] = _written(connection, command, values)
    try:
        transaction = connection.begin()
    except psycopg.Error as error:
        raise _translated(connection, error) from error
    return transaction, int(connection.connection.info.pop(FIRST_ROWS))


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Undo what is done inside when an error leaves it; for Core: an ORM session is told nothing of it."""
    if connection.dialect.name == "sqlite":
        with connection.begin_nested():
            yield
        return
    name = b"s%d" % next(_SAVEPOINTS)
    run(connection, b"SAVEPOINT " + name, ())
    try:
        yield
    except BaseException:
        run(connection, b"ROLLBACK TO SAVEPOINT %b; RELEASE SAVEPOINT %b" % (name, name), ())
        raise
    run(connection, b"RELEASE SAVEPOINT " + name, ())


def _written(connection: Connection, command: bytes, values: Sequence[bytes]) -> bytes:
    escape = Escaping(_driver(connection).pgconn).escape_literal
    return command % tuple(bytes(escape(value)) for value in values)


def _sent(connection: Connection, statement: bytes) -> Any:
    return _check(_driver(connection).pgconn.exec_(statement))


def _driver(connection: Connection) -> Any:
    """Return psycopg's own connection."""
    return connection.connection.dbapi_connection


def _check(result: Any) -> Any:
    if result.status not in _DONE:
        raise error_from_result(result)
    return result


def _translated(connection: Connection, error: psycopg.Error) -> BaseException:
    """Return the error as SQLAlchemy would have raised it."""
    return DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect)
