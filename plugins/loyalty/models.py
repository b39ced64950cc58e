"""Tables: what players did, what they were given, and how far they have come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Float, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id

CODE_LENGTH_MAX = 64
ACTOR_LENGTH_MAX = 160
SENDER_LENGTH_MAX = 100
SENDER_ID_LENGTH_MAX = 128


# -- what players did ------------------------------------------------------------------------------


class Transaction(TenantRow, Base):
    """A deposit, withdrawal, wager, win or session, as its sender told of it."""

    __tablename__ = "loyalty_transaction"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sender", "sender_id"),
        UniqueConstraint("tenant_id", "sender", "rolls_back", "player_id"),
        Index("ix_loyalty_transaction_player", "tenant_id", "player_id", "at", "id"),
        Index("ix_loyalty_transaction_round", "tenant_id", "sender", "round_id"),
    )

    id: Mapped[UUID] = uuid_id()
    sender: Mapped[str] = mapped_column(String(SENDER_LENGTH_MAX))
    """Whose ids these are: an API key, or a plugin whose events are listened to."""
    sender_id: Mapped[str] = mapped_column(String(SENDER_ID_LENGTH_MAX))
    player_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str] = mapped_column(String(12))
    """deposit, withdrawal, wager, win, session or rollback."""
    rolls_back: Mapped[str | None] = mapped_column(String(SENDER_ID_LENGTH_MAX))
    """The sender's id of what a rollback takes back; it may come before that."""
    amount: Mapped[int] = mapped_column(MinorUnits, default=0)
    bonus_amount: Mapped[int] = mapped_column(MinorUnits, default=0)
    """The part of it that bonus money paid."""
    game: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    category: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    odds: Mapped[str | None] = mapped_column(String(20))
    """Decimal odds as text, for bets that have them."""
    round_id: Mapped[str | None] = mapped_column(String(SENDER_ID_LENGTH_MAX))
    """What joins wagers and wins of one round."""
    is_settled: Mapped[bool] = mapped_column(default=True)
    """As it was sent: a wager that is not is settled by the first win of its round, which may be 0."""
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    """From when on a wager counts towards the net loss."""
    seconds: Mapped[int] = mapped_column(default=0)
    """How long a session lasted."""
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    event_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The event that it became; rules were judged on it."""
    rolled_back_at: Mapped[datetime | None] = mapped_column(Instant)


class LoyaltyPlayer(TenantRow, Base):
    """What all of it came to for each player: facts that rules read. Money in minor units."""

    __tablename__ = "loyalty_player"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    deposited: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    withdrawn: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    wagered: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    won: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    net_loss: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    """Wagered less won on settled play; never won less deposited."""
    bonus_wagered: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    wagered_since_deposit: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    deposit_count: Mapped[int] = mapped_column(default=0, server_default="0")
    withdrawal_count: Mapped[int] = mapped_column(default=0, server_default="0")
    bet_count: Mapped[int] = mapped_column(default=0, server_default="0")
    win_count: Mapped[int] = mapped_column(default=0, server_default="0")
    session_count: Mapped[int] = mapped_column(default=0, server_default="0")
    play_seconds: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    volatility_sum: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    """The sum of squared stakes in minor units, exact up to 2 ** 53: for the volatility."""
    first_deposit_at: Mapped[datetime | None] = mapped_column(Instant)
    last_deposit_at: Mapped[datetime | None] = mapped_column(Instant)
    last_wager_at: Mapped[datetime | None] = mapped_column(Instant)
    last_active_at: Mapped[datetime | None] = mapped_column(Instant)
    country: Mapped[str | None] = mapped_column(String(2))
    registered_at: Mapped[datetime | None] = mapped_column(Instant)
    """Both as identity says; here they are facts that are known of many players at once."""
    points: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    points_earned: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    points_carry: Mapped[str] = mapped_column(String(80), default="0", server_default="0")
    """The part of a point that is kept, as an exact fraction such as `1/4`."""
    points_part: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    """The same as a number, for rules to read."""
    has_points_owed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A rollback could not take back all points: the next ones pay."""
    reward_points: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tier: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    tier_multiplier: Mapped[float] = mapped_column(Float, default=1.0, server_default="1")
    """Of few decimals, so that its text is exact."""
    bonus_count: Mapped[int] = mapped_column(default=0, server_default="0")
    abuse_score: Mapped[int] = mapped_column(default=0, server_default="0")
    """0 to 100."""
    is_blocked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Gets no rewards, by an operator or a signal of abuse."""
    streak_days: Mapped[int] = mapped_column(default=0, server_default="0")
    streak_on: Mapped[date | None] = mapped_column(Date)


class PlayerChange(TenantRow, Base):
    """A change of a player's standing, with its cause: tier, block, risk."""

    __tablename__ = "loyalty_player_change"
    __table_args__ = (
        Index("ix_loyalty_player_change_player", "tenant_id", "player_id", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    after: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


# -- what they were given --------------------------------------------------------------------------


class RewardRow(TenantRow, Base):
    """One reward of any type, from being given to its end."""

    __tablename__ = "loyalty_reward"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_loyalty_reward_player", "tenant_id", "player_id", "id"),
        Index("ix_loyalty_reward_due", "tenant_id", "status", "expires_at"),
        Index("ix_loyalty_reward_decision", "tenant_id", "decision_id"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(200))
    """The business identity: the same reward is given once."""
    player_id: Mapped[UUID] = mapped_column(Uuid())
    type: Mapped[str] = mapped_column(String(24))
    """cashback, bonus, cash, free_bet, free_spins, points, reward_points, tickets, perk."""
    amount: Mapped[int] = mapped_column(MinorUnits, default=0)
    unit: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12))
    """claimable, pending, active, completed, expired, forfeited, cancelled."""
    rule: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    rule_version: Mapped[int | None]
    decision_id: Mapped[UUID | None] = mapped_column(Uuid())
    event_id: Mapped[UUID | None] = mapped_column(Uuid())
    campaign: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it ended, where it did not complete."""
    issued_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the player was told that it expires soon."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


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


class FreePlayRow(TenantRow, Base):
    """Free bets and free spins; the id is that of the reward."""

    __tablename__ = "loyalty_free_play"
    __table_args__ = (Index("ix_loyalty_free_play_player", "tenant_id", "player_id", "expires_at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str] = mapped_column(String(12))
    """bet or spins."""
    value: Mapped[int] = mapped_column(MinorUnits)
    """The stake of the bet, or of each spin."""
    left: Mapped[int]
    """1 for an unused bet; how many spins are left."""
    terms: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class FreeUseRow(TenantRow, Base):
    """One use of a free bet or a free spin, under the key of the bet or the round."""

    __tablename__ = "loyalty_free_use"
    __table_args__ = (Index("ix_loyalty_free_use_play", "tenant_id", "free_play_id"),)

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    free_play_id: Mapped[UUID] = mapped_column(Uuid())
    player_id: Mapped[UUID] = mapped_column(Uuid())
    paid: Mapped[int] = mapped_column(MinorUnits, default=0)
    state: Mapped[str] = mapped_column(String(12))
    """used, voided, settled."""
    at: Mapped[datetime] = mapped_column(Instant)


_HOLDS_SOME: dict[str, Any] = {
    "postgresql_where": text('"left" > 0'),
    "sqlite_where": text('"left" > 0'),
}


class LotRow(TenantRow, Base):
    """Points of one earning, which expire together."""

    __tablename__ = "loyalty_lot"
    __table_args__ = (
        # Lots that are used up are many, and nobody looks for them but by their cause.
        Index("ix_loyalty_lot_player", "tenant_id", "player_id", "unit", **_HOLDS_SOME),
        Index("ix_loyalty_lot_expiry", "tenant_id", "expires_at", **_HOLDS_SOME),
        Index("ix_loyalty_lot_cause", "tenant_id", "cause_id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    unit: Mapped[str] = mapped_column(String(16))
    earned: Mapped[int] = mapped_column(BigInteger)
    left: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    expired: Mapped[int] = mapped_column(BigInteger, default=0)
    """What went by expiry: a rollback does not take it again."""
    value: Mapped[str] = mapped_column(String(80), default="0")
    """What the earning was worth exactly, as a fraction of points: it is taken back so."""
    cause_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The transaction or the reward behind it."""
    earned_at: Mapped[datetime] = mapped_column(Instant)
    usable_from: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    is_warned: Mapped[bool] = mapped_column(default=False)
    """The player was told that it expires."""
    is_taken_back: Mapped[bool] = mapped_column(default=False)


class BoostRow(TenantRow, Base):
    """A time in which a player earns points faster."""

    __tablename__ = "loyalty_boost"
    __table_args__ = (Index("ix_loyalty_boost_player", "tenant_id", "player_id", "ends_at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    multiplier: Mapped[str] = mapped_column(String(20))
    cause_id: Mapped[UUID | None] = mapped_column(Uuid())
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class LadderRow(TenantRow, Base):
    """One version of the tenant's tiers, as an operator saved it."""

    __tablename__ = "loyalty_ladder"
    __table_args__ = ({"info": APPEND_ONLY},)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    reason: Mapped[str] = mapped_column(Text, default="")
    saved_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    saved_at: Mapped[datetime] = mapped_column(Instant)


class StandingRow(TenantRow, Base):
    """Where a player stands on the ladder of tiers."""

    __tablename__ = "loyalty_standing"
    __table_args__ = (Index("ix_loyalty_standing_due", "tenant_id", "due_at"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    tier: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    since: Mapped[datetime] = mapped_column(Instant)
    judged_at: Mapped[datetime] = mapped_column(Instant)
    term_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    short_since: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    """When to look again: a warning, or a downgrade."""
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    score_max: Mapped[int] = mapped_column(BigInteger, default=0)
    """The score at the last judgement and all that came since: today's is no higher."""
    fixed_tier: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    """What an operator put the player in, whatever the points say."""
    fixed_until: Mapped[datetime | None] = mapped_column(Instant)
    fixed_reason: Mapped[str] = mapped_column(Text, default="")
    fixed_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))


class MovementRow(TenantRow, Base):
    """Points that count for tiers, when they came or went."""

    __tablename__ = "loyalty_movement"
    __table_args__ = (Index("ix_loyalty_movement_player", "tenant_id", "player_id", "at"),)

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    points: Mapped[int] = mapped_column(BigInteger)
    is_earning: Mapped[bool]
    """Earned or taken back, and not spent: mode window counts these alone."""
    at: Mapped[datetime] = mapped_column(Instant)


# -- what they may reach ---------------------------------------------------------------------------


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


class TraitRow(TenantRow, Base):
    """What makes accounts look alike: a device, card, address or network, as a keyed hash."""

    __tablename__ = "loyalty_trait"
    __table_args__ = (Index("ix_loyalty_trait_value", "tenant_id", "kind", "digest"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)


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


# -- what is watched, and what can be had ----------------------------------------------------------


class SignalRow(TenantRow, Base):
    """A sign of abuse, with its evidence, until somebody decides."""

    __tablename__ = "loyalty_signal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_loyalty_signal_player", "tenant_id", "player_id", "state"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(200))
    """Detector, player and window: the same sign is raised once."""
    player_id: Mapped[UUID] = mapped_column(Uuid())
    detector: Mapped[str] = mapped_column(String(40))
    severity: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    action: Mapped[str] = mapped_column(String(40))
    """What was done at once, such as hold_rewards."""
    state: Mapped[str] = mapped_column(String(12))
    """open, confirmed, dismissed."""
    resolved_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    resolution: Mapped[str] = mapped_column(Text, default="")
    detected_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)


class ItemRow(TenantRow, Base):
    """Something that points buy."""

    __tablename__ = "loyalty_item"

    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(16))
    """PTS or RWD."""
    offer: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """The action that delivers it, or what is sent by hand."""
    stock: Mapped[int | None]
    per_player_max: Mapped[int | None]
    tier_min: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    is_active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)


class RedemptionRow(TenantRow, Base):
    """An item that a player took for points."""

    __tablename__ = "loyalty_redemption"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "key"),
        Index("ix_loyalty_redemption_item", "tenant_id", "item", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(128))
    player_id: Mapped[UUID] = mapped_column(Uuid())
    item: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    price: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(16))
    takes: Mapped[list[dict[str, Any]]] = mapped_column(JsonObject)
    """Which lots paid."""
    state: Mapped[str] = mapped_column(String(12))
    """held, sent, delivered, cancelled."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Where to send it, how it was sent, or why it was cancelled."""
    reward_id: Mapped[UUID | None] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
