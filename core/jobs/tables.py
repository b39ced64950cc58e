"""The job table: outbox, queue and dead-letter list in one; and the tables of what runs by the clock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import SHARED, SYSTEM, Base, Instant, JsonObject, TenantRow, uuid_id


class JobState(StrEnum):
    """Where a job stands."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class JobRow(TenantRow, Base):
    """One piece of work: a task, or one listener's reaction to one event."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name", "key"),
        Index(
            "ix_job_ready",
            "queue",
            "run_at",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_job_leased",
            "lease_until",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
        Index("ix_job_state", "tenant_id", "state", "id"),
        {"info": SYSTEM},
    )

    id: Mapped[UUID] = uuid_id()
    queue: Mapped[str] = mapped_column(String(40))
    """The owner's name: a queue a plugin, so that one plugin's flood holds up no other."""
    name: Mapped[str] = mapped_column(String(160))
    """A task's name, or `<event>><plugin>.<listener>`."""
    key: Mapped[str | None] = mapped_column(String(200))
    """Business identity: a second job of the same name and key is the same job."""
    event_id: Mapped[UUID | None] = mapped_column(Uuid())
    player_id: Mapped[UUID | None] = mapped_column(Uuid())
    """Whom the event is about: a player's events are done together, and in the same order everywhere."""
    payload: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    state: Mapped[str] = mapped_column(String(12), default=JobState.READY)
    run_at: Mapped[datetime] = mapped_column(Instant)
    handed_until: Mapped[datetime | None] = mapped_column(Instant)
    """Until when a ready job that was handed to a worker is not handed out again."""
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    takes: Mapped[int] = mapped_column(default=0)
    """How often a worker took it; a job that kills its worker is noticed by this."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it failed with an error."""
    attempts_max: Mapped[int] = mapped_column(default=8)
    error: Mapped[str | None] = mapped_column(Text)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    is_cancel_requested: Mapped[bool] = mapped_column(default=False)
    requested_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class ScheduleRow(TenantRow, Base):
    """When a tenant's periodic task runs next; an operator may pause it or change its cron line."""

    __tablename__ = "schedule"
    __table_args__ = (Index("ix_schedule_due", "next_at"), {"info": SYSTEM})

    task: Mapped[str] = mapped_column(String(160), primary_key=True)
    cron: Mapped[str | None] = mapped_column(String(80))
    """The operator's own line; without one the task's holds."""
    plan: Mapped[str] = mapped_column(String(160))
    """The cron line and time zone that `next_at` was computed from."""
    next_at: Mapped[datetime] = mapped_column(Instant)
    is_paused: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[str] = mapped_column(String(160))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ScheduleRunRow(TenantRow, Base):
    """One period of one periodic task: the key makes it run once, whoever schedules."""

    __tablename__ = "schedule_run"
    __table_args__ = {"info": SYSTEM}

    task: Mapped[str] = mapped_column(String(160), primary_key=True)
    period_start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    job_id: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(Instant)


class ElectionRow(Base):
    """Who does a duty that one process at a time should do, such as scheduling, and until when."""

    __tablename__ = "election"
    __table_args__ = {"info": SHARED}

    duty: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    lease_until: Mapped[datetime] = mapped_column(Instant)
