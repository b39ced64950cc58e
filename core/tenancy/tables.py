"""The tables of tenants and of their plugins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import SYSTEM, Base, Instant, JsonObject, TenantRow

PLATFORM_ID = 0
"""The tenant of those who run the deployment; its operators may act in every tenant."""


class TenantTable(Base):
    """One brand. `version` grows at each change of its plugins, so that caches notice."""

    __tablename__ = "tenant"
    __table_args__ = (
        # A tenant's code is how the whole deployment addresses it, so it is unique over all of them.
        Index("uq_tenant_code", "code", unique=True, info={"across_tenants": True}),
        {"info": SYSTEM},
    )

    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(8))
    locale: Mapped[str] = mapped_column(String(10))
    time_zone: Mapped[str] = mapped_column(String(64))
    rounding: Mapped[str] = mapped_column(String(20))
    currencies: Mapped[dict[str, int]] = mapped_column(JsonObject, default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    file_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)


class TenantPluginRow(TenantRow, Base):
    """Whether a tenant has a plugin switched on, and its settings."""

    __tablename__ = "tenant_plugin"
    __table_args__ = {"info": SYSTEM}

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_enabled: Mapped[bool] = mapped_column(default=False)
    is_required: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    changed_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)
