"""Write and read the history of a payment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.plugins.payments.cards import without_cards
from pitboss.plugins.payments.models import ApprovalRow, LogRow, ReversalRow

_LOG, _APPROVAL, _REVERSAL = LogRow.__table__, ApprovalRow.__table__, ReversalRow.__table__


def write(
    ctx: Context,
    payment_id: UUID,
    what: str,
    text: str = "",
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Add a line to the history of a payment."""
    ctx.connection.execute(
        insert(_LOG),
        {
            "tenant_id": ctx.tenant.id,
            "id": uuid7(),
            "payment_id": payment_id,
            "what": what,
            "before": before,
            "after": after,
            "actor": ctx.actor.label,
            "text": without_cards(text),
            "at": ctx.clock.now(),
        },
    )


def history(ctx: Context, payment_id: UUID) -> list[Any]:
    """Return what happened to a payment, the oldest first."""
    return _of(ctx, _LOG, payment_id, _LOG.c.id)


def approvals(ctx: Context, payment_id: UUID, step: str | None = None) -> list[Any]:
    """Return who agreed to a payment, the oldest first."""
    found = _of(ctx, _APPROVAL, payment_id, _APPROVAL.c.id)
    return [row for row in found if step is None or row.step == step]


def reversals(ctx: Context, payment_id: UUID) -> list[Any]:
    """Return the refunds and disputes of a deposit, the oldest first."""
    return _of(ctx, _REVERSAL, payment_id, _REVERSAL.c.id)


def _of(ctx: Context, table: Any, payment_id: UUID, order: Any) -> list[Any]:
    query = select(table).where(table.c.tenant_id == ctx.tenant.id, table.c.payment_id == payment_id)
    return list(ctx.connection.execute(query.order_by(order)))
