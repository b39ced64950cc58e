"""Tables of the catalogue: what points buy, and who took it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX


class ItemRow(TenantRow, Base):
    """Something that points buy."""

    __tablename__ = "loyalty_item"

    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(16))
    """PTS or RWD."""
    offer: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """The action that delivers it, or what is sent by hand."""
    stock: Mapped[int | None]
    per_player_max: Mapped[int | None]
    tier_min: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    is_active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)


class RedemptionRow(TenantRow, Base):
    """An item that a player took for points."""

    __tablename__ = "loyalty_redemption"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "key"),
        Index("ix_loyalty_redemption_item", "tenant_id", "item", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(128))
    player_id: Mapped[UUID] = mapped_column(Uuid())
    item: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    price: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(16))
    takes: Mapped[list[dict[str, Any]]] = mapped_column(JsonObject)
    """Which lots paid."""
    state: Mapped[str] = mapped_column(String(12))
    """held, sent, delivered, cancelled."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Where to send it, how it was sent, or why it was cancelled."""
    reward_id: Mapped[UUID | None] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
