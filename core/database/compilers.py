"""Compile statements so that no tenant's transaction can leave its tenant.

SQLite has no row-level security. Here each table that a SELECT reads is rendered as
`(SELECT * FROM bet WHERE tenant_id = tenant()) AS bet`, which its planner flattens, and each UPDATE
and DELETE gets the same condition: `tenant()` is a function of the connection. So joins, unions,
subqueries and Core statements are all inside, whatever their author forgot.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Delete, Update, func
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from pitboss.core.database.metadata import is_tenant_table
from pitboss.core.errors import TenantBreach

_BARE_WORD = re.compile(r"\*|\w+")


class _NoText(SQLCompiler):
    """Refuse SQL written as text, which no filter can see through."""

    def visit_textclause(self, textclause: Any, *args: Any, **kw: Any) -> str:
        raise TenantBreach(f"text {textclause.text[:80]!r} in a tenant's statement: use expressions")

    def visit_textual_select(self, taf: Any, *args: Any, **kw: Any) -> str:
        raise TenantBreach("text(...).columns(...) in a tenant's statement: use expressions")

    def visit_tstring(self, tstring: Any, *args: Any, **kw: Any) -> str:
        raise TenantBreach("a template string in a tenant's statement: use expressions")

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> str:
        # A bare word is what SQLAlchemy itself writes for count(*) and EXISTS (SELECT 1).
        if column.is_literal and not _BARE_WORD.fullmatch(column.name):
            raise TenantBreach(f"literal_column({column.name[:80]!r}): use expressions")
        return super().visit_column(column, *args, **kw)


class TenantSQLiteCompiler(_NoText, SQLiteCompiler):
    """Render each tenant table with its tenant's condition."""

    def visit_table(
        self,
        table: Any,
        asfrom: bool = False,
        iscrud: bool = False,
        enclosing_alias: Any = None,
        **kw: Any,
    ) -> str:
        name = super().visit_table(
            table, asfrom=asfrom, iscrud=iscrud, enclosing_alias=enclosing_alias, **kw
        )
        if not asfrom or iscrud or not is_tenant_table(table):
            return name
        inside = f"(SELECT * FROM {name} WHERE tenant_id = tenant())"
        return inside if enclosing_alias is not None else f"{inside} AS {name}"

    def visit_update(self, update_stmt: Update, *args: Any, **kw: Any) -> str:
        return super().visit_update(_inside(update_stmt), *args, **kw)

    def visit_delete(self, delete_stmt: Delete, *args: Any, **kw: Any) -> str:
        return super().visit_delete(_inside(delete_stmt), *args, **kw)


class TenantPostgresCompiler(_NoText, PGCompiler_psycopg):
    """PostgreSQL filters rows itself; only text is refused here."""


def guard_compiler(dialect: Dialect) -> None:
    """Make an engine compile tenant-safe statements only."""
    dialect.statement_compiler = (
        TenantSQLiteCompiler if dialect.name == "sqlite" else TenantPostgresCompiler
    )


def _inside(statement: Any) -> Any:
    table = statement.table
    if not is_tenant_table(table):
        return statement
    return statement.where(table.c.tenant_id == func.tenant())
