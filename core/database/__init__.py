"""Tables, column types and tenant-bound transactions, on SQLite and PostgreSQL alike."""

from pitboss.core.database.columns import (
    BigId,
    Instant,
    JsonObject,
    MinorUnits,
    TenantRow,
    big_id,
    uuid_id,
)
from pitboss.core.database.engine import Database, TenantSession
from pitboss.core.database.metadata import APPEND_ONLY, SHARED, SYSTEM, UNCHANGED, Base, is_tenant_table

__all__ = [
    "APPEND_ONLY",
    "SHARED",
    "SYSTEM",
    "Base",
    "BigId",
    "Database",
    "Instant",
    "JsonObject",
    "MinorUnits",
    "TenantRow",
    "TenantSession",
    "UNCHANGED",
    "big_id",
    "is_tenant_table",
    "uuid_id",
]
