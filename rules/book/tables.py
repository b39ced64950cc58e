"""The tables of the rulebook: rules, their versions, and who did what with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow, uuid_id

KEY_LENGTH_MAX = 64
ACTOR_LENGTH_MAX = 160


class Stage(StrEnum):
    """How far the newest version of a rule is on its way to being live."""

    DRAFT = "draft"
    TESTED = "tested"
    SIMULATED = "simulated"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"


class State(StrEnum):
    """Whether a rule is at work."""

    IDLE = "idle"
    """It has never been live."""
    LIVE = "live"
    PAUSED = "paused"
    RETIRED = "retired"


class RuleRow(TenantRow, Base):
    """A rule, as it stands: its newest version, and the one that is live."""

    __tablename__ = "rules_rule"
    __table_args__ = (Index("ix_rules_rule_live", "tenant_id", "state", "kind"),)

    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12), default=State.IDLE)
    stage: Mapped[str] = mapped_column(String(12), default=Stage.DRAFT)
    """How far the version `head` is."""
    head: Mapped[int]
    """The newest version."""
    live: Mapped[int | None]
    """The version that is at work; kept while the rule is paused."""
    row_path: Mapped[list[str] | None] = mapped_column(JsonObject)
    """The backends of the engine that get the live version wrong: it is kept out of them."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counted up with each change: the ETag."""
    words: Mapped[str] = mapped_column(Text, default="")
    """What the newest version is found by, a line each: key, name, description, #tag, @event."""
    changed_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class VersionRow(TenantRow, Base):
    """One version of a rule; never changed."""

    __tablename__ = "rules_version"
    __table_args__ = {"info": APPEND_ONLY}

    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    author: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    message: Mapped[str] = mapped_column(Text, default="")
    """Why it was written."""
    copy_of: Mapped[int | None]
    """The version that a rollback brought back."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class StepRow(TenantRow, Base):
    """What somebody did with a version: saved, tested, submitted, approved, published, said something."""

    __tablename__ = "rules_step"
    __table_args__ = (
        Index("ix_rules_step_key", "tenant_id", "key", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    comment: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    """What it came to: the outcome of tests, the report of a simulation."""
    at: Mapped[datetime] = mapped_column(Instant)


class BookRow(TenantRow, Base):
    """What is live, as one number that grows with each change; and the switch that stops all rules."""

    __tablename__ = "rules_book"

    revision: Mapped[int] = mapped_column(BigInteger, default=1)
    is_stopped: Mapped[bool] = mapped_column(default=False)
    stopped_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)
