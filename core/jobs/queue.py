"""Ask for work: rows written in the transaction of what caused them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Listener, Task
from pitboss.core.database.rows import Piece
from pitboss.core.errors import TermMissing, nearest
from pitboss.core.jobs.tables import JobRow, JobState
from pitboss.core.registry import listener_name

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.events import Event
    from pitboss.core.registry import Registry

_JOB = JobRow.__table__
_INSERT = insert(_JOB)


def queues_of(registry: Registry) -> list[str]:
    """Return every queue that this process can serve: the plugins that have listeners or tasks."""
    listeners = {o.owner for o in registry.all("register_listeners") if isinstance(o.item, Listener)}
    return sorted(listeners | {o.owner for o in registry.all("register_tasks")})


def enqueue(
    ctx: Context,
    name: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    delay_seconds: float = 0,
) -> UUID | None:
    """Ask for a task of the tenant's plugins; return its id, or None when that key was asked before."""
    owned = ctx.view.tasks.get(name)
    if owned is None:
        raise TermMissing(f"no task {name!r} for this tenant; {nearest(name, list(ctx.view.tasks))}")
    task: Task = owned.item
    row = _row(ctx, owned.owner, name, dict(payload or {}), attempts_max=task.attempts_max)
    row["key"] = key
    row["run_at"] += timedelta(seconds=delay_seconds)
    dialect_insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = dialect_insert(_JOB).on_conflict_do_nothing(index_elements=["tenant_id", "name", "key"])
    written: UUID | None = ctx.connection.execute(statement.returning(_JOB.c.id), row).scalar()
    return written


def listener_jobs(ctx: Context, events: Sequence[Event]) -> Piece:
    """Return one job for each listener to each event, to be written with the events."""
    listening = {name: _listening(ctx, name) for name in {event.name for event in events}}
    rows = [
        {**job, "id": uuid7(), "event_id": event.id, "player_id": event.player_id}
        for event in events
        for job, listener in listening[event.name]
        if listener.wants is None or listener.wants(ctx, event)
    ]
    return Piece(_INSERT, rows)


def _listening(ctx: Context, event: str) -> list[tuple[dict[str, Any], Listener]]:
    """Return what is the same in the jobs of each who listens to an event."""
    found = []
    for owned in ctx.view.listening(event):
        name = f"{event}>{owned.owner}.{listener_name(owned.item)}"
        found.append((_row(ctx, owned.owner, name, {}, attempts_max=owned.item.attempts_max), owned.item))
    return found


def _row(
    ctx: Context,
    queue: str,
    name: str,
    payload: dict[str, Any],
    *,
    attempts_max: int,
) -> dict[str, Any]:
    now = ctx.clock.now()
    return {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "queue": queue,
        "name": name,
        "key": None,
        "payload": payload,
        "event_id": None,
        "player_id": None,
        "state": JobState.READY,
        "run_at": now,
        "attempts_max": attempts_max,
        "requested_by": ctx.actor.label,
        "created_at": now,
        "takes": 0,
        "attempts": 0,
        "progress_done": 0,
        "progress_total": 0,
        "is_cancel_requested": False,
    }
