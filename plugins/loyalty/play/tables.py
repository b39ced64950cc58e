"""Tables of what players did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, MinorUnits, TenantRow, uuid_id
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX

SENDER_LENGTH_MAX = 100
SENDER_ID_LENGTH_MAX = 128


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
