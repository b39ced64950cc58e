"""Tables of missions, achievements and streaks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX


class MissionRow(TenantRow, Base):
    """A mission or an achievement, as the operator defines it."""

    __tablename__ = "loyalty_mission"

    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """mission or achievement."""
    title: Mapped[str] = mapped_column(String(200))
    definition: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """What it listens to, its goal, period and reward."""
    version: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


class ProgressRow(TenantRow, Base):
    """How far a player is with a mission, in one period."""

    __tablename__ = "loyalty_progress"

    mission: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    period_start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    tally: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    reward_id: Mapped[UUID | None] = mapped_column(Uuid())


class MarkRow(TenantRow, Base):
    """What one transaction added to a mission: a rollback takes it away."""

    __tablename__ = "loyalty_mark"
    __table_args__ = (
        Index("ix_loyalty_mark_transaction", "tenant_id", "transaction_id"),
        Index("ix_loyalty_mark_player", "tenant_id", "player_id", "mission"),
    )

    mission: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid())
    period_start: Mapped[datetime] = mapped_column(Instant)
    mark: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    is_undone: Mapped[bool] = mapped_column(default=False)


class DayRow(TenantRow, Base):
    """A day of the tenant's calendar on which a player came or played: streaks are made of them."""

    __tablename__ = "loyalty_day"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    plays: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many transactions of that day stand."""
    visited_at: Mapped[datetime | None] = mapped_column(Instant)
