"""Tables of players: what all of theirs came to, and each change of their standing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, Float, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX


class LoyaltyPlayer(TenantRow, Base):
    """What all of it came to for each player: facts that rules read. Money in minor units."""

    __tablename__ = "loyalty_player"
    __table_args__ = (
        # Of a million players, those who come day by day are counted without a look at the others.
        Index(
            "ix_loyalty_player_streak",
            "tenant_id",
            "streak_days",
            postgresql_where=text("streak_days > 0"),
            sqlite_where=text("streak_days > 0"),
        ),
    )

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
