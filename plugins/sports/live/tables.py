"""Tables of live fixtures: each update as it came, and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import UNCHANGED, Base, Instant, JsonObject, TenantRow
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX


class LiveRow(TenantRow, Base):
    """How a fixture stands, as far as its feed was heard without a gap."""

    __tablename__ = "sports_live"
    __table_args__ = (Index("ix_sports_live_heard", "tenant_id", "is_over", "is_stalled", "heard_at"),)

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last update that was applied: all before it were, too."""
    score: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    minute: Mapped[int | None]
    period: Mapped[str] = mapped_column(String(20), default="", server_default="")
    statistics: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    happened_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the last update happened, as its source says."""
    heard_at: Mapped[datetime] = mapped_column(Instant)
    """When the source was last heard, whatever it said."""
    updated_at: Mapped[datetime] = mapped_column(Instant)
    is_stalled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    stalled_cause: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """silence, gap, delay or quality."""
    gap_since: Mapped[datetime | None] = mapped_column(Instant)
    is_over: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class LiveUpdateRow(TenantRow, Base):
    """One update of a feed, kept as it came; the same number is kept once."""

    __tablename__ = "sports_live_update"
    __table_args__ = (
        Index("ix_sports_live_update_heard", "tenant_id", "heard_at"),
        {"info": UNCHANGED},
    )

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
