"""The tables of segments: who is in, since when, and what each player is in now."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import UNCHANGED, Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.rules.book.tables import ACTOR_LENGTH_MAX, KEY_LENGTH_MAX


class MemberRow(TenantRow, Base):
    """One stay of a player in a segment."""

    __tablename__ = "rules_member"
    __table_args__ = (
        Index(
            "ix_rules_member_now",
            "tenant_id",
            "segment",
            "player_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_rules_member_player", "tenant_id", "player_id", "entered_at"),
    )

    segment: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    entered_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int]
    """Of the rule that let the player in."""
    event_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The event that did; None where a refresh in the database did."""
    left_event_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The event that ended it, likewise."""


class SizeRow(TenantRow, Base):
    """How many players were in a segment at the end of a day; today, when it was last counted."""

    __tablename__ = "rules_segment_size"

    segment: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """On the calendar of the tenant."""
    size: Mapped[int]


class PlayerRow(TenantRow, Base):
    """What a player is in now: the facts `segments` and `segment`."""

    __tablename__ = "rules_player"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    segments: Mapped[list[str]] = mapped_column(JsonObject)
    """The keys of all segments that the player is in, in capitals, sorted."""
    segment: Mapped[str | None] = mapped_column(String(KEY_LENGTH_MAX))
    """The one of highest priority."""


class FrozenRow(TenantRow, Base):
    """A segment as it was at one moment, for the run of a campaign."""

    __tablename__ = "rules_frozen"
    __table_args__ = (Index("ix_rules_frozen_segment", "tenant_id", "segment", "id"), {"info": UNCHANGED})

    id: Mapped[UUID] = uuid_id()
    segment: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    reason: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    frozen_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    at: Mapped[datetime] = mapped_column(Instant)


class FrozenMemberRow(TenantRow, Base):
    """A player of a frozen segment."""

    __tablename__ = "rules_frozen_member"
    __table_args__ = {"info": UNCHANGED}

    frozen_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
