"""What was sent, for operators, and what providers report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.notifications.record import move, notification_row, steps_of
from pitboss.core.notifications.tables import NotificationRow, State

if TYPE_CHECKING:
    from pitboss.core.context import Context

PAGE_MAX = 500
_SHOWN = (
    "id", "target_kind", "target_id", "template", "channel", "category", "subject", "state", "reason",
    "attempts", "created_at", "changed_at",
)  # fmt: skip
_NEXT = {
    State.SENT: (State.DELIVERED, State.READ, State.FAILED),
    State.DELIVERED: (State.READ, State.FAILED),
}

_ROW = NotificationRow.__table__


def list_notifications(
    ctx: Context,
    *,
    target_id: UUID | None = None,
    state: str | None = None,
    template: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return what was sent, newest first; pass the last id as `after` for the next page."""
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidInput(f"limit: {limit} must be between 1 and {PAGE_MAX}")
    query = select(*(_ROW.c[name] for name in _SHOWN)).where(_ROW.c.tenant_id == ctx.tenant.id)
    for column, wanted in (("target_id", target_id), ("state", state), ("template", template)):
        if wanted is not None:
            query = query.where(_ROW.c[column] == wanted)
    if after is not None:
        query = query.where(_ROW.c.id < after)
    rows = ctx.connection.execute(query.order_by(_ROW.c.id.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]


def find_notification(ctx: Context, notification_id: UUID) -> dict[str, Any]:
    """Return one notification with its text and its history."""
    row = notification_row(ctx, notification_id)
    shown = {name: getattr(row, name) for name in (*_SHOWN, "body")}
    return shown | {"history": steps_of(ctx, notification_id)}


def report(ctx: Context, notification_id: UUID, state: str, detail: str | None = None) -> None:
    """Write down what a provider says became of a notification: delivered, read or failed."""
    row = notification_row(ctx, notification_id)
    if row.state == state:
        return
    if state not in _NEXT.get(row.state, ()):
        raise Conflict(f"a notification that is {row.state} does not become {state}")
    move(ctx, notification_id, state, detail)
