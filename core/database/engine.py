"""Open transactions that belong to one tenant, and can see no other.

Three doors, each its own engine:

- `Database.session(tenant_id)` and `.transaction(tenant_id)`: the application. PostgreSQL filters by
  row-level security; on SQLite the compiler puts the same filter around each table it renders, and
  triggers stop foreign writes. Text that the compiler cannot see through is refused on both.
- `Database.system()`: the kernel's own workers, for tables marked SYSTEM or SHARED.
- `Database.owner()`: migrations and checks, as the owner of the tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from pitboss.core.database.guards import (
    READ_ONLY,
    TENANT,
    guard_engine,
    keep_system_tables_only,
    kernel_sql,
)
from pitboss.core.database.metadata import is_tenant_table
from pitboss.core.database.wire import FIRST, FIRST_ROWS
from pitboss.core.errors import ConfigError, TenantBreach, Unavailable

APP_ROLE = "pitboss_app"
SYSTEM_ROLE = "pitboss_system"
SQLITE_BUSY_TIMEOUT_MS = 30_000
SQLITE_CACHE_KIB = 16_384
"""Pages that one connection keeps; the default of 2 MB is small for a batch of postings."""
SQLITE_MAPPED_BYTES = 256 * 1024 * 1024
"""Read through the page cache of the system instead of copies."""
SQLITE_LOG_PAGES = 16_384
"""The log is copied into the file at 64 MB, not 4: a page that is written again and again is copied once."""
POOL_OVERFLOW_MAX = 10
POOL_MAX = 200
"""More than the connections of any pool; each that is found dead is dropped."""
POOL_WAIT_SECONDS_MAX = 30
CONNECT_SECONDS_MAX = 10
UNANSWERED_SECONDS_MAX = 30
"""A connection whose peer answers nothing for this long is dead."""

__all__ = ["APP_ROLE", "SYSTEM_ROLE", "Database", "TenantSession", "kernel_sql", "normalised"]


class TenantSession(Session):
    """An ORM session that lives and dies with one tenant."""

    tenant_id: int

    def __init__(self, bind: Engine | Connection, tenant_id: int) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.tenant_id = tenant_id

    def __setattr__(self, name: str, value: object) -> None:
        if name == "tenant_id" and getattr(self, "tenant_id", value) != value:
            raise TenantBreach("the tenant of a session is fixed: open another session")
        super().__setattr__(name, value)


@event.listens_for(TenantSession, "before_flush")
def _keep_rows_home(session: TenantSession, _context: object, _instances: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not is_tenant_table(inspect(row).mapper.local_table):
            continue
        if row.tenant_id is None:
            row.tenant_id = session.tenant_id
        moved = row not in session.new and inspect(row).attrs.tenant_id.history.deleted
        if row.tenant_id != session.tenant_id or moved:
            raise TenantBreach(f"a row of {inspect(row).mapper.local_table.name!r} belongs to another tenant")


class Database:
    """One PostgreSQL database or SQLite file, with its three doors."""

    def __init__(self, url: str, *, owner_url: str | None = None, pool_size: int = 8) -> None:
        self.url = normalised(url)
        self.owner_url = normalised(owner_url or url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make = self._sqlite_engine if self.is_sqlite else self._postgres_engine
        self._app = make(APP_ROLE, pool_size)
        guard_engine(self._app)
        self._system = make(SYSTEM_ROLE, 4)
        self._owner = make(None, 2)
        self._by_tenant: dict[tuple[int, bool], Engine] = {}

    def engine_of(self, tenant_id: int, *, read_only: bool = False) -> Engine:
        """Return the application's engine bound to a tenant; all share one pool."""
        engine = self._by_tenant.get((tenant_id, read_only))
        if engine is None:
            engine = self._app.execution_options(**{TENANT: int(tenant_id), READ_ONLY: read_only})
            self._by_tenant[tenant_id, read_only] = engine
        return engine

    @contextmanager
    def session(self, tenant_id: int, *, read_only: bool = False) -> Iterator[TenantSession]:
        """Open an ORM session of one tenant; commit at the end, roll back on an error.

        A read-only one never waits for a writer, which on SQLite every other transaction does.
        """
        engine = self.engine_of(tenant_id, read_only=read_only)
        with TenantSession(engine, tenant_id) as session, session.begin():
            yield session

    @contextmanager
    def transaction(self, tenant_id: int, *, read_only: bool = False) -> Iterator[Connection]:
        """Open a Core transaction of one tenant, for hot paths."""
        with self.engine_of(tenant_id, read_only=read_only).begin() as connection:
            yield connection

    @contextmanager
    def unbound(self) -> Iterator[PoolProxiedConnection]:
        """Lend a driver's connection of no tenant, to kernel code whose one command binds it itself."""
        raw = self._app.raw_connection()
        try:
            yield raw
        finally:
            raw.close()

    @contextmanager
    def unwrapped(self, tenant_id: int) -> Iterator[PoolProxiedConnection]:
        """Open a transaction of one tenant on SQLite's own connection, for kernel code that must be fast."""
        with self.unbound() as raw:
            _bind_sqlite(raw, tenant_id)
            yield raw
            raw.commit()

    @contextmanager
    def system(self, *, read_only: bool = False) -> Iterator[Connection]:
        """Open a transaction over the tables marked SYSTEM, across tenants."""
        with self._system.connect() as connection:
            connection.execution_options(**{READ_ONLY: read_only})
            with connection.begin():
                yield connection

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """Open a transaction as the owner of the tables."""
        with self._owner.begin() as connection:
            yield connection

    def check(self) -> None:
        """Raise Unavailable when the database does not answer."""
        try:
            with self._system.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except OperationalError as error:
            raise Unavailable(f"the database does not answer: {_first_line(error)}") from error

    def dispose(self) -> None:
        """Close every pooled connection."""
        for engine in (self._app, self._system, self._owner):
            engine.dispose()

    # -- engines -------------------------------------------------------------------------------

    def _postgres_engine(self, role: str | None, pool_size: int) -> Engine:
        options = {"options": f"-c role={role}"} if role else {}
        engine = create_engine(
            self.url if role else self.owner_url,
            connect_args={
                "connect_timeout": CONNECT_SECONDS_MAX,
                "keepalives_idle": UNANSWERED_SECONDS_MAX,
                "tcp_user_timeout": UNANSWERED_SECONDS_MAX * 1000,
                **options,
            },
            json_deserializer=msgspec.json.decode,
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_WAIT_SECONDS_MAX,
        )
        event.listen(engine, "connect", _begin_ourselves)
        event.listen(engine, "begin", _begin_postgres)
        return engine

    def _sqlite_engine(self, role: str | None, pool_size: int) -> Engine:
        if not self.url.database or self.url.database == ":memory:":
            raise ConfigError("SQLite needs a file, such as sqlite:///var/pitboss.sqlite3")
        engine = create_engine(
            self.url,
            json_deserializer=msgspec.json.decode,
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_WAIT_SECONDS_MAX,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        if role == SYSTEM_ROLE:
            event.listen(engine, "connect", lambda connection, _: keep_system_tables_only(connection))
        event.listen(engine, "begin", _begin_sqlite_system if role == SYSTEM_ROLE else _begin_sqlite)
        event.listen(engine, "reset", _unbind_sqlite)
        return engine


def normalised(url: str) -> URL:
    """Name the driver explicitly: SQLAlchemy's default for postgresql:// changed with 2.1.

    >>> normalised("postgres://u@h/d").drivername
    'postgresql+psycopg'
    """
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(f"database {backend!r} is not supported: use sqlite or postgresql")
    return parsed.set(drivername="postgresql+psycopg") if backend == "postgresql" else parsed


def _begin_ourselves(dbapi_connection: Any, _entry: ConnectionPoolEntry) -> None:
    # BEGIN and the tenant travel together, so binding a transaction costs no round trip.
    dbapi_connection.autocommit = True


def _begin_postgres(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = "BEGIN READ ONLY" if options.get(READ_ONLY) else "BEGIN"
    tenant_id = options.get(TENANT)
    if tenant_id is not None:
        begin = f"{begin}; SET LOCAL app.tenant_id = '{int(tenant_id)}'"
    first = connection.connection.info.pop(FIRST, None)
    if first is not None:
        begin = f"{begin}; {first.decode()}"
    # A server that restarted leaves dead connections in the pool. BEGIN finds them before any work
    # was done, so it is safe to drop them and go on; asking first would cost each transaction.
    for _ in range(POOL_MAX):
        try:
            rows = _send(connection, begin)
            break
        except psycopg.Error as error:
            if not connection.connection.dbapi_connection.closed:  # type: ignore[union-attr]
                raise
            connection.invalidate(error)
    else:
        rows = _send(connection, begin)
    if first is not None:
        connection.connection.info[FIRST_ROWS] = rows


def _send(connection: Connection, command: str) -> int:
    # Through libpq itself: a cursor would cost more than the command.
    driver: Any = connection.connection.dbapi_connection
    result = driver.pgconn.exec_(command.encode())
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)
    return int(result.command_tuples or 0)


def _prepare_sqlite(dbapi_connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    dbapi_connection.isolation_level = None  # BEGIN IMMEDIATE is ours to send
    bound: list[int | None] = [None, 0]
    entry.info["bound"], entry.info["read_only"] = bound, False
    dbapi_connection.create_function("tenant", 0, lambda: bound[0], deterministic=False)
    dbapi_connection.create_function("is_system", 0, lambda: bound[1], deterministic=False)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{SQLITE_CACHE_KIB}",
        f"mmap_size={SQLITE_MAPPED_BYTES}",
        f"wal_autocheckpoint={SQLITE_LOG_PAGES}",
        "recursive_triggers=ON",  # without it, INSERT OR REPLACE deletes past the triggers
        f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    _bind_sqlite(connection.connection, options.get(TENANT), read_only=bool(options.get(READ_ONLY)))


def _begin_sqlite_system(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get(READ_ONLY))
    _bind_sqlite(connection.connection, None, is_system=1, read_only=read_only)


def _bind_sqlite(
    pooled: PoolProxiedConnection, tenant_id: int | None, *, is_system: int = 0, read_only: bool = False
) -> None:
    pooled.info["bound"][:] = tenant_id, is_system
    execute = pooled.dbapi_connection.execute  # type: ignore[union-attr]  # sqlite3's own connection
    if read_only is not pooled.info["read_only"]:
        execute(f"PRAGMA query_only={int(read_only)}")
        pooled.info["read_only"] = read_only
    # A write lock taken late can fail after work was done; taken first, it only waits.
    execute("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _unbind_sqlite(_dbapi_connection: object, entry: ConnectionPoolEntry, _state: object) -> None:
    entry.info["bound"][:] = None, 0


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
