"""The table of reports: what simulations came to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.rules.book.tables import ACTOR_LENGTH_MAX, KEY_LENGTH_MAX


class ReportRow(TenantRow, Base):
    """A simulation that was asked for, and its report once it is done."""

    __tablename__ = "rules_report"
    __table_args__ = (Index("ix_rules_report_rule", "tenant_id", "rule", "id"),)

    id: Mapped[UUID] = uuid_id()
    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    version: Mapped[int]
    asked: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """From when until when, and against which version."""
    state: Mapped[str] = mapped_column(String(12))
    """running, done, stopped or failed."""
    error: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    job_id: Mapped[UUID | None] = mapped_column(Uuid())
    asked_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
