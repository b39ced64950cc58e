"""The statements by which jobs change hands: handed out, started, reaped, given back.

A ready job is handed out (to Redis, or to a thread of this process) as a mere reference. Whoever starts
it first holds it, under a token of its own; every later statement about the job names that token, so
that a worker which lost its lease can change nothing. A reference may get lost, come twice or come late:
it is only a hint, and the row is the truth.

Leases are counted by the database's clock, so that a worker with a wrong clock takes nothing from others.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Integer,
    Row,
    Select,
    String,
    Uuid,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from pitboss.core.clock import SystemClock
from pitboss.core.jobs.tables import JobRow, JobState

HANDED_SECONDS = 4
"""A job that was handed out and not started within this time is handed out again."""
LEASE_SECONDS = 5
"""A started job whose worker is silent for this long is taken from it."""
REAP_MAX = 500
"""Jobs that one sweep takes from silent workers."""

Ref = tuple[int, UUID]
"""A job as a message names it: tenant and id."""
Moment = datetime | ColumnElement[datetime]
Now = Callable[[Connection], Moment]

_JOB = JobRow.__table__
_NOBODY = UUID(int=0)
# Written out, not bound: a planner recognises the partial indexes by the words themselves.
_IS_READY = _JOB.c.state == literal(JobState.READY.value, String, literal_execute=True)
_IS_LEASED = _JOB.c.state == literal(JobState.LEASED.value, String, literal_execute=True)
_HANDED = ("tenant_id", "id", "run_at", "event_id", "player_id", "takes")
_FREE = {"state": JobState.READY, "leased_by": None, "lease_until": None, "handed_until": None}


def database_now(connection: Connection) -> Moment:
    """Return the database's own time; SQLite's clock is that of this machine."""
    if connection.dialect.name == "sqlite":
        return SystemClock().now()
    return func.clock_timestamp(type_=DateTime(timezone=True))


def new_token() -> str:
    """Return a name for one start of some jobs, that also tells an operator where they run."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:16]}"


def is_waiting(connection: Connection, queue: str, now: Moment) -> bool:
    """Tell whether a queue has a job to hand out, without taking any lock."""
    ready = select(_JOB.c.id).where(_JOB.c.queue == queue, *_ready(now)).limit(1)
    return connection.execute(ready).first() is not None


def waiting_queues(connection: Connection, now: Moment) -> set[str]:
    """Return the queues that have a job to hand out."""
    return set(connection.scalars(select(_JOB.c.queue).where(*_ready(now)).distinct()))


def hand_out(connection: Connection, queue: str, limit: int, now: Moment) -> Sequence[Row[Any]]:
    """Take references of ready jobs, oldest first, and keep others from taking them for a while."""
    ready = (
        select(_JOB.c.tenant_id, _JOB.c.id)
        .where(_JOB.c.queue == queue, *_ready(now))
        .order_by(_JOB.c.run_at, _JOB.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    taken = connection.execute(
        update(_JOB)
        .where(_JOB.c.tenant_id == ready.c.tenant_id, _JOB.c.id == ready.c.id)
        .values(handed_until=now + timedelta(seconds=HANDED_SECONDS))
        .returning(*(_JOB.c[name] for name in _HANDED))
    ).all()
    return _by_player(taken)


def start(
    connection: Connection, refs: Iterable[Ref], takes: int, token: str, now: Moment
) -> Sequence[Row[Any]]:
    """Begin those of the jobs that are still to be done, and were taken so often; count the take.

    A message that comes after a later take would bring together again what was put into smaller packs
    since, because one of them takes its worker down.
    """
    conditions = (_JOB.c.state == JobState.READY, _JOB.c.run_at <= now, _JOB.c.takes == takes)
    # Twins of a message start at the same moment: one gets the jobs, the other nothing.
    ready = rows_of(connection, _JOB, refs, *conditions, is_locking=True).cte("ready")
    started = connection.execute(
        update(_JOB)
        .where(_JOB.c.tenant_id == ready.c.tenant_id, _JOB.c.id == ready.c.id)
        .values(
            state=JobState.LEASED,
            leased_by=token,
            lease_until=now + timedelta(seconds=LEASE_SECONDS),
            handed_until=None,
            takes=_JOB.c.takes + 1,
        )
        .returning(*_JOB.c)
    ).all()
    return _by_player(started)


def _by_player(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Put jobs in the one order in which they are packed and done.

    Workers that do many in one transaction lock what is a player's: in the same order, none waits for
    one that waits for it. What is of one player is neighbours, and in the order in which it happened.
    """
    return sorted(rows, key=lambda row: (row.player_id or _NOBODY, row.run_at, row.id))


def reap(connection: Connection, now: Moment) -> int:
    """Make the jobs of silent workers ready again; return how many."""
    expired = (
        select(_JOB.c.tenant_id, _JOB.c.id)
        .where(*_expired(now))
        .limit(REAP_MAX)
        # A locked job is being finished this very moment.
        .with_for_update(skip_locked=True)
        .cte("expired")
    )
    reaped = connection.execute(
        update(_JOB)
        .where(_JOB.c.tenant_id == expired.c.tenant_id, _JOB.c.id == expired.c.id)
        .values(**_FREE)
        # Counted by hand: Python's sqlite3 does not count what begins with WITH.
        .returning(_JOB.c.id)
    )
    return len(reaped.all())


def is_any_expired(connection: Connection, now: Moment) -> bool:
    """Tell whether there is something to reap, without taking any lock."""
    return connection.execute(select(_JOB.c.id).where(*_expired(now)).limit(1)).first() is not None


def rows_of(
    connection: Connection,
    table: FromClause,
    refs: Iterable[Ref],
    *conditions: ColumnElement[bool],
    is_locking: bool = False,
) -> Select[Any]:
    """Select rows of a table by their keys, at the same cost each however full the table is.

    A queue is mostly empty, and then suddenly is not: PostgreSQL's statistics know nothing of that, and
    for a list of keys it would rather read all of the tenant's rows. So each key is looked up on its own.
    """
    query = select(*table.c).where(*conditions)
    if is_locking:
        query = query.with_for_update(skip_locked=True)
    if connection.dialect.name == "sqlite":
        return query.where(tuple_(table.c.tenant_id, table.c.id).in_(list(refs)))
    tenant_ids, ids = zip(*refs, strict=True)
    given = func.unnest(literal(list(tenant_ids), ARRAY(Integer)), literal(list(ids), ARRAY(Uuid)))
    key = given.table_valued("tenant_id", "id", name="given").render_derived()
    found = query.where(table.c.tenant_id == key.c.tenant_id, table.c.id == key.c.id)
    # OFFSET 0 keeps the planner from turning the look-ups into a join.
    lookup = found.offset(0).lateral("found")
    return select(*lookup.c).select_from(key).join(lookup, true())


def give_back(connection: Connection, refs: Iterable[Ref]) -> None:
    """Let references that will not be used be handed out at once."""
    held = rows_of(connection, _JOB, refs, _JOB.c.state == JobState.READY).cte("held")
    connection.execute(
        update(_JOB)
        .where(_JOB.c.tenant_id == held.c.tenant_id, _JOB.c.id == held.c.id)
        .values(handed_until=None)
    )


def _ready(now: Moment) -> Sequence[ColumnElement[bool]]:
    return (
        _IS_READY,
        _JOB.c.run_at <= now,
        or_(_JOB.c.handed_until.is_(None), _JOB.c.handed_until < now),
    )


def _expired(now: Moment) -> Sequence[ColumnElement[bool]]:
    return (_IS_LEASED, _JOB.c.lease_until < now)
