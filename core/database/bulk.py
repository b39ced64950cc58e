"""Read many rows as text in pieces, where an object for each row would cost more than the query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
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
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as rows:
            yield from _pieces(rows)
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error


def _pieces(rows: Iterator[Any]) -> Iterator[bytes]:
    kept: list[Any] = []
    size = 0
    for row in rows:
        kept.append(row)
        size += len(row)
        if size >= PIECE_BYTES:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept)
