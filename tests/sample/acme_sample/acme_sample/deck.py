"""Open a tenant's deck when the plugin is switched on, and close it when it is switched off."""

from __future__ import annotations

from acme_sample.models import Deck
from pitboss.core.context import Context

STANDARD = "standard"


def tenant_enabled(ctx: Context) -> None:
    """Open the deck; switched on again, it is the same deck."""
    deck = ctx.session.get(Deck, (ctx.tenant.id, STANDARD))
    if deck is None:
        ctx.session.add(Deck(name=STANDARD, is_open=True, opened_at=ctx.clock.now()))
    else:
        deck.is_open = True
    ctx.session.flush()


def tenant_disabled(ctx: Context) -> None:
    """Close the deck; cards stay."""
    deck = ctx.session.get(Deck, (ctx.tenant.id, STANDARD))
    if deck is not None:
        deck.is_open = False
    ctx.session.flush()
