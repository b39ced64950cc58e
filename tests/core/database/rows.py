"""Rows for any table, made from the catalogue: filled by type, with the parents that they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, SmallInteger, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from pitboss.core.clock import uuid7
from pitboss.core.database import Base, Database

Row = dict[str, Any]
Factory = Callable[[int], Row]

FACTORIES: dict[str, Factory] = {
    "fact_bucket": lambda n: {"total": n, "lowest": n, "highest": n, "last": n},
    "tenant": lambda n: {"time_zone": "UTC", "currency": "EUR", "rounding": "half_up", "currencies": {}},
}
"""Values for columns whose constraints the type does not tell: `table: serial -> some columns`."""

TEXT_MIN = 8
"""Shorter texts may be equal by chance, so they tell nothing of whose row they are."""

SMALL_MAX = 2**15
"""What a small integer cannot hold."""

_serial = count(1)
_CHOICES = re.compile(r"(\w+)\"? (?:IN|=) \(?'([^']*)'", re.IGNORECASE)


def make_row(database: Database, table: Table, tenant_id: int, given: Mapping[str, Any] | None = None) -> Row:
    """Insert one row of a tenant, and what its foreign keys point at; return all of its values."""
    parents = dict(given or {})
    for key in table.foreign_key_constraints:
        parent_table = key.elements[0].column.table
        if parent_table is table:
            continue
        # Two keys may share a column: a transfer and both of its accounts have one currency.
        shared = {e.column.name: parents[e.parent.name] for e in key.elements if e.parent.name in parents}
        parent = make_row(database, parent_table, tenant_id, shared)
        for element in key.elements:
            parents.setdefault(element.parent.name, parent[element.column.name])
    problems = []
    for only_required, is_zero in ((False, False), (True, False), (True, True), (False, True)):
        row = values_of(table, tenant_id, parents, only_required=only_required, is_zero=is_zero)
        try:
            with database.transaction(tenant_id) as connection:
                connection.execute(insert(table), row)
        except DBAPIError as error:
            problems.append(str(error.orig))
        else:
            return row
    raise AssertionError(f"{table.name}: give its columns values in FACTORIES ({problems})")


def values_of(
    table: Table,
    tenant_id: int,
    given: Mapping[str, Any],
    *,
    only_required: bool = False,
    is_zero: bool = False,
) -> Row:
    """Return a value for every column, made from what the catalogue says of it."""
    number = next(_serial)
    own = FACTORIES.get(table.name, lambda _: {})(number)
    row: Row = {}
    for column in table.columns:
        if column.name == "tenant_id":
            row[column.name] = tenant_id
        elif column.name in given:
            row[column.name] = given[column.name]
        elif column.name in own:
            row[column.name] = own[column.name]
        elif column.computed is not None or _points_home(table, column):
            continue
        elif not (only_required and column.nullable):
            value = _value(table, column, tenant_id, number)
            row[column.name] = 0 if is_zero and type(value) is int and not column.primary_key else value
    return row


def _points_home(table: Table, column: Column[Any]) -> bool:
    return column.nullable is True and any(key.column.table is table for key in column.foreign_keys)


def _value(table: Table, column: Column[Any], tenant_id: int, number: int) -> Any:
    choices = dict(
        found
        for check in table.constraints
        if isinstance(check, CheckConstraint)
        for found in reversed(_CHOICES.findall(str(check.sqltext)))
    )
    if column.name in choices:
        return choices[column.name]
    if column.default is not None and column.default.is_scalar:
        return column.default.arg  # type: ignore[attr-defined]  # a scalar default has one
    kind = kind_of(column)
    if kind is str:
        return f"of-{tenant_id}-{number}"[-(getattr(column.type, "length", None) or 99) :]
    makers: dict[type, Callable[[], Any]] = {
        bool: lambda: False,
        int: lambda: number % SMALL_MAX if isinstance(column.type, SmallInteger) else number,
        bytes: lambda: f"of-{tenant_id}-{number}".encode(),
        datetime: lambda: datetime.now(UTC),
        date: lambda: datetime.now(UTC).date(),
        dict: dict,
        list: list,
        Decimal: lambda: Decimal(number),
        float: lambda: float(number),
    }
    return makers.get(kind, uuid7)()


def kind_of(column: Column[Any]) -> type:
    """Return the Python type that a column's driver takes."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return dict if isinstance(kind, JSON) else kind.python_type


def tenant_tables() -> list[Table]:
    """Return every table of the catalogue whose rows belong to tenants."""
    return [table for table in Base.metadata.sorted_tables if "tenant_id" in table.c]
