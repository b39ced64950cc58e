"""What a player, or an operator, finds in the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from pitboss.core.contracts import Channel
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.notifications.record import move
from pitboss.core.notifications.tables import Kind, NotificationRow, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pitboss.core.context import Context

PAGE_MAX = 500
MARKED_MAX = 500
"""Messages that are marked as read at once."""

_ROW = NotificationRow.__table__


@dataclass(frozen=True, slots=True)
class Message:
    """A message in an inbox."""

    id: UUID
    template: str
    category: str
    subject: str
    body: str
    is_read: bool
    created_at: datetime


def inbox(
    ctx: Context,
    target_id: UUID,
    *,
    kind: str = Kind.PLAYER,
    unread: bool = False,
    after: UUID | None = None,
    limit: int = 20,
) -> list[Message]:
    """Return messages in an inbox, newest first; pass the last id as `after` for the next page."""
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidInput(f"limit: {limit} must be between 1 and {PAGE_MAX}")
    query = select(_ROW).where(*_of(ctx, target_id, kind, unread=unread))
    if after is not None:
        query = query.where(_ROW.c.id < after)
    rows = ctx.connection.execute(query.order_by(_ROW.c.id.desc()).limit(limit))
    return [_message(row) for row in rows]


def unread_count(ctx: Context, target_id: UUID, *, kind: str = Kind.PLAYER) -> int:
    """Return how many messages wait to be read."""
    query = select(func.count()).select_from(_ROW).where(*_of(ctx, target_id, kind, unread=True))
    return ctx.connection.scalar(query) or 0


def mark_read(
    ctx: Context, target_id: UUID, notification_id: UUID | None = None, *, kind: str = Kind.PLAYER
) -> int:
    """Mark one message of an inbox, or all of them, as read; return how many were unread."""
    if notification_id is not None:
        _find(ctx, target_id, kind, notification_id)
    for found in (ids := _unread_ids(ctx, target_id, kind, notification_id)):
        move(ctx, found, State.READ)
    return len(ids)


def _unread_ids(ctx: Context, target_id: UUID, kind: str, notification_id: UUID | None) -> Sequence[UUID]:
    query = select(_ROW.c.id).where(*_of(ctx, target_id, kind, unread=True))
    if notification_id is not None:
        query = query.where(_ROW.c.id == notification_id)
    return ctx.connection.scalars(query.limit(MARKED_MAX).with_for_update()).all()


def _find(ctx: Context, target_id: UUID, kind: str, notification_id: UUID) -> None:
    query = select(_ROW.c.id).where(*_of(ctx, target_id, kind), _ROW.c.id == notification_id)
    if ctx.connection.scalar(query) is None:
        raise NotFound(f"no message {notification_id} in this inbox")


def _of(ctx: Context, target_id: UUID, kind: str, *, unread: bool = False) -> tuple[Any, ...]:
    states = [State.DELIVERED] if unread else [State.DELIVERED, State.READ]
    return (
        _ROW.c.tenant_id == ctx.tenant.id,
        _ROW.c.target_id == target_id,
        _ROW.c.target_kind == kind,
        _ROW.c.channel == Channel.IN_APP,
        _ROW.c.state.in_(states),
    )


def _message(row: Any) -> Message:
    return Message(
        row.id,
        row.template,
        row.category,
        row.subject,
        row.body,
        row.state == State.READ,
        row.created_at,
    )
