"""What the background of the whole deployment does, over all tenants: for those who run it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from pitboss.core.jobs.operate import all_job_counts, oldest_ready_seconds
from pitboss.core.jobs.tables import ElectionRow, JobRow, JobState, ScheduleRow, ScheduleRunRow

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel

OVERDUE_SECONDS = 120
"""A schedule that is later than this says that no scheduler runs."""

_JOB, _ELECTION = JobRow.__table__, ElectionRow.__table__
_SCHEDULE, _RUN = ScheduleRow.__table__, ScheduleRunRow.__table__


@dataclass(slots=True)
class Queue:
    """The jobs of one plugin, by state."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)
    oldest_seconds: float | None = None
    """How long its oldest due job has been waiting."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """A process that holds jobs or a duty: its leases are its heartbeat."""

    name: str
    does: str
    lease_until: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A periodic task, over all tenants that have it."""

    task: str
    tenants: int
    paused: int
    overdue: int
    next_at: datetime | None
    last_at: datetime | None


def queues(kernel: Kernel) -> list[Queue]:
    """Return every queue that has or had jobs, by name."""
    found: defaultdict[str, Queue] = defaultdict(lambda: Queue(""))
    for (name, state), count in all_job_counts(kernel).items():
        found[name].counts[state] = count
    for name, seconds in oldest_ready_seconds(kernel).items():
        found[name].oldest_seconds = seconds
    for name, queue in found.items():
        queue.name = name
    return [found[name] for name in sorted(found)]


def at_work(kernel: Kernel) -> list[AtWork]:
    """Return who holds a duty, and who holds jobs; one without either is idle, and not seen here."""
    leases = (
        select(_JOB.c.leased_by, func.count(), func.max(_JOB.c.lease_until))
        .where(_JOB.c.state == JobState.LEASED)
        .group_by(_JOB.c.leased_by)
    )
    duties = select(_ELECTION.c.owner, _ELECTION.c.duty, _ELECTION.c.lease_until)
    now = kernel.clock.now()
    with kernel.database.system(read_only=True) as connection:
        held = [AtWork(owner, duty, until, until > now) for owner, duty, until in connection.execute(duties)]
        for owner, count, until in connection.execute(leases):
            does = f"{count:,} {'job' if count == 1 else 'jobs'}"
            held.append(AtWork(owner or "?", does, until, until > now))
    return sorted(held, key=lambda one: (one.is_alive, one.name))


def planned(kernel: Kernel) -> list[Planned]:
    """Return the periodic tasks, those that are overdue first."""
    late = kernel.clock.now() - timedelta(seconds=OVERDUE_SECONDS)
    is_on = _SCHEDULE.c.is_paused.is_(False)
    c: Any = _SCHEDULE.c
    next_ones = select(
        c.task,
        func.count().label("tenants"),
        func.count().filter(c.is_paused).label("paused"),
        func.count().filter(is_on, c.next_at < late).label("overdue"),
        func.min(c.next_at).filter(is_on).label("next_at"),
    ).group_by(c.task)
    last_ones = select(_RUN.c.task, func.max(_RUN.c.created_at)).group_by(_RUN.c.task)
    with kernel.database.system(read_only=True) as connection:
        last = {row[0]: row[1] for row in connection.execute(last_ones)}
        rows = connection.execute(next_ones).all()
    found = [
        Planned(row.task, row.tenants, row.paused, row.overdue, row.next_at, last.get(row.task))
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.overdue, one.task))
