"""A table in each database for the variables of the tree strategies, and what SQL says of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.pool import NullPool

from pitboss.core.database.engine import normalised
from pitboss.core.testing.databases import postgres_missing, postgres_url
from pitboss.rules.engine.sql.expressions import Binding, Bindings
from tests.rules.engine.trees import MONEY, NOW_SECONDS, VARIABLES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW_DATETIME = EPOCH + timedelta(seconds=NOW_SECONDS)

PLAYERS = Table(
    "rule_players",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("count", BigInteger),
    Column("visits", BigInteger),
    Column("net_loss", BigInteger),
    Column("bonus", BigInteger),
    Column("ratio", Double),
    Column("score", Double),
    Column("segment", String(20)),
    Column("country", Text),
    Column("city", Text),
    Column("is_vip", Boolean),
    Column("is_new", Boolean),
    Column("last_deposit", DateTime(timezone=True)),
    Column("session_length", Double),
    Column("games", JSON().with_variant(JSONB(), "postgresql")),
    Column("tags", JSON().with_variant(JSONB(), "postgresql")),
    prefixes=["TEMPORARY"],
)
BINDINGS: Bindings = {
    v.name: Binding(column=PLAYERS.c[v.name], places=2) if v.name in MONEY else PLAYERS.c[v.name]
    for v in VARIABLES
}


class Engines:
    """The engines of one module of tests, each made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Engine] = {}

    @contextmanager
    def connected(self, backend: str) -> Iterator[Connection]:
        """Lend a connection that sees an empty table; what is done is undone."""
        with self._engine(backend).connect() as connection:
            PLAYERS.create(connection)
            yield connection
            connection.rollback()

    def _engine(self, backend: str) -> Engine:
        if backend == "sqlite":
            return create_engine("sqlite://", poolclass=NullPool)
        if postgres_missing():
            pytest.skip(str(postgres_missing()))
        if backend not in self._made:
            self._made[backend] = create_engine(normalised(postgres_url()), pool_size=1)
        return self._made[backend]

    def dispose(self) -> None:
        """Close what was opened."""
        for engine in self._made.values():
            engine.dispose()


def kept(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as a database keeps them."""
    row = {v.name: facts.get(v.name) for v in VARIABLES}
    for name in MONEY:
        row[name] = None if row[name] is None else round(row[name] * 100)
    for name in ("count", "visits"):
        row[name] = None if row[name] is None else int(row[name])
    if row["last_deposit"] is not None:
        row["last_deposit"] = EPOCH + timedelta(microseconds=round(row["last_deposit"] * 1e6))
    for name in ("games", "tags"):
        row[name] = None if row[name] is None else sorted(row[name])
    return row


def fill(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make these the rows of the table."""
    connection.execute(PLAYERS.delete())
    connection.execute(insert(PLAYERS), [{"id": n, **kept(row)} for n, row in enumerate(rows)])


def asked(connection: Connection, elements: Sequence[Any]) -> list[list[Any]]:
    """Return what each expression says of each row: all asked at once."""
    columns = [element.label(f"e{n}") for n, element in enumerate(elements)]
    found = connection.execute(select(PLAYERS.c.id, *columns).order_by(PLAYERS.c.id)).all()
    return [[row[n + 1] for row in found] for n in range(len(elements))]
