"""Write down what becomes of a notification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core.clock import uuid7
from pitboss.core.errors import NotFound
from pitboss.core.notifications.tables import NotificationRow, State, StepRow

if TYPE_CHECKING:
    from pitboss.core.context import Context

_NOTIFICATION = NotificationRow.__table__
_STEP = StepRow.__table__
FINAL = (State.READ, State.FAILED, State.SUPPRESSED)


def notification_row(ctx: Context, notification_id: UUID) -> Any:
    """Return a notification, or raise NotFound."""
    row = ctx.connection.execute(
        select(_NOTIFICATION).where(
            _NOTIFICATION.c.tenant_id == ctx.tenant.id, _NOTIFICATION.c.id == notification_id
        )
    ).first()
    if row is None:
        raise NotFound(f"no notification {notification_id}")
    return row


def move(ctx: Context, notification_id: UUID, state: str, detail: str | None = None, **values: Any) -> None:
    """Bring a notification into a state, and remember when."""
    change(ctx, notification_id, state=state, reason=detail, **values)
    step(ctx, notification_id, state, detail)


def change(ctx: Context, notification_id: UUID, **values: Any) -> None:
    """Change a notification without a new state."""
    ctx.connection.execute(
        update(_NOTIFICATION)
        .where(_NOTIFICATION.c.tenant_id == ctx.tenant.id, _NOTIFICATION.c.id == notification_id)
        .values(changed_at=ctx.clock.now(), **values)
    )


def step(ctx: Context, notification_id: UUID, state: str, detail: str | None) -> None:
    """Add a line to a notification's history."""
    ctx.connection.execute(
        insert(_STEP).values(
            tenant_id=ctx.tenant.id,
            id=uuid7(),
            notification_id=notification_id,
            state=state,
            at=ctx.clock.now(),
            detail=detail,
        )
    )


def steps_of(ctx: Context, notification_id: UUID) -> list[dict[str, Any]]:
    """Return a notification's history, oldest first."""
    rows = ctx.connection.execute(
        select(_STEP.c.state, _STEP.c.at, _STEP.c.detail)
        .where(_STEP.c.tenant_id == ctx.tenant.id, _STEP.c.notification_id == notification_id)
        .order_by(_STEP.c.id)
    )
    return [dict(row._mapping) for row in rows]
