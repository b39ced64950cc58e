"""Tables: settlement rules, markets, selections, prices and what traders did to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Numeric, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id

CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200
ACTOR_LENGTH_MAX = 160
ODDS = Numeric(12, 4)
"""Decimal odds, the stake included; exact."""


class SettlementRules(TenantRow, Base):
    """How a kind of market settles: one unchanging version of the tenant's written rules."""

    __tablename__ = "betting_settlement_rules"
    __table_args__ = (UniqueConstraint("tenant_id", "key", "version"), {"info": APPEND_ONLY})

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    """`*`, a sport, or a sport and a template: `football/match_result`; the most specific one binds."""
    version: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """Void legs, dead heats, Rule 4 table, place terms, postponement hours, rounding: checked by a schema."""
    reason: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class Market(TenantRow, Base):
    """One question about a fixture, on whose answers bets are taken."""

    __tablename__ = "betting_market"
    __table_args__ = (
        UniqueConstraint("tenant_id", "fixture_id", "template", "period", "line"),
        Index("ix_betting_market_fixture", "tenant_id", "fixture_id"),
        Index("ix_betting_market_closing", "tenant_id", "status", "closes_at"),
    )

    id: Mapped[UUID] = uuid_id()
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    competition: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    """Both as the fixture said: limits and settlement rules are looked up by them."""
    template: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    period: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    line: Mapped[str] = mapped_column(String(16), default="")
    """`2.5`, `-0.75`; empty where the template has none."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    fixture_name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX), default="")
    """As the fixture said: who places a bet asks no other plugin."""
    winners: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many answers can be right at once; 0: any number of them."""
    status: Mapped[str] = mapped_column(String(12))
    """draft, open, suspended, closed, settled or void; suspended while any of `suspensions` is left."""
    suspensions: Mapped[list[str]] = mapped_column(JsonObject, default=list)
    """Why it takes no bets now: trader, feed, jump, fixture, withdrawal, exposure. Who suspended lifts it."""
    is_in_play: Mapped[bool] = mapped_column(default=False)
    goes_in_play: Mapped[bool] = mapped_column(default=False)
    """Whether it goes on when the fixture starts; else it closes then."""
    starts_at: Mapped[datetime] = mapped_column(Instant)
    """The fixture's; moved with it."""
    first_starts_at: Mapped[datetime] = mapped_column(Instant)
    """The fixture's when the market was published: a postponement is counted from here."""
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it takes no more bets; None: when a trader or the result says so."""
    odds_version: Mapped[int] = mapped_column(default=0)
    """Counts the moves of any of its prices: a slip carries the version that it was shown."""
    priced_at: Mapped[datetime | None] = mapped_column(Instant)
    """When a price was last set or confirmed: stale prices take no bets."""
    book_sum: Mapped[Decimal | None] = mapped_column(ODDS)
    """The target sum of implied probabilities, such as 1.06."""
    moves_by: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The declared rule that moves the prices: liability, lmsr, feed or margin; empty: traders alone."""
    pricing: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """The numbers of that rule, and the ladder of the prices."""
    rules_id: Mapped[UUID] = mapped_column(Uuid())
    """The settlement rules of the bets that are taken now; a bet keeps those of its time."""
    staked: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """Stakes of open bets: with `liability` of the selections, what any answer would cost."""
    refund: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """What the open bets would return if its line was hit, or it was void: multiples ride on."""
    result_version: Mapped[int] = mapped_column(default=0)
    """The version of the result that it was last settled with."""


class Selection(TenantRow, Base):
    """One answer of a market, with its present price."""

    __tablename__ = "betting_selection"
    __table_args__ = (
        UniqueConstraint("tenant_id", "market_id", "code"),
        ForeignKeyConstraint(["tenant_id", "market_id"], ["betting_market.tenant_id", "betting_market.id"]),
    )

    id: Mapped[UUID] = uuid_id()
    market_id: Mapped[UUID] = mapped_column(Uuid())
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    """home, draw, away, over, under, 2-1, or a participant's id."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    participant_id: Mapped[UUID | None] = mapped_column(Uuid())
    status: Mapped[str] = mapped_column(String(12), default="active")
    """active or withdrawn."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_odds: Mapped[Decimal | None] = mapped_column(ODDS)
    """Its price when it was withdrawn: what Rule 4 deducts from the others."""
    odds: Mapped[Decimal | None] = mapped_column(ODDS)
    """None: not priced, so not open to bets."""
    probability: Mapped[Decimal | None] = mapped_column(Numeric(9, 8))
    """What the price came from, before the margin."""
    is_overridden: Mapped[bool] = mapped_column(default=False)
    """A trader holds the price: no rule moves it."""
    liability: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """What the open bets would return if this were the answer: never too little."""


class PriceMove(TenantRow, Base):
    """One price as it became, with its cause: the log of all that was ever offered."""

    __tablename__ = "betting_price_move"
    __table_args__ = (
        Index("ix_betting_price_move_market", "tenant_id", "market_id", "odds_version"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    market_id: Mapped[UUID] = mapped_column(Uuid())
    selection_id: Mapped[UUID] = mapped_column(Uuid())
    odds_version: Mapped[int]
    before: Mapped[Decimal | None] = mapped_column(ODDS)
    odds: Mapped[Decimal | None] = mapped_column(ODDS)
    cause: Mapped[str] = mapped_column(String(20))
    """opened, trader, feed, liability, lmsr, margin or withdrawal."""
    detail: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)
