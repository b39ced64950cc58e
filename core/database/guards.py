"""What a connection refuses, so that a tenant's transaction stays that tenant's whatever it is asked."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Pool, PoolProxiedConnection, event
from sqlalchemy.engine.base import OptionEngine

from pitboss.core.database.compilers import guard_compiler
from pitboss.core.database.metadata import Base, is_tenant_table
from pitboss.core.errors import TenantBreach

TENANT = "pitboss_tenant"
READ_ONLY = "pitboss_read_only"
KERNEL_SQL = "pitboss_kernel_sql"
_FIXED = {TENANT: "the tenant", READ_ONLY: "whether it may write", "isolation_level": "the isolation level"}
_TRUSTED_CALLERS = ("sqlalchemy.", "pitboss.core.database.", "pitboss.core.ledger.")


class TenantConnection(Connection):
    """A connection that does not hand out the driver's own, where SQL would pass unseen."""

    @property
    def connection(self) -> PoolProxiedConnection:
        if not self._execution_options.get(KERNEL_SQL):
            _only_for_sqlalchemy()
        return super().connection


class TenantEngine(OptionEngine):
    """An engine bound to a tenant, which does not hand out the driver's connections either."""

    _connection_cls = TenantConnection

    @property
    def pool(self) -> Pool:  # type: ignore[override]  # a property, as in SQLAlchemy's own OptionEngine
        _only_for_sqlalchemy()
        return self._proxied.pool

    def raw_connection(self) -> PoolProxiedConnection:
        _only_for_sqlalchemy()
        return self._proxied.raw_connection()


TenantEngine._option_cls = TenantEngine


def guard_engine(engine: Engine) -> None:
    """Make an engine, and the tenants' engines made from it, refuse what could leave a tenant."""
    guard_compiler(engine.dialect)
    engine._option_cls = TenantEngine
    event.listen(engine, "before_cursor_execute", _refuse_driver_sql)
    event.listen(engine, "set_connection_execution_options", _refuse_other_options)
    event.listen(engine, "set_engine_execution_options", _refuse_other_engine)


def _only_for_sqlalchemy() -> None:
    caller = sys._getframe(2).f_globals.get("__name__", "")
    if not caller.startswith(_TRUSTED_CALLERS):
        raise TenantBreach("the driver's connection in a tenant's transaction: use expressions")


@contextmanager
def kernel_sql(connection: Connection) -> Iterator[Connection]:
    """Let the kernel send hand-written SQL through a tenant's connection, until the block ends."""
    before = connection.get_execution_options().get(KERNEL_SQL, False)
    connection.execution_options(**{KERNEL_SQL: True})
    try:
        yield connection
    finally:
        connection.execution_options(**{KERNEL_SQL: before})


def keep_system_tables_only(connection: sqlite3.Connection) -> None:
    """Do on SQLite what grants do on PostgreSQL: let the system's door read its own tables only."""
    connection.set_authorizer(_authorize_system)


def _authorize_system(
    action: int, table: str | None, _column: str | None, _schema: str | None, _trigger: str | None
) -> int:
    is_denied = action == sqlite3.SQLITE_READ and table in _private_tables(len(Base.metadata.tables))
    return sqlite3.SQLITE_DENY if is_denied else sqlite3.SQLITE_OK


@lru_cache(maxsize=4)
def _private_tables(_count: int) -> frozenset[str]:
    """Return the tables of tenants that are not the system's; found again when a plugin adds some."""
    tables = Base.metadata.tables.values()
    systems = [table for table in tables if table.info.get("system")]
    # SQLite asks for leave to read a parent when it checks a foreign key.
    parents = {key.column.table.name for table in systems for key in table.foreign_keys}
    private = {t.name for t in tables if is_tenant_table(t) and not t.info.get("system")}
    return frozenset(private - parents)


def _refuse_driver_sql(
    connection: Connection, _cursor: object, statement: str, _params: object, context: Any, _many: bool
) -> None:
    if context is None or (context.compiled is not None and not context.isddl):
        return
    if not connection.get_execution_options().get(KERNEL_SQL):
        raise TenantBreach(f"raw SQL in a tenant's transaction: {statement[:80]!r}; use expressions")


def _refuse_other_options(_connection: Connection, options: Mapping[str, Any]) -> None:
    for name, what in _FIXED.items():
        if name in options:
            raise TenantBreach(f"{what} of a connection is fixed: open another one")


def _refuse_other_engine(engine: Engine, options: Mapping[str, Any]) -> None:
    if engine.get_execution_options().get(TENANT) is not None:
        _refuse_other_options(engine, options)  # type: ignore[arg-type]  # reads the options alone
