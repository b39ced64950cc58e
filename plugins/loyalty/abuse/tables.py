"""Tables of abuse: signals, and what makes accounts look alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.plugins.loyalty.lengths import ACTOR_LENGTH_MAX


class TraitRow(TenantRow, Base):
    """What makes accounts look alike: a device, card, address or network, as a keyed hash."""

    __tablename__ = "loyalty_trait"
    __table_args__ = (Index("ix_loyalty_trait_value", "tenant_id", "kind", "digest"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class SignalRow(TenantRow, Base):
    """A sign of abuse, with its evidence, until somebody decides."""

    __tablename__ = "loyalty_signal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_loyalty_signal_player", "tenant_id", "player_id", "state"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(200))
    """Detector, player and window: the same sign is raised once."""
    player_id: Mapped[UUID] = mapped_column(Uuid())
    detector: Mapped[str] = mapped_column(String(40))
    severity: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    action: Mapped[str] = mapped_column(String(40))
    """What was done at once, such as hold_rewards."""
    state: Mapped[str] = mapped_column(String(12))
    """open, confirmed, dismissed."""
    resolved_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    resolution: Mapped[str] = mapped_column(Text, default="")
    detected_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
