"""Demo data: a player with a card that was scratched and one that was not."""

from __future__ import annotations

from uuid import NAMESPACE_DNS, UUID, uuid5

from acme_sample import cards
from pitboss.core.context import Context

PLAYER = uuid5(NAMESPACE_DNS, "player.acme-sample.test")


def load_demo(ctx: Context) -> None:
    """Give the demo player two cards and scratch the first."""
    first: UUID | None = ctx.of(PLAYER).act("acme_sample.give_card", key="demo:1", reason="welcome")
    ctx.act("acme_sample.give_card", key="demo:2", reason="birthday")
    if first is not None:
        cards.scratch(ctx, PLAYER, first)
