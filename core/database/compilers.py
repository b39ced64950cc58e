"""Compile statements so that no tenant's transaction can leave its tenant.

SQLite has no row-level security. Here each table that a SELECT reads is rendered as
`(SELECT * FROM bet WHERE tenant_id = tenant()) AS bet`, which its planner flattens, and each UPDATE
and DELETE gets the same condition: `tenant()` is a function of the connection. So joins, unions,
subqueries and Core statements are all inside, whatever their author forgot.

On both databases, whatever could carry SQL that no filter sees through is refused: text in any
place, functions that do more than compute, and tables that are not in the catalogue.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from sqlalchemy import Delete, Table, Update, func
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import IdentifierPreparer, SQLCompiler
from sqlalchemy.sql.selectable import AliasedReturnsRows, TableClause

from pitboss.core.database.functions import is_harmless
from pitboss.core.database.metadata import Base, is_tenant_table
from pitboss.core.errors import TenantBreach

_BARE_WORD = re.compile(r"\*|\w+|'%'")
_OPERATOR = re.compile(r"(?!.*(--|/\*))[-+*/<>=~!@#%^&|?]+|(NOT )?\w+|SIMILAR TO|AT TIME ZONE", re.I)


class _Guarded(SQLCompiler):
    """Refuse what no filter can see through, wherever a statement may hide it."""

    def visit_textclause(self, textclause: Any, *_: Any, **__: Any) -> str:
        _refuse(f"text {textclause.text[:80]!r}")

    def visit_textual_select(self, *_: Any, **__: Any) -> str:
        _refuse("text(...).columns(...)")

    def visit_tstring(self, *_: Any, **__: Any) -> str:
        _refuse("a template string")

    def get_statement_hint_text(self, hint_texts: Any) -> str:
        _refuse(f"the hint {hint_texts!r:.80}")

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> str:
        # What SQLAlchemy itself writes for count(*), EXISTS (SELECT 1) and startswith().
        if column.is_literal and not _BARE_WORD.fullmatch(column.name):
            _refuse(f"literal_column({column.name[:80]!r})")
        return super().visit_column(column, *args, **kw)

    def visit_extract(self, extract: Any, **kw: Any) -> str:
        if not _BARE_WORD.fullmatch(extract.field):
            _refuse(f"extract({extract.field[:80]!r})")
        text: str = super().visit_extract(extract, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text

    def visit_function(self, func: Any, *args: Any, **kw: Any) -> str:
        if func.packagenames or not is_harmless(func.name):
            name = ".".join((*func.packagenames, func.name))
            _refuse(f"the function {name!r}, which is not in core/database/functions.py,")
        return super().visit_function(func, *args, **kw)

    def visit_next_value_func(self, *_: Any, **__: Any) -> str:
        _refuse("a sequence, which tenants would share,")

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> str:
        _check_operator(operator.opstring)
        text: str = super().visit_custom_op_binary(element, operator, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text

    def visit_custom_op_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        _check_operator(operator.opstring)
        text: str = super().visit_custom_op_unary_operator(element, operator, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text

    def visit_custom_op_unary_modifier(self, element: Any, operator: Any, **kw: Any) -> str:
        _check_operator(operator.opstring)
        text: str = super().visit_custom_op_unary_modifier(element, operator, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text

    def visit_table(self, table: Any, *args: Any, **kw: Any) -> str:
        _catalogued(table)
        text: str = super().visit_table(table, *args, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text


class TenantSQLiteCompiler(_Guarded, SQLiteCompiler):
    """Render each tenant table with its tenant's condition."""

    def visit_table(  # type: ignore[override]  # the rest passes through kw
        self,
        table: Any,
        asfrom: bool = False,
        iscrud: bool = False,
        enclosing_alias: Any = None,
        **kw: Any,
    ) -> str:
        name = super().visit_table(table, asfrom=asfrom, iscrud=iscrud, enclosing_alias=enclosing_alias, **kw)
        if not asfrom or iscrud or not is_tenant_table(_catalogued(table)):
            return name
        # The name is quoted by SQLAlchemy and stands in the catalogue.
        inside = f"(SELECT * FROM {name} WHERE tenant_id = tenant())"  # noqa: S608 - see above
        # A table deep inside an aliased subquery is told of that alias too, which is not its own.
        is_aliased = enclosing_alias is not None and enclosing_alias.element is table
        return inside if is_aliased else f"{inside} AS {name}"

    def visit_update(self, update_stmt: Update, *args: Any, **kw: Any) -> str:
        return super().visit_update(_inside(update_stmt), *args, **kw)

    def visit_delete(self, delete_stmt: Delete, *args: Any, **kw: Any) -> str:
        text: str = super().visit_delete(_inside(delete_stmt), *args, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has none
        return text


class TenantPostgresCompiler(_Guarded, PGCompiler_psycopg):
    """PostgreSQL filters rows itself."""


class _StrictNames(IdentifierPreparer):
    """Quote what needs it, also where `quoted_name(..., quote=False)` asks to leave it bare."""

    def quote(self, ident: str) -> str:
        return super().quote(str.__str__(ident))


def guard_compiler(dialect: Dialect) -> None:
    """Make an engine compile tenant-safe statements only."""
    is_sqlite = dialect.name == "sqlite"
    dialect.statement_compiler = TenantSQLiteCompiler if is_sqlite else TenantPostgresCompiler
    dialect.preparer = type("StrictNames", (_StrictNames, dialect.preparer), {})
    dialect.identifier_preparer = dialect.preparer(dialect)


def _refuse(what: str) -> NoReturn:
    raise TenantBreach(f"{what} in a tenant's statement: use expressions")


def _check_operator(opstring: str) -> None:
    if not _OPERATOR.fullmatch(opstring.strip()):
        _refuse(f"the operator {opstring[:80]!r}")


def _catalogued(table: Any) -> Table:
    """Return the catalogue's table of that name: a look-alike may have left out the tenant."""
    known = None if getattr(table, "schema", None) else Base.metadata.tables.get(str(table.name))
    if known is None:
        _refuse(f"the table {table.fullname!r}, which is not in the catalogue,")
    return known


def _inside(statement: Any) -> Any:
    target = inner = statement.table
    while isinstance(inner, AliasedReturnsRows):
        inner = inner.element
    if not isinstance(inner, TableClause):
        _refuse(f"a change of {str(inner)[:80]!r}")
    if not is_tenant_table(_catalogued(inner)):
        return statement
    if "tenant_id" not in target.c:
        _refuse(f"a change of a look-alike of {inner.name!r}")
    return statement.where(target.c.tenant_id == func.tenant())
