"""What platforms tell of a player's device, card, address and network, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Listener
from pitboss.core.events import Event
from pitboss.core.identity import find_player
from pitboss.core.identity.activity import read as read_activity
from pitboss.plugins.loyalty.abuse import traits
from pitboss.plugins.loyalty.referrals import referring

RECORDED = "loyalty.traits_recorded"


def tell(ctx: Context, player_id: UUID, values: Mapping[str, Sequence[str]]) -> int:
    """Take what was seen of a player, look at referrals again, and tell the world; return how much is new."""
    find_player(ctx, player_id)
    new = traits.record(ctx, player_id, values)
    if new:
        referring.screen(ctx, player_id, new)
        ctx.emit(RECORDED, {"kinds": sorted(new)}, player_id=player_id)
    return sum(len(found) for found in new.values())


def signed_in(ctx: Context, event: Event) -> None:
    """Take the network that a player signed in from."""
    if event.player_id is None:
        return
    found = read_activity(ctx, event.player_id, kind="signed_in", limit=1).entries
    if found and found[0].address:
        tell(ctx, event.player_id, {"ip": [found[0].address]})


LISTENERS = (Listener("core.player_signed_in", signed_in, name="take_network"),)
