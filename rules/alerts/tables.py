"""The tables of alerts: which are on, and who asked to be told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.rules.book.tables import KEY_LENGTH_MAX

ABOUT_LENGTH_MAX = 80
SUBJECT_LENGTH_MAX = 120
"""A subscription's id, and what it is told of."""


class AlertRow(TenantRow, Base):
    """Whether the condition of an alert held when it was last judged of a subject."""

    __tablename__ = "rules_alert"

    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH_MAX), primary_key=True)
    """The player, a subscription with what it is told of, or what the event is about."""
    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    is_on: Mapped[bool]
    fired_at: Mapped[datetime | None] = mapped_column(Instant)
    times: Mapped[int] = mapped_column(default=0)


class SubscriptionRow(TenantRow, Base):
    """A player who asked to be told by an alert, at a threshold of their own."""

    __tablename__ = "rules_subscription"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "rule", "about"),
        # A page of those that one event may reach, in the order of their ids.
        Index("ix_rules_subscription_rule", "tenant_id", "rule", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    about: Mapped[str] = mapped_column(String(ABOUT_LENGTH_MAX), default="")
    """What of the event it is limited to, such as one match; empty for all."""
    threshold: Mapped[float | None] = mapped_column(Float)
    channels: Mapped[list[str]] = mapped_column(JsonObject)
    created_at: Mapped[datetime] = mapped_column(Instant)
