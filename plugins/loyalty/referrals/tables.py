"""Tables of referrals: codes, friends, and what rules read of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id


class ReferralRow(TenantRow, Base):
    """A friend who came by a player's code."""

    __tablename__ = "loyalty_referral"
    __table_args__ = (
        UniqueConstraint("tenant_id", "friend_id"),
        Index("ix_loyalty_referral_referrer", "tenant_id", "referrer_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    referrer_id: Mapped[UUID] = mapped_column(Uuid())
    friend_id: Mapped[UUID] = mapped_column(Uuid())
    state: Mapped[str] = mapped_column(String(12))
    score: Mapped[int] = mapped_column(default=0)
    """How alike the two are, 0 to 10."""
    reasons: Mapped[list[str]] = mapped_column(JsonObject)
    rewards: Mapped[list[dict[str, Any]]] = mapped_column(JsonObject)
    """What both sides got: whom, by which action and for which cause, and how much."""
    registered_at: Mapped[datetime] = mapped_column(Instant)
    qualified_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ReferralFacts(TenantRow, Base):
    """What rules read of referrals and of accounts that look alike. Money in minor units."""

    __tablename__ = "loyalty_referral_facts"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    referred_deposited: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    referred_wagered: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """Of a player who came by a code, since then."""
    shares_device_with_referrer: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    shares_card_with_referrer: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    accounts_on_device: Mapped[int] = mapped_column(default=1, server_default="1")
    accounts_on_card: Mapped[int] = mapped_column(default=1, server_default="1")
    """The most accounts that any of the player's devices, or cards, is known from."""


class CodeRow(TenantRow, Base):
    """The code by which a player refers friends."""

    __tablename__ = "loyalty_code"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime] = mapped_column(Instant)
