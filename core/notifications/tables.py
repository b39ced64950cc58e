"""Texts, what was sent of them to whom, and each step that it took."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import UNCHANGED, Base, Instant, JsonObject, TenantRow, uuid_id


class Category(StrEnum):
    """Why it is sent: marketing needs consent and keeps quiet hours, service does not."""

    SERVICE = "service"
    MARKETING = "marketing"


class Kind(StrEnum):
    """To whom it is sent."""

    PLAYER = "player"
    OPERATOR = "operator"


class State(StrEnum):
    """Where a notification stands."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """Not sent, because the player or a guard did not want it."""


class TemplateRow(TenantRow, Base):
    """A text of the tenant's own, for one channel and language."""

    __tablename__ = "notification_template"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    locale: Mapped[str] = mapped_column(String(10), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(160))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class NotificationRow(TenantRow, Base):
    """One message to one player or operator over one channel."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("tenant_id", "target_id", "channel", "key"),
        Index("ix_notification_target", "tenant_id", "target_id", "channel", "id"),
        Index("ix_notification_state", "tenant_id", "state", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    target_kind: Mapped[str] = mapped_column(String(10))
    target_id: Mapped[UUID] = mapped_column(Uuid())
    template: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(12))
    key: Mapped[str | None] = mapped_column(String(200))
    """Business identity: the same one is sent once."""
    data: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    sealed: Mapped[str | None] = mapped_column(Text)
    """The data of a confidential one, encrypted, until it is sent."""
    is_confidential: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class StepRow(TenantRow, Base):
    """When a notification came into a state."""

    __tablename__ = "notification_step"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "notification_id"], ["notification.tenant_id", "notification.id"]),
        Index("ix_notification_step_notification", "tenant_id", "notification_id", "id"),
        {"info": UNCHANGED},
    )

    id: Mapped[UUID] = uuid_id()
    notification_id: Mapped[UUID] = mapped_column(Uuid())
    state: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(Instant)
    detail: Mapped[str | None] = mapped_column(Text)
