"""Tables: pools and the entries in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.betting.markets.tables import ACTOR_LENGTH_MAX, CODE_LENGTH_MAX, NAME_LENGTH_MAX

REFERENCE_LENGTH_MAX = 128
INVITE_LENGTH_MAX = 40


class Pool(TenantRow, Base):
    """Stakes on the answers of one question, shared between those who are right."""

    __tablename__ = "betting_pool"
    __table_args__ = (
        Index("ix_betting_pool_fixture", "tenant_id", "fixture_id"),
        Index("ix_betting_pool_series", "tenant_id", "series"),
    )

    id: Mapped[UUID] = uuid_id()
    kind: Mapped[str] = mapped_column(String(12))
    """tote or private."""
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    competition: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    template: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    """The question, by a template of markets: winner, place, match_result."""
    places: Mapped[int] = mapped_column(default=1)
    """How many positions win, of a place pool."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    selections: Mapped[list[Any]] = mapped_column(JsonObject)
    """[code, name, is withdrawn] of each answer."""
    terms: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """What was declared before it opened: takeout and breakage, or fee, shares and written rules."""
    series: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    """Pools of one series carry over to the next of it."""
    invite: Mapped[str] = mapped_column(String(INVITE_LENGTH_MAX), default="")
    """What one must know to enter a private pool."""
    currency: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    """open, paid, refunded or carried."""
    closes_at: Mapped[datetime] = mapped_column(Instant)
    """When its event begins; moved with it."""
    gross: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """Stakes of entries that stand."""
    entry_count: Mapped[int] = mapped_column(default=0, server_default="0")
    carried_in: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=0)
    """How often it was paid: above 1 after a correction."""
    outcome: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Ranking, dividends, takeout, breakage: why it paid what it paid."""
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class PoolEntry(TenantRow, Base):
    """One stake in a pool."""

    __tablename__ = "betting_pool_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "reference"),
        ForeignKeyConstraint(["tenant_id", "pool_id"], ["betting_pool.tenant_id", "betting_pool.id"]),
        Index("ix_betting_pool_entry_pool", "tenant_id", "pool_id", "id"),
        Index("ix_betting_pool_entry_player", "tenant_id", "player_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    pool_id: Mapped[UUID] = mapped_column(Uuid())
    player_id: Mapped[UUID] = mapped_column(Uuid())
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    selection: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    stake: Mapped[int] = mapped_column(MinorUnits)
    state: Mapped[str] = mapped_column(String(12))
    """open, won, lost or refunded."""
    payout: Mapped[int] = mapped_column(MinorUnits, default=0)
    at: Mapped[datetime] = mapped_column(Instant)
