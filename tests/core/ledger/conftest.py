"""Databases for the ledger's tests: both engines, with the ledger's tables only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from pitboss.core.database import Base, Database
from pitboss.core.database.isolation import protect
from pitboss.core.ledger import install, verify
from pitboss.core.ledger.tables import TABLES
from pitboss.core.testing.databases import (
    PostgresDatabase,
    SQLiteTemplate,
    begin_anew,
    postgres_missing,
)

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
def sqlite_ledger() -> Iterator[SQLiteTemplate]:
    """A file with the ledger's tables, which each test copies."""
    template = SQLiteTemplate(prepare)
    yield template
    template.drop()


@pytest.fixture(scope="session")
def postgres_ledger() -> Iterator[PostgresDatabase]:
    """A PostgreSQL database with the ledger's tables; each test lives in a tenant of its own."""
    missing = postgres_missing()
    if missing:
        pytest.skip(missing)
    database = PostgresDatabase(prepare)
    yield database
    database.drop()


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the ledger's tables."""
    if backend == "sqlite":
        template: SQLiteTemplate = request.getfixturevalue("sqlite_ledger")
        with template.fresh() as url:
            yield url
    else:
        shared: PostgresDatabase = request.getfixturevalue("postgres_ledger")
        yield shared.url


@pytest.fixture(scope="session")
def _ledgers() -> dict[str, Database]:
    # What compiles statements outlives a test, as it does a request: compiling is most of a short test.
    return {}


@pytest.fixture
def database(database_url: str, _ledgers: dict[str, Database]) -> Iterator[Database]:
    """A database of either engine."""
    if database_url not in _ledgers:
        _ledgers[database_url] = Database(database_url, pool_size=16)
    database = _ledgers[database_url]
    begin_anew(database)
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
