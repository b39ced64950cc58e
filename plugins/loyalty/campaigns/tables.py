"""Tables of campaigns, and of the players whom they reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow
from pitboss.plugins.loyalty.lengths import ACTOR_LENGTH_MAX, CODE_LENGTH_MAX


class CampaignRow(TenantRow, Base):
    """A campaign: whom it reaches, what it offers, what it may cost and when it runs."""

    __tablename__ = "loyalty_campaign"

    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    segment: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    offer: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """The action and its parameters, as a rule's `then`."""
    budget: Mapped[int | None] = mapped_column(MinorUnits)
    holdout_percent: Mapped[float] = mapped_column(Float, default=0.0)
    state: Mapped[str] = mapped_column(String(12))
    """draft, submitted, approved, running, done, stopped."""
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    frozen_id: Mapped[UUID | None] = mapped_column(Uuid())
    spent: Mapped[int] = mapped_column(MinorUnits, default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    submitted_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    approved_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant)


class CampaignMemberRow(TenantRow, Base):
    """A player whom a campaign reached, and what became of it."""

    __tablename__ = "loyalty_campaign_member"

    campaign: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    """done, held_out, refused, out_of_budget."""
    amount: Mapped[int] = mapped_column(MinorUnits, default=0)
    reward_id: Mapped[UUID | None] = mapped_column(Uuid())
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
