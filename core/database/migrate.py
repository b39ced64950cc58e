"""Migrations: Alembic, with a version table for each owner, so that a plugin's absence breaks nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, literal, select, table, union_all

from pitboss.core.database.engine import Database
from pitboss.core.database.isolation import protect
from pitboss.core.errors import ConfigError, nearest

CORE = "core"
_UPGRADE_LOCK = 7062120


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Where one owner's tables stand."""

    owner: str
    current: str | None
    head: str | None

    @property
    def is_current(self) -> bool:
        return self.current == self.head


class Migrator:
    """Move the tables of the core and of each plugin up and down."""

    def __init__(
        self,
        database: Database,
        packages: Mapping[str, str],
        *,
        after: Sequence[Callable[[Connection], None]] = (),
    ) -> None:
        """Take each owner's migrations package, core first; `after` runs once the core's tables are there."""
        self._database = database
        self._packages = dict(packages)
        self._after = tuple(after)

    def upgrade(self, owner: str | None = None, revision: str = "head") -> list[MigrationStatus]:
        """Bring one owner, or all, up to a revision, in one transaction."""
        with self._database.owner() as connection:
            self._lock(connection)
            for name in self._owners(owner):
                script = self._script(name)
                self._run(connection, name, script, lambda rev, _, s=script: s._upgrade_revs(revision, rev))
            protect(connection)
            if _context(connection, CORE).get_current_revision() is not None:
                for step in self._after:
                    step(connection)
        return self.status()

    def downgrade(self, owner: str, revision: str = "base") -> list[MigrationStatus]:
        """Take one owner's tables back to a revision."""
        with self._database.owner() as connection:
            self._lock(connection)
            for name in self._owners(owner):
                script = self._script(name)
                self._run(connection, name, script, lambda rev, _, s=script: s._downgrade_revs(revision, rev))
            protect(connection)
        return self.status()

    def stamp(self) -> None:
        """Say that every owner's tables are at their head, because something else has made them."""
        with self._database.owner() as connection:
            for name in self._packages:
                _context(connection, name).stamp(self._script(name), "head")

    def status(self) -> list[MigrationStatus]:
        """Return where each owner's tables stand."""
        with self._database.owner() as connection:
            current = _revisions(connection, list(self._packages))
        return [
            MigrationStatus(name, current.get(name), _head_of(package))
            for name, package in self._packages.items()
        ]

    def script(self, owner: str) -> ScriptDirectory:
        """Return an owner's migrations, as Alembic reads them."""
        return self._script(self._owners(owner)[0])

    def package(self, owner: str) -> str:
        """Return the package that holds an owner's migrations."""
        return self._packages[self._owners(owner)[0]]

    def _owners(self, owner: str | None) -> list[str]:
        if owner is None:
            return list(self._packages)
        if owner not in self._packages:
            raise ConfigError(f"{owner!r} has no migrations: {nearest(owner, list(self._packages))}")
        return [owner]

    def _script(self, owner: str) -> ScriptDirectory:
        return _script_of(self._packages[owner])

    def _run(
        self, connection: Connection, owner: str, script: ScriptDirectory, fn: Callable[..., Any]
    ) -> None:
        with EnvironmentContext(Config(), script, fn=fn) as environment:
            environment.configure(
                connection=connection,
                version_table=version_table(owner),
                render_as_batch=connection.dialect.name == "sqlite",
                transactional_ddl=True,
            )
            environment.run_migrations()

    @staticmethod
    def _lock(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")


def _script_of(package: str) -> ScriptDirectory:
    folder = str(files(package))
    return ScriptDirectory(folder, version_locations=[f"{folder}/versions"])


@cache
def _head_of(package: str) -> str | None:
    """Return the newest migration of a package: what is installed stays the same while a process runs."""
    return _script_of(package).get_current_head()


def _revisions(connection: Connection, owners: Sequence[str]) -> dict[str, str]:
    """Return where the tables of those owners stand that have any, in two queries for all of them."""
    there = set(inspect(connection).get_table_names())
    tables = {owner: table(version_table(owner), column("version_num")) for owner in owners}
    queries = [select(literal(o), t.c.version_num) for o, t in tables.items() if version_table(o) in there]
    rows = connection.execute(union_all(*queries)).all() if queries else []
    return {row[0]: row[1] for row in rows}


def version_table(owner: str) -> str:
    """Return the name of the table that holds an owner's version."""
    return f"alembic_{owner}"


def _context(connection: Connection, owner: str) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"version_table": version_table(owner)})
