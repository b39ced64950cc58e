"""Migrations: they lead to the tables of the code, on both databases, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from pitboss.core.database.migrate import CORE
from pitboss.core.database.revise import belongs_to, difference
from pitboss.core.errors import ConfigError
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import PostgresDatabase, postgres_missing


@pytest.fixture
def empty(backend: str, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel of the core alone, on a database without any table."""
    if backend == "postgresql" and postgres_missing():
        pytest.skip(str(postgres_missing()))
    postgres = PostgresDatabase(lambda _url: None) if backend == "postgresql" else None
    url = postgres.url if postgres else f"sqlite:///{tmp_path}/empty.sqlite3"
    kernel = build_kernel(
        load_settings({}, database_url=url, data=tmp_path), candidates=installed(safe_mode=True)
    )
    yield kernel
    kernel.close()
    if postgres:
        postgres.drop()


def tables(kernel: Kernel) -> set[str]:
    with kernel.database.owner() as connection:
        return {name for name in inspect(connection).get_table_names() if not name.startswith("alembic_")}


@pytest.mark.parametrize("owner", [CORE, "rules"])
def test_migrations_lead_to_the_tables_of_the_code(empty: Kernel, owner: str) -> None:
    empty.migrator.upgrade()

    with empty.database.owner() as connection:
        _, script = difference(connection, belongs_to(owner, empty))
    assert script.upgrade_ops.as_diffs() == []


def test_migrating_twice_changes_nothing(empty: Kernel) -> None:
    first = empty.migrator.upgrade()

    assert empty.migrator.upgrade() == first
    assert all(status.is_current for status in first)


def test_going_back_to_the_beginning_leaves_no_table(empty: Kernel) -> None:
    empty.migrator.upgrade()
    assert tables(empty)

    for status in reversed(empty.migrator.status()):
        empty.migrator.downgrade(status.owner)

    assert tables(empty) == set()


def test_an_unknown_owner_is_told_of_the_nearest(empty: Kernel) -> None:
    with pytest.raises(ConfigError, match="did you mean 'core'"):
        empty.migrator.upgrade("cores")
