"""Tables of sources: who sends data, what was asked of them, imports, prices and history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Index, LargeBinary, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, UNCHANGED, Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.plugins.sports.catalogue.tables import (
    CODE_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    URL_LENGTH_MAX,
)

PRICE_LENGTH_MAX = 20
LINE_LENGTH_MAX = 12


class SourceRow(TenantRow, Base):
    """A feed or supplier of data: its licence, its place in the order, and how good it proved."""

    __tablename__ = "sports_source"

    key: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    title: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    kind: Mapped[str] = mapped_column(String(12))
    """fixtures, results, live or prices."""
    provider: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    """Whose ids it speaks: two sources of one provider call a fixture alike."""
    url: Mapped[str] = mapped_column(String(URL_LENGTH_MAX), default="", server_default="")
    licence: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX), default="", server_default="")
    priority: Mapped[int] = mapped_column(default=100, server_default="100")
    """Lower is asked first."""
    is_standby: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Asked only while every source before it, of its kind and sport, fails."""
    poll_seconds: Mapped[int] = mapped_column(default=60, server_default="60")
    options: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Sport and competition of items that say none, and the header that carries the key."""
    secret: Mapped[str | None] = mapped_column(Text)
    """Its key, sealed."""
    quota_per_day: Mapped[int | None]
    cursor: Mapped[str | None] = mapped_column(Text)
    """How far it was read."""
    etag: Mapped[str | None] = mapped_column(String(NAME_LENGTH_MAX))
    as_of: Mapped[datetime | None] = mapped_column(Instant)
    """Of when its last answer was: an older one came out of order."""
    heard_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it last answered well."""
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was wrong with its last answer; empty when all was well."""
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    """Not to be asked before that."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """In a row."""
    score: Mapped[int] = mapped_column(default=100, server_default="100")
    """0 to 100, of its own record."""
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    is_suspended: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Its score fell too low: what depends on it is suspended, until it is good again."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class SourceCallRow(TenantRow, Base):
    """One call of a source, without what is secret."""

    __tablename__ = "sports_source_call"
    __table_args__ = (
        Index("ix_sports_source_call_source", "tenant_id", "source", "id"),
        {"info": UNCHANGED},
    )

    id: Mapped[UUID] = uuid_id()
    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    request: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None]
    items: Mapped[int] = mapped_column(default=0, server_default="0")
    problems: Mapped[int] = mapped_column(default=0, server_default="0")
    """Items that could not be read or taken."""
    corrections: Mapped[int] = mapped_column(default=0, server_default="0")
    """Results that it took back."""
    size_bytes: Mapped[int] = mapped_column(default=0, server_default="0")
    milliseconds: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str] = mapped_column(String(20))
    """ok, unchanged, stale, limited, quota or failed."""
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(Instant)


class SourceItemRow(TenantRow, Base):
    """The last that a source said of one thing: what it says again, or said before, changes nothing."""

    __tablename__ = "sports_source_item"

    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(EXTERNAL_ID_LENGTH_MAX), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    """As the source says."""


class ImportRow(TenantRow, Base):
    """A file that somebody sent, from its preview to its end."""

    __tablename__ = "sports_import"
    __table_args__ = (Index("ix_sports_import_state", "tenant_id", "state", "id"),)

    id: Mapped[UUID] = uuid_id()
    kind: Mapped[str] = mapped_column(String(12))
    """fixtures, results, history or prices."""
    filename: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    digest: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(default=0, server_default="0")
    options: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    state: Mapped[str] = mapped_column(String(12))
    """open, running, done, failed or cancelled."""
    report: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    sent_by: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ImportPartRow(TenantRow, Base):
    """A part of a file, as it came; gone when the import is over."""

    __tablename__ = "sports_import_part"

    import_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class HistoricalRow(TenantRow, Base):
    """A match of the past, as it was imported once."""

    __tablename__ = "sports_historical"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sport", "competition", "played_on", "home_key", "away_key"),
        Index("ix_sports_historical_played", "tenant_id", "sport", "played_on", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    competition: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    season: Mapped[str] = mapped_column(String(20), default="", server_default="")
    played_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    """None where only the day is known."""
    home: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    away: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    home_key: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    away_key: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    """The names without case, accents and punctuation; a team that is known has the one key of its own."""
    home_score: Mapped[int]
    away_score: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Pairs of home and away: half_time, shots, corners, cards."""
    prices: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    """Exact odds as text, by the codes of prices/codes.py such as PSCH."""
    import_id: Mapped[UUID | None] = mapped_column(Uuid())


class PriceRow(TenantRow, Base):
    """What a bookmaker offered for a selection, from an instant on."""

    __tablename__ = "sports_price"
    __table_args__ = (Index("ix_sports_price_at", "tenant_id", "at"), {"info": UNCHANGED})

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    market: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    line: Mapped[str] = mapped_column(String(LINE_LENGTH_MAX), primary_key=True, default="")
    selection: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    bookmaker: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    price: Mapped[str] = mapped_column(String(PRICE_LENGTH_MAX))
    """Exact decimal odds as text; empty when it was taken down."""
    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), default="", server_default="")
    heard_at: Mapped[datetime] = mapped_column(Instant)
    """When it came to us."""
