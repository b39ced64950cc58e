"""Where windowed facts are kept: hourly buckets of a metric for each player, and one for all time."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Dialect, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Numeric, TypeDecorator, TypeEngine, UserDefinedType

from pitboss.core.database import Base, Instant, TenantRow
from pitboss.core.errors import InvalidInput

LIFETIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The `bucket_start` of the bucket that holds a player's whole life; no hour is as early."""
WHOLE_MAX: Final = 2**63 - 1
"""The largest whole value; up to here sums of whole numbers are exact on both databases."""


class _LooseNumeric(UserDefinedType[Any]):
    """SQLite's NUMERIC affinity: whole numbers stay 64-bit integers, the rest become float64."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "NUMERIC"


class Quantity(TypeDecorator[int | float]):
    """A number as its metric gives it: whole numbers exactly, others as float64.

    One column serves money (whole minor units) and measurements. PostgreSQL adds decimals exactly;
    SQLite adds whole numbers exactly and fractions as float64.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = _LooseNumeric() if dialect.name == "sqlite" else Numeric()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        checked(value)
        is_exact = isinstance(value, int) or dialect.name == "sqlite"
        return value if is_exact else Decimal(repr(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> int | float | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        is_whole = value == value // 1 and abs(value) <= WHOLE_MAX
        return int(value) if is_whole else float(value)


def checked(value: Any) -> int | float:
    """Return a value that a bucket can hold, or say why it cannot."""
    if type(value) not in (int, float):
        raise InvalidInput(f"a metric takes whole minor units or a float, not {value!r}")
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > WHOLE_MAX):
        raise InvalidInput(f"a metric takes finite numbers up to {WHOLE_MAX}, not {value!r}")
    number: int | float = value
    return number


class FactBucket(TenantRow, Base):
    """What one metric of one player came to in one hour, or in all time (`LIFETIME`)."""

    __tablename__ = "fact_bucket"
    __table_args__ = (
        # Bulk reads and pruning go by metric and time, over all players.
        Index("ix_fact_bucket_metric", "tenant_id", "metric", "bucket_start"),
    )

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    metric: Mapped[str] = mapped_column(String(80), primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    total: Mapped[int | float] = mapped_column(Quantity)
    entries: Mapped[int]
    lowest: Mapped[int | float | None] = mapped_column(Quantity)
    highest: Mapped[int | float | None] = mapped_column(Quantity)
    last: Mapped[int | float | None] = mapped_column(Quantity)
    last_at: Mapped[datetime | None] = mapped_column(Instant)
