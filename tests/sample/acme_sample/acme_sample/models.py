"""Tables: cards, the deck of each tenant, and what is known of each player."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, TenantRow, uuid_id


class Card(TenantRow, Base):
    """A card that a player was given."""

    __tablename__ = "acme_sample_card"
    __table_args__ = (
        # Why it was given, so that a cause that is told of twice gives one card.
        UniqueConstraint("tenant_id", "key"),
        Index("ix_acme_sample_card_player", "tenant_id", "player_id", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    key: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="sealed")
    points: Mapped[int | None]
    given_at: Mapped[datetime] = mapped_column(Instant)
    scratched_at: Mapped[datetime | None] = mapped_column(Instant)


class Deck(TenantRow, Base):
    """The deck that a tenant's cards come from."""

    __tablename__ = "acme_sample_deck"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_open: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class PlayerFacts(TenantRow, Base):
    """What is known of each player."""

    __tablename__ = "acme_sample_player"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    cards_scratched: Mapped[int] = mapped_column(default=0, server_default="0")
    points_won: Mapped[int] = mapped_column(default=0, server_default="0")
