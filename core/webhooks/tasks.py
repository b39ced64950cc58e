"""Housekeeping of webhooks: deliveries that are over are deleted in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitboss.core.contracts import Task
from pitboss.core.retention import delete_old
from pitboss.core.webhooks.tables import AttemptRow, DeliveryRow, DeliveryState

if TYPE_CHECKING:
    from pitboss.core.context import Context

ENDED = (DeliveryState.DELIVERED, DeliveryState.DEAD)


def purge(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Delete deliveries that are past their retention, with their attempts; return how many."""
    days = ctx.kernel.settings.deliveries_kept_days
    part_of = AttemptRow.__table__.c.delivery_id
    return delete_old(ctx, DeliveryRow.__table__, part_of, states=ENDED, kept_days=days)


TASKS = (
    Task(
        name="core.purge_deliveries",
        run=purge,
        title="Delete old webhook deliveries",
        cron="47 3 * * *",
    ),
)
