"""Tables: bets with their legs, cash-outs, limits and free bets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.betting.markets.tables import ACTOR_LENGTH_MAX, CODE_LENGTH_MAX, NAME_LENGTH_MAX, ODDS

REFERENCE_LENGTH_MAX = 128
SCORE_LENGTH_MAX = 11
_PENDING = text("state = 'pending'")


class Bet(TenantRow, Base):
    """A slip that was placed: its money, its state and what it may pay."""

    __tablename__ = "betting_bet"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "reference"),
        Index("ix_betting_bet_player", "tenant_id", "player_id", "id"),
        # Those that wait are few and soon answered: no other bet pays for their being found.
        Index("ix_betting_bet_pending", "tenant_id", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    """The client's id of the request: the same one is the same bet."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """What was asked for under that reference: another slip needs another one."""
    kind: Mapped[str] = mapped_column(String(12))
    """single, multiple, system or builder."""
    system: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Of a system: the sizes of its lines, its name and its bankers."""
    is_each_way: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12))
    """pending, rejected, accepted, settled, cashed_out or voided."""
    reason: Mapped[str] = mapped_column(String(1_000), default="")
    """Why it was rejected or voided."""
    currency: Mapped[str] = mapped_column(String(8))
    line_count: Mapped[int]
    unit_stake: Mapped[int] = mapped_column(MinorUnits)
    """The stake of each line."""
    stake: Mapped[int] = mapped_column(MinorUnits)
    """All that was paid for it: `unit_stake` times `line_count`."""
    running_stake: Mapped[int] = mapped_column(MinorUnits)
    """What of the stake is still at risk after partial cash-outs."""
    potential: Mapped[int] = mapped_column(MinorUnits)
    """What it returns if every leg wins."""
    payout: Mapped[int] = mapped_column(MinorUnits, default=0)
    """What it has returned: settlement and cash-outs."""
    free_bet_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The free bet that paid the stake, which is then not returned."""
    price_policy: Mapped[str] = mapped_column(String(12))
    """none, higher_only or any: what the player agreed to when prices move."""
    builder_odds: Mapped[Decimal | None] = mapped_column(ODDS)
    """Of a bet builder: the one price of all its legs together."""
    decision: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Why it was allowed: each limit with what it was and how much was used."""
    exposures: Mapped[list[Any]] = mapped_column(JsonObject, default=list)
    """What it added to the books, to be taken off again: [market, selection, liability, staked]."""
    placed_at: Mapped[datetime] = mapped_column(Instant)
    accept_at: Mapped[datetime | None] = mapped_column(Instant)
    """When a pending bet is decided: the live delay."""
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settlement_version: Mapped[int] = mapped_column(default=0)
    """How often it was settled: above 1 it was resettled."""


class BetLeg(TenantRow, Base):
    """One leg of a bet, with the price that was struck and the rules of that moment."""

    __tablename__ = "betting_leg"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "bet_id"], ["betting_bet.tenant_id", "betting_bet.id"]),
        Index("ix_betting_leg_market", "tenant_id", "market_id", "bet_id"),
        Index("ix_betting_leg_fixture", "tenant_id", "fixture_id", "bet_id"),
    )

    bet_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    number: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    market_id: Mapped[UUID] = mapped_column(Uuid())
    selection_id: Mapped[UUID] = mapped_column(Uuid())
    selection_code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    competition: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    is_in_play: Mapped[bool] = mapped_column(default=False)
    """All three as they were when it was struck."""
    name: Mapped[str] = mapped_column(String(3 * NAME_LENGTH_MAX))
    """Fixture, market and selection as the player read them."""
    odds: Mapped[Decimal] = mapped_column(ODDS)
    """The price that was struck."""
    shown_odds: Mapped[Decimal] = mapped_column(ODDS)
    odds_version: Mapped[int]
    closing_odds: Mapped[Decimal | None] = mapped_column(ODDS)
    """The last price before the market closed."""
    score_from: Mapped[str] = mapped_column(String(SCORE_LENGTH_MAX), default="", server_default="")
    """What a handicap that was struck in play counts from: `1-0`; empty: the start."""
    is_banker: Mapped[bool] = mapped_column(default=False)
    place_terms: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Of an each-way bet: the part of the odds and the places."""
    rules_id: Mapped[UUID] = mapped_column(Uuid())
    """The settlement rules it was struck under."""


class Refusal(TenantRow, Base):
    """Why a bet or a cash-out was not taken: what was asked, and what each check said."""

    __tablename__ = "betting_refusal"
    __table_args__ = (
        Index("ix_betting_refusal_player", "tenant_id", "player_id", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    operation: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    """odds_changed, market_closed, over_limit, guard and so on: the first reason."""
    reason: Mapped[str] = mapped_column(String(2_000))
    asked: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    decision: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """The limits with what was used, the prices that were valid, what the guards said."""
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class JointModel(TenantRow, Base):
    """How likely each score of a match is: what a bet builder is priced from. The newest one counts."""

    __tablename__ = "betting_joint_model"
    __table_args__ = ({"info": APPEND_ONLY},)

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    version: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    grid: Mapped[list[Any]] = mapped_column(JsonObject)
    """Probabilities as text: a row for each number of home goals, in it one for each of away goals."""
    book_sum: Mapped[Decimal] = mapped_column(ODDS)
    """The margin that builders keep: 1.10 is 10 %."""
    source: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class CashOut(TenantRow, Base):
    """A part of a bet, or all of it, that was paid before its end."""

    __tablename__ = "betting_cash_out"
    __table_args__ = ({"info": APPEND_ONLY},)

    bet_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    number: Mapped[int] = mapped_column(primary_key=True, sort_order=-80)
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    stake: Mapped[int] = mapped_column(MinorUnits)
    """The part of the stake that ended with it."""
    amount: Mapped[int] = mapped_column(MinorUnits)
    offer: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """How the amount was reckoned: prices, fair value, margin."""
    at: Mapped[datetime] = mapped_column(Instant)


class Limit(TenantRow, Base):
    """The most of something that one scope allows; the tightest of all that apply binds."""

    __tablename__ = "betting_limit"
    __table_args__ = (UniqueConstraint("tenant_id", "subject", "scope", "measure"),)

    id: Mapped[UUID] = uuid_id()
    scope: Mapped[str] = mapped_column(String(12))
    """platform, sport, competition, fixture, template, market or player."""
    subject: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="")
    """Which sport, which player; empty for the platform."""
    measure: Mapped[str] = mapped_column(String(20))
    """stake_min, stake_max, payout_max, exposure_max, day_stake_max."""
    amount: Mapped[int] = mapped_column(MinorUnits)
    reason: Mapped[str] = mapped_column(String(500), default="")
    set_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    set_at: Mapped[datetime] = mapped_column(Instant)


class FreeBet(TenantRow, Base):
    """A stake that the house pays: what it wins is the player's, the stake is not returned."""

    __tablename__ = "betting_free_bet"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "cause"),
        Index("ix_betting_free_bet_player", "tenant_id", "player_id", "state"),
        Index("ix_betting_free_bet_expires", "tenant_id", "state", "expires_at"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    cause: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    """The decision or the operator that gave it."""
    amount: Mapped[int] = mapped_column(MinorUnits)
    currency: Mapped[str] = mapped_column(String(8))
    odds_min: Mapped[Decimal | None] = mapped_column(ODDS)
    sport_codes: Mapped[list[str]] = mapped_column(JsonObject, default=list)
    """Where it may be used; empty: anywhere."""
    state: Mapped[str] = mapped_column(String(12), default="open")
    """open, used, expired or cancelled."""
    bet_id: Mapped[UUID | None] = mapped_column(Uuid())
    granted_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
