"""Is the plugin well?"""

from __future__ import annotations

from sqlalchemy import func, select

from acme_sample.cards import NAME
from acme_sample.models import Deck
from pitboss.core.kernel import Kernel

_DECK = Deck.__table__


def every_deck_is_there(kernel: Kernel) -> str | None:
    """Name the tenants that have the plugin switched on and no open deck."""
    without = [t.code for t in kernel.tenants.all() if NAME in t.enabled and not _has_deck(kernel, t.id)]
    if without:
        return f"no open deck for {', '.join(without)}: switch the plugin off and on again"
    return None


def _has_deck(kernel: Kernel, tenant_id: int) -> bool:
    with kernel.context(tenant_id) as ctx:
        query = select(func.count()).where(_DECK.c.tenant_id == tenant_id, _DECK.c.is_open)
        return bool(ctx.connection.scalar(query))
