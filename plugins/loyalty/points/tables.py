"""Tables of points: lots, times of faster earning, and what counts for tiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, TenantRow, uuid_id

_HOLDS_SOME: dict[str, Any] = {
    "postgresql_where": text('"left" > 0'),
    "sqlite_where": text('"left" > 0'),
}


class LotRow(TenantRow, Base):
    """Points of one earning, which expire together."""

    __tablename__ = "loyalty_lot"
    __table_args__ = (
        # Lots that are used up are many, and nobody looks for them but by their cause.
        Index("ix_loyalty_lot_player", "tenant_id", "player_id", "unit", **_HOLDS_SOME),
        Index("ix_loyalty_lot_expiry", "tenant_id", "expires_at", **_HOLDS_SOME),
        Index("ix_loyalty_lot_cause", "tenant_id", "cause_id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    unit: Mapped[str] = mapped_column(String(16))
    earned: Mapped[int] = mapped_column(BigInteger)
    left: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    expired: Mapped[int] = mapped_column(BigInteger, default=0)
    """What went by expiry: a rollback does not take it again."""
    value: Mapped[str] = mapped_column(String(80), default="0")
    """What the earning was worth exactly, as a fraction of points: it is taken back so."""
    cause_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The transaction or the reward behind it."""
    earned_at: Mapped[datetime] = mapped_column(Instant)
    usable_from: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    is_warned: Mapped[bool] = mapped_column(default=False)
    """The player was told that it expires."""
    is_taken_back: Mapped[bool] = mapped_column(default=False)


class BoostRow(TenantRow, Base):
    """A time in which a player earns points faster."""

    __tablename__ = "loyalty_boost"
    __table_args__ = (Index("ix_loyalty_boost_player", "tenant_id", "player_id", "ends_at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    multiplier: Mapped[str] = mapped_column(String(20))
    cause_id: Mapped[UUID | None] = mapped_column(Uuid())
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class MovementRow(TenantRow, Base):
    """Points that count for tiers, when they came or went."""

    __tablename__ = "loyalty_movement"
    __table_args__ = (Index("ix_loyalty_movement_player", "tenant_id", "player_id", "at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    points: Mapped[int] = mapped_column(BigInteger)
    is_earning: Mapped[bool]
    """Earned or taken back, and not spent: mode window counts these alone."""
    at: Mapped[datetime] = mapped_column(Instant)
