"""Tables: answers of markets, settlements of bets and the runs that made them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.betting.markets.tables import ACTOR_LENGTH_MAX

RUN_KEY_LENGTH_MAX = 160


class MarketResult(TenantRow, Base):
    """What each selection of a market came to, by one version of the fixture's result."""

    __tablename__ = "betting_market_result"
    __table_args__ = ({"info": APPEND_ONLY},)

    market_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    version: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    """Counts the answers of this market."""
    result_version: Mapped[int]
    """The version of the fixture's result; 0 where a trader or a rule voided the market."""
    outcomes: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """By settlement rules, then by selection code: the outcome as `grading` returns it. A selection that
    is missing is not decided yet."""
    source: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """Where the result came from, who confirmed it and when; or why it was voided."""
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class Settlement(TenantRow, Base):
    """What a bet paid at one time, and why: enough to do the sum again to the cent."""

    __tablename__ = "betting_settlement"
    __table_args__ = (Index("ix_betting_settlement_run", "tenant_id", "run_id"), {"info": APPEND_ONLY})

    bet_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    version: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    run_id: Mapped[UUID | None] = mapped_column(Uuid())
    cause: Mapped[str] = mapped_column(String(20))
    """result, correction or void."""
    stake: Mapped[int] = mapped_column(MinorUnits)
    """The stake that it settled: what partial cash-outs had left."""
    payout: Mapped[int] = mapped_column(MinorUnits)
    explanation: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """Per leg: result version, rules version, outcome; the arithmetic; the journals."""
    at: Mapped[datetime] = mapped_column(Instant)


class SettlementRun(TenantRow, Base):
    """The settling of all bets that one answer touches: its progress, and what it came to."""

    __tablename__ = "betting_settlement_run"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_betting_settlement_run_fixture", "tenant_id", "fixture_id"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(RUN_KEY_LENGTH_MAX))
    """The business identity: `result:<fixture>:<version>`, `correct:...`, `void:<market>:<version>`."""
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    market_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The one market that it settles; None: all of the fixture."""
    result_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    """settle, correct or void."""
    state: Mapped[str] = mapped_column(String(12))
    """waiting, running, held, stopped, superseded or done."""
    detail: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Why it is held, what the preview said, who confirmed it and why."""
    after_bet_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The last bet that is done: where a resumed run goes on."""
    bet_count: Mapped[int] = mapped_column(default=0)
    """The bets that it has to look at."""
    looked_count: Mapped[int] = mapped_column(default=0)
    settled_count: Mapped[int] = mapped_column(default=0)
    paid: Mapped[int] = mapped_column(MinorUnits, default=0)
    taken_back: Mapped[int] = mapped_column(MinorUnits, default=0)
    started_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
