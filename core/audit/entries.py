"""The audit trail: who changed what, with the old and the new value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Index, String, Text, insert
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.clock import uuid7
from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow, uuid_id

if TYPE_CHECKING:
    from pitboss.core.context import Context


class AuditEntry(TenantRow, Base):
    """One action of an operator, a key or the platform."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_target", "tenant_id", "target", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(160))
    action: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    old: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    new: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    request_id: Mapped[str | None] = mapped_column(String(64))


def record(
    ctx: Context,
    action: str,
    target: str,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Write an audit entry in the transaction of the change that it tells of."""
    ctx.connection.execute(
        insert(AuditEntry.__table__),
        {
            "tenant_id": ctx.tenant.id,
            "id": uuid7(),
            "at": ctx.clock.now(),
            "actor": ctx.actor.label,
            "action": action,
            "target": target,
            "reason": reason,
            "old": dict(old) if old is not None else None,
            "new": dict(new) if new is not None else None,
            "request_id": ctx.request_id,
        },
    )
