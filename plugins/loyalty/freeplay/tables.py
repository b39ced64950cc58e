"""Tables of free bets and free spins, and of each use."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id


class FreePlayRow(TenantRow, Base):
    """Free bets and free spins; the id is that of the reward."""

    __tablename__ = "loyalty_free_play"
    __table_args__ = (Index("ix_loyalty_free_play_player", "tenant_id", "player_id", "expires_at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str] = mapped_column(String(12))
    """bet or spins."""
    value: Mapped[int] = mapped_column(MinorUnits)
    """The stake of the bet, or of each spin."""
    left: Mapped[int]
    """1 for an unused bet; how many spins are left."""
    terms: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class FreeUseRow(TenantRow, Base):
    """One use of a free bet or a free spin, under the key of the bet or the round."""

    __tablename__ = "loyalty_free_use"
    __table_args__ = (Index("ix_loyalty_free_use_play", "tenant_id", "free_play_id"),)

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    free_play_id: Mapped[UUID] = mapped_column(Uuid())
    player_id: Mapped[UUID] = mapped_column(Uuid())
    paid: Mapped[int] = mapped_column(MinorUnits, default=0)
    state: Mapped[str] = mapped_column(String(12))
    """used, voided, settled."""
    at: Mapped[datetime] = mapped_column(Instant)
