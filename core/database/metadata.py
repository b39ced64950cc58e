"""The one catalogue of tables, and the marks that say how each is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

APPEND_ONLY = {"append_only": True}
"""Table info: rows are never changed nor deleted, by anyone (a trigger sees to it)."""

UNCHANGED = {"unchanged": True}
"""Table info: rows are never changed (a trigger sees to it), and deleted when their time is over."""

SYSTEM = {"system": True}
"""Table info: the kernel's own workers may read and write it across tenants (jobs, schedules)."""

SHARED = {"shared": True}
"""Table info: the table belongs to the deployment and has no tenant."""


class Base(DeclarativeBase):
    """Parent of every mapped table of the kernel and of the plugins."""

    if TYPE_CHECKING:
        __table__: ClassVar[Table]

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def is_tenant_table(table: object) -> bool:
    """Tell whether a table's rows belong to tenants."""
    return isinstance(table, Table) and "tenant_id" in table.c
