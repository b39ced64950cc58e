"""Tables of results: versions that are written once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX
from pitboss.plugins.sports.fixtures.tables import ACTOR_LENGTH_MAX


class ResultRow(TenantRow, Base):
    """One version of how a fixture ended; a confirmation and a correction are versions of their own."""

    __tablename__ = "sports_result"
    __table_args__ = ({"info": APPEND_ONLY},)

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12))
    """provisional, official or corrected."""
    outcome: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    """Which feed, file or desk said so."""
    recorded_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    confirmed_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    """The second person, or the second source."""
    confirms: Mapped[int | None]
    """The version whose outcome it confirms."""
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(Instant)
