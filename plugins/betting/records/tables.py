"""Tables: bets that players placed elsewhere, and suggestions of bets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.betting.markets.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX, ODDS

REFERENCE_LENGTH_MAX = 128
WHY_LENGTH_MAX = 2_000


class ExternalBet(TenantRow, Base):
    """A single that a player placed with another bookmaker, and wrote down here."""

    __tablename__ = "betting_external_bet"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "reference"),
        Index("ix_betting_external_bet_fixture", "tenant_id", "fixture_id", "id"),
        Index("ix_betting_external_bet_player", "tenant_id", "player_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    bookmaker: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    fixture_name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    template: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    line: Mapped[str] = mapped_column(String(16), default="")
    selection: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    odds: Mapped[Decimal] = mapped_column(ODDS)
    currency: Mapped[str] = mapped_column(String(8))
    stake: Mapped[int] = mapped_column(MinorUnits)
    payout: Mapped[int] = mapped_column(MinorUnits, default=0)
    state: Mapped[str] = mapped_column(String(12))
    """open, won, lost, void, part; or ungraded: the result does not answer it."""
    result_version: Mapped[int] = mapped_column(default=0)
    explanation: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    note: Mapped[str] = mapped_column(String(500), default="")
    placed_at: Mapped[datetime] = mapped_column(Instant)
    graded_at: Mapped[datetime | None] = mapped_column(Instant)


class Suggestion(TenantRow, Base):
    """A bet that was suggested to a player: by what, from what, at which price and why."""

    __tablename__ = "betting_suggestion"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "key"),
        Index("ix_betting_suggestion_player", "tenant_id", "player_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    key: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    """What causes it: the same key is the same suggestion."""
    model: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    model_version: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """What the model looked at."""
    legs: Mapped[list[Any]] = mapped_column(JsonObject)
    """Of each: selection, market, fixture, name, odds at that moment, and why this one."""
    why: Mapped[str] = mapped_column(String(WHY_LENGTH_MAX))
    state: Mapped[str] = mapped_column(String(12))
    """offered, withheld, dismissed or followed."""
    withheld_because: Mapped[str] = mapped_column(String(1_000), default="")
    """What a guard said: it protects the player, who then never sees it."""
    bet_id: Mapped[UUID | None] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
