"""Find payments by an id or a provider's reference, for the search of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Found
from pitboss.core.errors import NotFound
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.plugins.payments import book

LOOKED_AT_MAX = 6


def find(ctx: Context, text: str) -> Iterator[Found]:
    """Yield the payment with that id, or those that a provider knows by that reference."""
    try:
        found = [book.find(ctx, UUID(text))]
    except NotFound:
        return
    except ValueError:
        found = book.listed(ctx, reference=text, limit=LOOKED_AT_MAX)
    for one in found:
        amount = ctx.tenant.currencies.text(Money(one.amount, one.currency))
        url = url_for("payments_admin.payment", payment_id=one.id)
        yield Found(
            _(
                "%(what)s of %(amount)s %(currency)s",
                what=spoken(one.kind),
                amount=amount,
                currency=one.currency,
            ),
            url,
            f"{one.provider}, {spoken(one.state).lower()}",
        )
