"""Tables of live streams, and of those who said that one is dead."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX, URL_LENGTH_MAX


class StreamRow(TenantRow, Base):
    """A link to a fixture's pictures, with its window and who may see it."""

    __tablename__ = "sports_stream"
    __table_args__ = (Index("ix_sports_stream_fixture", "tenant_id", "fixture_id", "id"),)

    id: Mapped[UUID] = uuid_id()
    fixture_id: Mapped[UUID] = mapped_column(Uuid())
    title: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    url: Mapped[str] = mapped_column(String(URL_LENGTH_MAX))
    opens_minutes: Mapped[int] = mapped_column(default=15, server_default="15")
    """Minutes before the start from which on it is shown."""
    closes_minutes: Mapped[int] = mapped_column(default=180, server_default="180")
    """Minutes after the start until which it is shown."""
    territories: Mapped[list[str]] = mapped_column(JsonObject, default=list)
    """Countries of two letters; an empty list is everywhere."""
    age_min: Mapped[int] = mapped_column(default=18, server_default="18")
    needs_funds: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Whether the player must have money in the wallet or in open bets."""
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class StreamReportRow(TenantRow, Base):
    """A player who said that a stream is dead; each counts once a stream."""

    __tablename__ = "sports_stream_report"

    stream_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(Instant)
