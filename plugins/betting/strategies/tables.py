"""Tables: strategies, their versions, what they picked and how they were evaluated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.betting.markets.tables import ACTOR_LENGTH_MAX, CODE_LENGTH_MAX, NAME_LENGTH_MAX, ODDS


class Strategy(TenantRow, Base):
    """A player's way to bet, by written conditions."""

    __tablename__ = "betting_strategy"
    __table_args__ = (
        Index("ix_betting_strategy_player", "tenant_id", "player_id", "id"),
        Index("ix_betting_strategy_mode", "tenant_id", "mode", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    version: Mapped[int]
    """The newest; what it picks names the one that picked."""
    mode: Mapped[str] = mapped_column(String(12))
    """off, dry_run or follow."""
    stopped_because: Mapped[str] = mapped_column(String(500), default="")
    """Which of its stops switched it off."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class StrategyVersion(TenantRow, Base):
    """One unchanging version of what a strategy says."""

    __tablename__ = "betting_strategy_version"
    __table_args__ = ({"info": APPEND_ONLY},)

    strategy_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    version: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """Sports, templates, condition, stake and stops: checked by a schema."""
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class StrategyPick(TenantRow, Base):
    """A selection that a strategy chose, once, with the facts and the price of that moment."""

    __tablename__ = "betting_strategy_pick"
    __table_args__ = (
        UniqueConstraint("tenant_id", "strategy_id", "market_id"),
        ForeignKeyConstraint(
            ["tenant_id", "strategy_id"], ["betting_strategy.tenant_id", "betting_strategy.id"]
        ),
        Index("ix_betting_strategy_pick", "tenant_id", "strategy_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    strategy_id: Mapped[UUID] = mapped_column(Uuid())
    version: Mapped[int]
    market_id: Mapped[UUID] = mapped_column(Uuid())
    selection_id: Mapped[UUID] = mapped_column(Uuid())
    code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    name: Mapped[str] = mapped_column(String(3 * NAME_LENGTH_MAX))
    odds: Mapped[Decimal] = mapped_column(ODDS)
    odds_version: Mapped[int]
    stake: Mapped[int] = mapped_column(MinorUnits)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    state: Mapped[str] = mapped_column(String(12))
    """dry, placed or refused."""
    bet_id: Mapped[UUID | None] = mapped_column(Uuid())
    refused_because: Mapped[str] = mapped_column(String(1_000), default="")
    at: Mapped[datetime] = mapped_column(Instant)


class StrategyEvaluation(TenantRow, Base):
    """What a version would have come to on prices of the past."""

    __tablename__ = "betting_strategy_evaluation"
    __table_args__ = (
        Index("ix_betting_strategy_evaluation", "tenant_id", "strategy_id", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    strategy_id: Mapped[UUID] = mapped_column(Uuid())
    version: Mapped[int]
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    figures: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    bets: Mapped[list[Any]] = mapped_column(JsonObject)
    """The first of them: at which price when, and what they came to."""
    at: Mapped[datetime] = mapped_column(Instant)
