"""Column types that mean the same on both databases, and the tenant column of every table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A whole-number key; SQLite only gives row ids to columns declared INTEGER."""

JsonObject = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: aware on the way in, aware on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidInput(f"{value!r} has no time zone: give an aware datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MinorUnits(TypeDecorator[int]):
    """Whole minor units of a currency; a float or a bool is refused before it reaches the table."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is not None and type(value) is not int:
            raise InvalidInput(f"money is stored in whole minor units, not as {value!r}")
        return value


class TenantRow:
    """Mixin: the tenant comes first in the primary key, so that no key can point across tenants."""

    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-100)


def uuid_id() -> MappedColumn[UUID]:
    """Return an `id` column that is the second part of a primary key, sorted by time."""
    return mapped_column(Uuid(), primary_key=True, default=uuid7, sort_order=-90)


def big_id() -> MappedColumn[int]:
    """Return a whole-number `id` column that the program numbers itself."""
    return mapped_column(BigId, primary_key=True, autoincrement=False, sort_order=-90)
