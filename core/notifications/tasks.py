"""Housekeeping of notifications: what was sent long ago is deleted in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitboss.core.contracts import Task
from pitboss.core.notifications.tables import NotificationRow, State, StepRow
from pitboss.core.retention import delete_old

if TYPE_CHECKING:
    from pitboss.core.context import Context

ENDED = tuple(state for state in State if state is not State.QUEUED)


def purge(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Delete notifications that are past their retention, with their steps; return how many."""
    days = ctx.kernel.settings.notifications_kept_days
    part_of = StepRow.__table__.c.notification_id
    return delete_old(ctx, NotificationRow.__table__, part_of, states=ENDED, kept_days=days)


TASKS = (
    Task(
        name="core.purge_notifications",
        run=purge,
        title="Delete old notifications",
        cron="53 3 * * *",
    ),
)
