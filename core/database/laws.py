"""The laws of tables, checked on the catalogue before a table ever exists."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

from pitboss.core.database.metadata import is_tenant_table


def broken_laws(table: Table) -> Iterator[str]:
    """Yield a sentence for each law that a table breaks."""
    if table.info.get("shared"):
        return
    if not is_tenant_table(table):
        yield f"table {table.name!r} has no tenant_id: use the TenantRow mixin"
        return
    if next(iter(table.primary_key.columns), None) is not table.c.tenant_id:
        yield f"table {table.name!r}: tenant_id must come first in its primary key"
    for constraint in table.constraints:
        columns = [c.name for c in constraint.columns] if hasattr(constraint, "columns") else []
        if isinstance(constraint, UniqueConstraint) and "tenant_id" not in columns:
            yield f"table {table.name!r}: the unique constraint on {columns} must include tenant_id"
        if isinstance(constraint, ForeignKeyConstraint):
            targets = [element.target_fullname.split(".")[-1] for element in constraint.elements]
            if ("tenant_id", "tenant_id") not in zip(columns, targets, strict=True):
                yield f"table {table.name!r}: the foreign key on {columns} must carry tenant_id"
    for index in table.indexes:
        is_scoped = "tenant_id" in [c.name for c in index.columns]
        if index.unique and not is_scoped and not index.info.get("across_tenants"):
            yield f"table {table.name!r}: the unique index {index.name!r} must include tenant_id"
