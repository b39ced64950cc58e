"""Take events from outside: each checked on its own, and each done once by its sender's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import String, Uuid, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core import events
from pitboss.core.database import Base, Instant, TenantRow
from pitboss.core.errors import InvalidInput, TermMissing

if TYPE_CHECKING:
    from pitboss.core.context import Context

BATCH_EVENTS_MAX = 500
ID_CHARACTERS_MAX = 128


class ReceivedEvent(TenantRow, Base):
    """The sender's id of an event that was taken, so that it is taken once."""

    __tablename__ = "received_event"

    sender: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=-90)
    sender_id: Mapped[str] = mapped_column(String(ID_CHARACTERS_MAX), primary_key=True, sort_order=-89)
    event_id: Mapped[UUID] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it was sent."""

    id: str
    name: str
    payload: dict[str, Any]
    player_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one event: its id here, or why it was refused."""

    id: str
    event_id: UUID | None = None
    is_duplicate: bool = False
    error: InvalidInput | TermMissing | None = None


_RECEIVED = ReceivedEvent.__table__
_INSERT = {
    "sqlite": sqlite_insert(_RECEIVED).on_conflict_do_nothing().returning(_RECEIVED.c.sender_id),
    "postgresql": postgres_insert(_RECEIVED).on_conflict_do_nothing().returning(_RECEIVED.c.sender_id),
}


def take(ctx: Context, sender: str, sent: Sequence[Sent]) -> list[Taken]:
    """Emit what was sent and is new, in the caller's transaction; answer for each, in order."""
    refused: dict[int, InvalidInput | TermMissing] = {}
    prepared: dict[str, events.Event] = {}
    for index, one in enumerate(sent):
        try:
            event = _prepare(ctx, one)
        except (InvalidInput, TermMissing) as error:
            refused[index] = error
        else:
            prepared.setdefault(one.id, event)
    new = _claim(ctx, sender, prepared)
    if new:
        events.record(ctx, [event for key, event in prepared.items() if key in new])
    known = _known(ctx, sender, [key for key in prepared if key not in new])
    return [_taken(index, one, refused, prepared, new, known) for index, one in enumerate(sent)]


def _prepare(ctx: Context, one: Sent) -> events.Event:
    owned = ctx.view.terms.get(one.name)
    if owned is not None and owned.owner in ctx.kernel.registry.always_on:
        raise InvalidInput(f"{one.name!r} is an event of the platform: only the platform emits it")
    return events.prepare(ctx, one.name, one.payload, player_id=one.player_id)


def _claim(ctx: Context, sender: str, prepared: dict[str, events.Event]) -> set[str]:
    if not prepared:
        return set()
    rows = [
        {
            "tenant_id": ctx.tenant.id,
            "sender": sender,
            "sender_id": key,
            "event_id": event.id,
            "at": event.at,
        }
        # In one order for all senders, so that two batches never wait for each other.
        for key, event in sorted(prepared.items())
    ]
    found = ctx.connection.execute(_INSERT[ctx.connection.dialect.name], rows)
    return set(found.scalars())


def _known(ctx: Context, sender: str, ids: Sequence[str]) -> dict[str, UUID]:
    if not ids:
        return {}
    query = select(_RECEIVED.c.sender_id, _RECEIVED.c.event_id).where(
        _RECEIVED.c.tenant_id == ctx.tenant.id,
        _RECEIVED.c.sender == sender,
        _RECEIVED.c.sender_id.in_(ids),
    )
    return {row.sender_id: row.event_id for row in ctx.connection.execute(query)}


def _taken(
    index: int,
    one: Sent,
    refused: dict[int, InvalidInput | TermMissing],
    prepared: dict[str, events.Event],
    new: set[str],
    known: dict[str, UUID],
) -> Taken:
    if index in refused:
        return Taken(one.id, error=refused[index])
    if one.id in new:
        new.discard(one.id)  # the same id again in this batch is a duplicate
        return Taken(one.id, prepared[one.id].id)
    return Taken(one.id, known.get(one.id, prepared[one.id].id), is_duplicate=True)
