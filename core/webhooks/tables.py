"""Where events are sent, what is sent there, and how each attempt went."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import UNCHANGED, Base, Instant, JsonObject, TenantRow, uuid_id


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The last attempt failed, and another will be made."""
    DEAD = "dead"
    """Given up; an operator may replay it."""


class EndpointRow(TenantRow, Base):
    """An address that takes events. A deleted one stays, without address and secrets, for its history."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[UUID] = uuid_id()
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(JsonObject)
    """Patterns of event names: `betting.bet_settled`, `betting.*` or `*`."""
    description: Mapped[str] = mapped_column(String(200))
    secret: Mapped[str] = mapped_column(Text)
    """Sealed; see core/secretbox.py."""
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(default=0)
    """Failed attempts since the last that succeeded."""
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class DeliveryRow(TenantRow, Base):
    """One event for one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"], ["webhook_endpoint.tenant_id", "webhook_endpoint.id"]
        ),
        Index("ix_webhook_delivery_endpoint", "tenant_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_state", "tenant_id", "state", "id"),
    )

    id: Mapped[UUID] = uuid_id()
    endpoint_id: Mapped[UUID] = mapped_column(Uuid())
    message_id: Mapped[str] = mapped_column(String(64))
    """The same for every attempt and replay, so that the receiver can tell what it has seen."""
    event: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    replays: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class AttemptRow(TenantRow, Base):
    """One attempt to deliver."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "delivery_id"], ["webhook_delivery.tenant_id", "webhook_delivery.id"]
        ),
        Index("ix_webhook_attempt_delivery", "tenant_id", "delivery_id", "id"),
        {"info": UNCHANGED},
    )

    id: Mapped[UUID] = uuid_id()
    delivery_id: Mapped[UUID] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[int | None]
    duration_ms: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)
    response: Mapped[str] = mapped_column(Text)
    """How the answer began."""
