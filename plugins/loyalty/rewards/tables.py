"""The table of rewards: what players were given, of any type."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX


class RewardRow(TenantRow, Base):
    """One reward of any type, from being given to its end."""

    __tablename__ = "loyalty_reward"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_loyalty_reward_player", "tenant_id", "player_id", "id"),
        Index("ix_loyalty_reward_due", "tenant_id", "status", "expires_at"),
        Index("ix_loyalty_reward_decision", "tenant_id", "decision_id"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(200))
    """The business identity: the same reward is given once."""
    player_id: Mapped[UUID] = mapped_column(Uuid())
    type: Mapped[str] = mapped_column(String(24))
    """cashback, bonus, cash, free_bet, free_spins, points, reward_points, tickets, perk."""
    amount: Mapped[int] = mapped_column(MinorUnits, default=0)
    unit: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12))
    """claimable, pending, active, completed, expired, forfeited, cancelled."""
    rule: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    rule_version: Mapped[int | None]
    decision_id: Mapped[UUID | None] = mapped_column(Uuid())
    event_id: Mapped[UUID | None] = mapped_column(Uuid())
    campaign: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it ended, where it did not complete."""
    issued_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the player was told that it expires soon."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
