"""Send a statement of the kernel through libpq itself, where a cursor would cost more than the statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def run(connection: Connection, command: bytes, values: Sequence[bytes | None]) -> int:
    """Run a statement with `$1` and so on for its values; return how many rows it changed.

    It is not prepared: psycopg deallocates every prepared statement after a rollback.
    """
    pgconn: Any = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]  # psycopg's
    try:
        return int(_check(pgconn.exec_params(command, values)).command_tuples or 0)
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def run_and_commit(connection: Connection, command: bytes, values: Sequence[bytes]) -> None:
    """Run a statement and COMMIT in one round trip; `%s` stands for each value, as text."""
    pgconn: Any = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]  # psycopg's
    escape = Escaping(pgconn).escape_literal
    statement = command % tuple(bytes(escape(value)) for value in values)
    try:
        _check(pgconn.exec_(statement + b"; COMMIT"))
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def _check(result: Any) -> Any:
    if result.status not in _DONE:
        raise error_from_result(result)
    return result


def _translated(connection: Connection, error: psycopg.Error) -> BaseException:
    """Return the error as SQLAlchemy would have raised it."""
    return DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect)
