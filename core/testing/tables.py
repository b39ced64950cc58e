"""A plugin's tables in a test database: what they hold, how they are made and unmade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select

from pitboss.core.database import Base
from pitboss.core.database.migrate import version_table
from pitboss.core.database.revise import difference
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import Tenant
from pitboss.core.testing.databases import SECRET, PostgresDatabase
from pitboss.core.testing.subject import Subject

STEPS_MAX = 5
"""Newest migrations that are tried on filled tables; older ones have long run everywhere."""

Rows = dict[str, list[str]]


def rows(kernel: Kernel, subject: Subject, tenant: Tenant) -> Rows:
    """Return every row of the plugin that the tenant can see."""
    with kernel.context(tenant.id) as ctx:
        return {
            table.name: sorted(repr(tuple(row)) for row in ctx.connection.execute(select(table)))
            for table in subject.tables()
        }


def keys(kernel: Kernel, subject: Subject, tenant: Tenant, *, of: Sequence[str] | None = None) -> Rows:
    """Return the primary keys of the rows that the tenant can see."""
    with kernel.context(tenant.id) as ctx:
        return {
            table.name: sorted(
                repr(tuple(row)) for row in ctx.connection.execute(select(*table.primary_key.columns))
            )
            for table in subject.tables()
            if of is None or table.name in of
        }


def names(kernel: Kernel, subject: Subject) -> list[str]:
    """Return the names of the plugin's tables that are in the database."""
    with kernel.database.owner() as connection:
        found = inspect(connection).get_table_names()
    declared = {table.name for table in subject.tables()}
    return sorted(n for n in found if n in declared or n.startswith(f"{subject.name}_"))


def differences(kernel: Kernel, subject: Subject) -> list[str]:
    """Say how the tables in the database differ from those in the code."""
    declared = {table.name for table in subject.tables()}
    with kernel.database.owner() as connection:
        _, script = difference(connection, lambda n: n in declared or n.startswith(f"{subject.name}_"))
        return [str(operation.to_diff_tuple()) for operation in _flat(script.upgrade_ops)]


def down_and_up(kernel: Kernel, subject: Subject) -> Iterator[list[str]]:
    """Take each newest migration back in turn, and yield the tables that remain."""
    if not subject.manifest.migrations:
        return
    for steps in range(1, min(_revisions(kernel, subject), STEPS_MAX + 1)):
        kernel.migrator.downgrade(subject.name, f"-{steps}")
        yield names(kernel, subject)


def restore(kernel: Kernel, subject: Subject) -> None:
    """Make the plugin's tables anew, whatever became of them."""
    own = subject.tables()
    with kernel.database.owner() as connection:
        Base.metadata.drop_all(connection, tables=own)
        Base.metadata.create_all(connection, tables=own)
    kernel.migrator.stamp()
    kernel.migrator.upgrade()


@contextmanager
def without(
    subject: Subject, candidates: Sequence[Candidate], backend: str, folder: Path
) -> Iterator[Kernel]:
    """Give a kernel on a database that has every table but the plugin's."""

    def prepare(url: str) -> None:
        kernel = _kernel(url, candidates)
        own = {table.name for table in subject.tables()}
        with kernel.database.owner() as connection:
            others = [t for n, t in Base.metadata.tables.items() if n not in own]
            Base.metadata.create_all(connection, tables=others)
        kernel.close()

    scratch = PostgresDatabase(prepare) if backend == "postgresql" else None
    url = scratch.url if scratch else f"sqlite:///{folder / 'nothing.sqlite3'}"
    if scratch is None:
        prepare(url)
    kernel = _kernel(url, candidates)
    try:
        yield kernel
    finally:
        kernel.close()
        if scratch:
            scratch.drop()


def _kernel(url: str, candidates: Sequence[Candidate]) -> Kernel:
    return build_kernel(load_settings({}, database_url=url, secret=SECRET), candidates=candidates)


def _revisions(kernel: Kernel, subject: Subject) -> int:
    script: Any = kernel.migrator.script(subject.name)
    return sum(1 for _ in script.walk_revisions())


def _flat(operations: Any) -> Iterator[Any]:
    for operation in operations.ops:
        if hasattr(operation, "ops"):
            yield from _flat(operation)
        elif getattr(operation, "table_name", "") != version_table("core"):
            yield operation
