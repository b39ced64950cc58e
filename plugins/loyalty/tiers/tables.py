"""Tables of tiers: the versions of the ladder, and where players stand on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow
from pitboss.plugins.loyalty.lengths import ACTOR_LENGTH_MAX, CODE_LENGTH_MAX


class LadderRow(TenantRow, Base):
    """One version of the tenant's tiers, as an operator saved it."""

    __tablename__ = "loyalty_ladder"
    __table_args__ = ({"info": APPEND_ONLY},)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    reason: Mapped[str] = mapped_column(Text, default="")
    saved_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    saved_at: Mapped[datetime] = mapped_column(Instant)


class StandingRow(TenantRow, Base):
    """Where a player stands on the ladder of tiers."""

    __tablename__ = "loyalty_standing"
    __table_args__ = (Index("ix_loyalty_standing_due", "tenant_id", "due_at"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    tier: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    since: Mapped[datetime] = mapped_column(Instant)
    judged_at: Mapped[datetime] = mapped_column(Instant)
    term_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    short_since: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    """When to look again: a warning, or a downgrade."""
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    score_max: Mapped[int] = mapped_column(BigInteger, default=0)
    """The score at the last judgement and all that came since: today's is no higher."""
    fixed_tier: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    """What an operator put the player in, whatever the points say."""
    fixed_until: Mapped[datetime | None] = mapped_column(Instant)
    fixed_reason: Mapped[str] = mapped_column(Text, default="")
    fixed_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
