"""What a player paid in and took out, for the timeline of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Happening, Moment
from pitboss.core.texts import spoken
from pitboss.core.timeline import amount, latest
from pitboss.plugins.payments.models import PaymentRow

_PAYMENT = PaymentRow.__table__


def timeline(ctx: Context, player_id: UUID, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield deposits and withdrawals."""
    for row in latest(ctx, _PAYMENT, player_id, before, limit, at="created_at"):
        yield Happening(
            Moment(row.created_at, row.id),
            f"{spoken(row.kind)}: {amount(ctx, row.amount, row.currency)}",
            f"{row.provider}, {spoken(row.state)}",
            url_for("payments_admin.payment", payment_id=row.id),
            "wallet",
        )
