"""Tables of bonuses: their purses' terms and progress, and the stakes that purses paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id


class BonusRow(TenantRow, Base):
    """A bonus with its own purse, requirement and progress; its id is that of its reward."""

    __tablename__ = "loyalty_bonus"
    __table_args__ = (Index("ix_loyalty_bonus_player", "tenant_id", "player_id", "state"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    amount: Mapped[int] = mapped_column(MinorUnits)
    requirement: Mapped[int] = mapped_column(MinorUnits)
    counted: Mapped[str] = mapped_column(String(80), default="0")
    """What is wagered of the requirement, as an exact fraction of minor units."""
    terms: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    breaches: Mapped[int] = mapped_column(default=0)
    deducted: Mapped[int] = mapped_column(MinorUnits, default=0)
    state: Mapped[str] = mapped_column(String(12))
    """active, completed, expired, forfeited, cancelled, lost."""
    converted: Mapped[int] = mapped_column(MinorUnits, default=0)
    withheld: Mapped[int] = mapped_column(MinorUnits, default=0)
    """What its terms did not pay out when it was converted."""
    ends: Mapped[list[str]] = mapped_column(JsonObject)
    """The keys of the postings that converted or forfeited it: a rollback reverses them."""
    end_count: Mapped[int] = mapped_column(default=0)
    """How many such postings there ever were: each has a key of its own."""
    granted_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class CountRow(TenantRow, Base):
    """What one stake did to one bonus; a rollback needs it."""

    __tablename__ = "loyalty_count"

    bonus_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    added: Mapped[str] = mapped_column(String(80), default="0")
    used: Mapped[int] = mapped_column(MinorUnits, default=0)
    is_undone: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Instant)


class StakeRow(TenantRow, Base):
    """A stake that purses paid: what it returns is divided as it was paid."""

    __tablename__ = "loyalty_stake"
    __table_args__ = (Index("ix_loyalty_stake_player", "tenant_id", "player_id", "state"),)

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid())
    cash: Mapped[int] = mapped_column(MinorUnits)
    bonuses: Mapped[list[list[Any]]] = mapped_column(JsonObject)
    """What each bonus paid of it, as pairs of id and amount in the order of use."""
    returned: Mapped[int | None] = mapped_column(MinorUnits)
    state: Mapped[str] = mapped_column(String(12))
    """open or settled."""
    at: Mapped[datetime] = mapped_column(Instant)
