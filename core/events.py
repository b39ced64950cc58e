"""Events: what happened, written down in the transaction in which it happened.

`emit` appends to the event log and leaves one job for each listener of the tenant's plugins, so that
a listener that fails is retried alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import Index, String, Uuid, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core import contracts
from pitboss.core.clock import uuid7
from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow, uuid_id
from pitboss.core.database.rows import Piece, Written, insert_rows
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.jobs.queue import listener_jobs
from pitboss.core.webhooks.fanout import fan_out, is_taken

if TYPE_CHECKING:
    from pitboss.core.context import Context


class EventRow(TenantRow, Base):
    """The event log. `facts` are what rules were judged on, so that a decision can be replayed."""

    __tablename__ = "event_log"
    __table_args__ = (
        Index("ix_event_log_name", "tenant_id", "name", "id"),
        Index("ix_event_log_player", "tenant_id", "player_id", "id"),
        # Rows come in the order of time: so small an index finds a day, and costs a write next to nothing.
        Index("ix_event_log_at", "at", postgresql_using="brin"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    name: Mapped[str] = mapped_column(String(80))
    player_id: Mapped[UUID | None] = mapped_column(Uuid())
    payload: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    actor: Mapped[str] = mapped_column(String(160))
    request_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a listener receives it."""

    id: UUID
    name: str
    payload: Mapping[str, Any]
    at: datetime
    player_id: UUID | None = None
    facts: Mapping[str, Any] | None = None


_LOG = EventRow.__table__
_INSERT = insert(_LOG)


def emit(
    ctx: Context,
    name: str,
    payload: Mapping[str, Any],
    *,
    player_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Record an event and leave a job for each listener and webhook, in the caller's transaction."""
    event = prepare(ctx, name, payload, player_id=player_id, facts=facts)
    record(ctx, [event])
    return event


def prepare(
    ctx: Context,
    name: str,
    payload: Mapping[str, Any],
    *,
    player_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Return an event whose payload fits its schema, without recording it."""
    term = ctx.view.term(name, contracts.Event)
    plain = _checked(term, payload)
    return Event(uuid7(), term.name, plain, ctx.clock.now(), player_id or ctx.subject, facts)


def record(ctx: Context, events: Sequence[Event], rows: Sequence[Piece | Written] | None = None) -> None:
    """Record prepared events, with a job for each listener and webhook, in the caller's transaction.

    Whoever has the time makes their rows before. Not long before: those who follow the events by their
    ids see one that is committed within seconds of its making, and miss one that comes later.
    """
    taken = {name for name in {event.name for event in events} if is_taken(ctx, name)}
    for event in events:
        if event.name in taken:
            fan_out(ctx, event)
    insert_rows(ctx.connection, *(rows_of(ctx, events) if rows is None else rows))


def rows_of(ctx: Context, events: Sequence[Event]) -> tuple[Piece, Piece]:
    """Return the rows of prepared events and of a job for each listener: every operation pays for these."""
    return Piece(_INSERT, [_row(ctx, event) for event in events]), listener_jobs(ctx, events)


def _row(ctx: Context, event: Event) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": event.id,
        "name": event.name,
        "player_id": event.player_id,
        "payload": event.payload,
        "facts": dict(event.facts) if event.facts is not None else None,
        "actor": ctx.actor.label,
        "request_id": ctx.request_id,
        "at": event.at,
    }


def find_event(ctx: Context, event_id: UUID) -> Event:
    """Return one event of the log."""
    row = ctx.connection.execute(
        select(_LOG).where(_LOG.c.tenant_id == ctx.tenant.id, _LOG.c.id == event_id)
    ).first()
    if row is None:
        raise NotFound(f"no event {event_id}")
    return Event(row.id, row.name, row.payload, row.at, row.player_id, row.facts)


def _checked(term: contracts.Event, payload: Mapping[str, Any]) -> dict[str, Any]:
    schema = _schema(term.schema)
    try:
        loaded = schema.load(dict(payload))
    except ValidationError as error:
        raise InvalidInput.of(f"payload of {term.name!r}", error) from error
    dumped: dict[str, Any] = schema.dump(loaded)
    return dumped


_schemas: dict[type, Any] = {}


def _schema(kind: type) -> Any:
    # Building a marshmallow schema costs more than using it.
    if kind not in _schemas:
        _schemas[kind] = kind()
    return _schemas[kind]
