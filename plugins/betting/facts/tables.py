"""The fact table: one row a player."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, MinorUnits, TenantRow


def _money() -> Mapped[int]:
    return mapped_column(MinorUnits, default=0, server_default="0")


def _count() -> Mapped[int]:
    return mapped_column(default=0, server_default="0")


class BettingPlayer(TenantRow, Base):
    """What a player's bets came to so far; money in the tenant's currency."""

    __tablename__ = "betting_player"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    staked: Mapped[int] = _money()
    """The player's own stakes of all bets that were accepted."""
    returned: Mapped[int] = _money()
    """What bets returned, stakes included: settlements and cash-outs."""
    net_loss: Mapped[int] = _money()
    """Stakes less returns of what is settled or cashed out; negative for a winner."""
    open_stake: Mapped[int] = _money()
    """Own stakes that are still at risk."""
    biggest_win: Mapped[int] = _money()
    """The largest profit of one settled bet."""
    bet_count: Mapped[int] = _count()
    settled_count: Mapped[int] = _count()
    win_count: Mapped[int] = _count()
    """Settled bets that returned more than their stake."""
    in_play_count: Mapped[int] = _count()
    cash_out_count: Mapped[int] = _count()
    odds_sum: Mapped[Decimal] = mapped_column(Numeric(18, 4), default=0, server_default="0")
    """Of the odds of all accepted bets: for the average."""
    last_bet_at: Mapped[datetime | None] = mapped_column(Instant)
