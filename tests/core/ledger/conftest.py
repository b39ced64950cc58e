"""Databases for the ledger's tests: both engines, with the ledger's tables only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pitboss.core.database import Base, Database
from pitboss.core.database.engine import normalised
from pitboss.core.database.isolation import protect
from pitboss.core.ledger import install, verify
from pitboss.core.ledger.tables import TABLES
from pitboss.core.testing.databases import postgres_missing, postgres_url

_tenants = count(1)


def prepare(url: str) -> None:
    """Make the ledger's tables, walls and functions."""
    database = Database(url)
    with database.owner() as connection:
        Base.metadata.create_all(connection, tables=list(TABLES))
        protect(connection, TABLES)
        install(connection)
    database.dispose()


@pytest.fixture(scope="session")
def postgres_ledger() -> Iterator[str]:
    """The address of a PostgreSQL database with the ledger's tables, dropped at the end."""
    missing = postgres_missing()
    if missing:
        pytest.skip(missing)
    name = f"pitboss_ledger_{os.getpid()}"
    server = create_engine(normalised(postgres_url()), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    url = normalised(postgres_url()).set(database=name).render_as_string(hide_password=False)
    prepare(url)
    yield url
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the ledger's tables."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_ledger"))
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    prepare(url)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either engine."""
    database = Database(database_url, pool_size=16)
    yield database
    database.dispose()


@pytest.fixture
def tenant_id() -> int:
    """A tenant that no other test uses."""
    return next(_tenants)


@pytest.fixture
def books(database: Database, tenant_id: int) -> Iterator[None]:
    """At the end of the test the tenant's books are in order: every law counts 0."""
    yield
    with database.transaction(tenant_id) as connection:
        assert not {law: count for law, count in verify(connection).items() if count}
