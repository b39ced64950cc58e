"""Databases for tests: made once, then copied or shared, so that each test starts in milliseconds."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Delete, Engine, create_engine, delete, func, update
from sqlalchemy.pool import NullPool

from pitboss.core.database import Base, Database
from pitboss.core.database.engine import normalised
from pitboss.core.identity.tables import Attempts, Operator, OperatorRole, OperatorSession
from pitboss.core.jobs import JobRow
from pitboss.core.jobs.tables import ScheduleRow
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.ledger.directory import directory_of
from pitboss.core.registry import Candidate
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import PLATFORM_ID, TenantTable

SECRET = "a-secret-for-tests-only"  # noqa: S105 - not a secret of anyone
POSTGRES_ENVIRONMENT = "PITBOSS_TEST_POSTGRES"
POSTGRES_DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgres_url() -> str:
    """Return the address of the server that tests may create databases on."""
    return os.environ.get(POSTGRES_ENVIRONMENT, POSTGRES_DEFAULT)


def postgres_missing() -> str | None:
    """Return why there is no PostgreSQL for tests, or None when there is."""
    try:
        with _server(connect_timeout=2).connect():
            return None
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not here"
        reason = str(error).splitlines()[0]
        return f"PostgreSQL does not answer ({reason}); start one or set {POSTGRES_ENVIRONMENT}=url"


class SQLiteTemplate:
    """A migrated SQLite file that each test copies; in memory where the system has such a folder.

    Tests commit thousands of times, and none but those of durability waits for a disk on purpose.
    """

    def __init__(self, prepare: Callable[[str], None]) -> None:
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
        self._folder = Path(tempfile.mkdtemp(prefix="pitboss-", dir=memory if memory.is_dir() else None))
        self._template = self._folder / "template.sqlite3"
        prepare(f"sqlite:///{self._template}")

    @contextmanager
    def fresh(self, name: str = "copy") -> Iterator[str]:
        """Lend a new copy, by its address, which is the same each time."""
        path = self._folder / f"{name}.sqlite3"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"
        # A connection that was left open keeps the file that it knows, and never sees the next one.
        for left in self._folder.glob(f"{path.name}*"):
            left.unlink()

    def drop(self) -> None:
        """Remove the template."""
        shutil.rmtree(self._folder)


class PostgresDatabase:
    """A database of one test process; each test lives in tenants of its own."""

    def __init__(self, prepare: Callable[[str], None]) -> None:
        self.name = f"pitboss_test_{uuid4().hex[:12]}"
        with _server().connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {self.name}")
            connection.exec_driver_sql(f"ALTER DATABASE {self.name} SET synchronous_commit = off")
        self.url = normalised(postgres_url()).set(database=self.name).render_as_string(hide_password=False)
        prepare(self.url)

    def drop(self) -> None:
        """Remove the database."""
        with _server().connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {self.name} WITH (FORCE)")


def _server(**connect_args: Any) -> Engine:
    return create_engine(
        normalised(postgres_url()),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args=connect_args,
    )


def preparation(candidates: Sequence[Candidate]) -> Callable[[str], None]:
    """Return what brings a new database to the tables of some plugins."""

    def prepare(url: str) -> None:
        settings = load_settings({}, database_url=url, secret=SECRET)
        kernel = build_kernel(settings, candidates=candidates)
        migrate(kernel)
        kernel.close()

    return prepare


def begin_anew(database: Database) -> None:
    """Forget what an earlier test's file held: the next one has the same name."""
    directory_of(database.engine_of(PLATFORM_ID)).forget()


def empty_shared_tables(database: Database) -> None:
    """Remove what a test left that all share: jobs and schedules, tenants, and who signed in where."""
    if database.is_sqlite:
        return  # each test has a copy of its own
    with database.system() as connection:
        connection.execute(_TENANTS_AND_WORK_GONE)
    with database.transaction(PLATFORM_ID) as connection:
        # All tests share the platform's tenant: who may sign in there, and how often they tried.
        connection.execute(_SIGNING_IN_FORGOTTEN)


def _of_the_platform(row: type[Base]) -> Delete:
    return delete(row.__table__).where(row.__table__.c.tenant_id == PLATFORM_ID)


# Each is one statement, however many tables it empties: most tests are shorter than eight round trips.
_TENANT = TenantTable.__table__
_TENANTS_AND_WORK_GONE = (
    update(_TENANT)
    .where(_TENANT.c.is_active & (_TENANT.c.tenant_id != PLATFORM_ID))
    # The next test may make a tenant of the same code.
    .values(is_active=False, code=func.concat("gone_", _TENANT.c.tenant_id))
    .add_cte(delete(JobRow.__table__).cte("jobs"), delete(ScheduleRow.__table__).cte("schedules"))
)
_SIGNING_IN_FORGOTTEN = _of_the_platform(Operator).add_cte(
    *(_of_the_platform(row).cte(row.__tablename__) for row in (OperatorSession, OperatorRole, Attempts))
)


def migrate(kernel: Kernel) -> None:
    """Bring a test database to the present tables: from the catalogue, in a tenth of the time.

    That the migrations lead to the same tables is a test of its own.
    """
    with kernel.database.owner() as connection:
        Base.metadata.create_all(connection)
    kernel.migrator.stamp()
    kernel.migrator.upgrade()
    kernel.tenants.ensure_platform()
