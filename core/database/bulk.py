"""Read many rows as text in pieces, where an object for each row would cost more than the query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Select
from sqlalchemy.exc import DBAPIError

PIECE_BYTES = 8 * 1024 * 1024
"""How much is handed out at a time."""


def copy_csv(connection: Connection, statement: Select[Any]) -> Iterator[bytes]:
    """Yield the rows of a SELECT on PostgreSQL as CSV without a header, in pieces of whole rows.

    The statement is compiled by the connection's own dialect, which refuses what could leave the tenant,
    and runs in the transaction that is open, where row-level security filters it.
    """
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    # A percent sign is doubled for drivers that put values in: nothing is put in here.
    query = str(compiled).replace("%%", "%")
    pgconn: Any = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]  # psycopg's
    try:
        yield from _pieces(pgconn, f"COPY ({query}) TO STDOUT (FORMAT csv)".encode())
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error


def _pieces(pgconn: Any, command: bytes) -> Iterator[bytes]:
    _check(pgconn.exec_(command))
    is_over = False
    try:
        kept: list[bytes] = []
        size = 0
        # Through libpq itself: a cursor would cost as much as the rest of the work.
        take = pgconn.get_copy_data
        while True:
            length, row = take(0)
            if length <= 0:
                break
            kept.append(bytes(row))
            size += length
            if size >= PIECE_BYTES:
                yield b"".join(kept)
                kept, size = [], 0
        is_over = True
        _end(pgconn)
        if kept:
            yield b"".join(kept)
    finally:
        if not is_over:
            _give_up(pgconn)


def _end(pgconn: Any) -> None:
    """Read how it ended, and leave the connection ready for the next command."""
    results = []
    while (result := pgconn.get_result()) is not None:
        results.append(result)
    for result in results:
        _check(result)


def _give_up(pgconn: Any) -> None:
    """Stop what is still being sent, because whoever reads it does not go on."""
    pgconn.get_cancel().cancel()
    while pgconn.get_copy_data(0)[0] > 0:
        pass
    while pgconn.get_result() is not None:
        pass


def _check(result: Any) -> None:
    if result.status not in (ExecStatus.COPY_OUT, ExecStatus.COMMAND_OK):
        raise error_from_result(result)
