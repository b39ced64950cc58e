"""For whom something is done: players for themselves, API keys and operators for a player they name."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, Refused
from pitboss.core.identity.tables import Player, Status
from pitboss.plugins.betting.slips.problems import PLACE

BET = "betting.bet"
READ = "betting.read"

_PLAYER = Player.__table__
# Built once: the placing of a bet by an API key asks it.
_STATUS = select(_PLAYER.c.status).where(
    _PLAYER.c.tenant_id == bindparam("tenant"), _PLAYER.c.id == bindparam("player")
)


def player_of(ctx: Context, said: UUID | None) -> UUID:
    """Return for whom a bet is placed, or refuse the caller."""
    if ctx.actor.kind == "player":
        own = ctx.actor.player_id
        if said not in (None, own):
            raise InvalidInput(
                f"player_id is {said}, and you are {own}: leave it out", {"player_id": ["Is somebody else."]}
            )
        return own
    ctx.actor.require(BET)
    if said is None:
        raise InvalidInput("for whom? give player_id, the id of the player", {"player_id": ["Missing."]})
    return _active(ctx, said)


def seen_by(ctx: Context) -> UUID | None:
    """Return whose bets the caller may see: a player's own, or None for everybody's."""
    if ctx.actor.kind == "player":
        return ctx.actor.player_id
    if not ctx.actor.may(BET):
        ctx.actor.require(READ)
    return None


def _active(ctx: Context, player_id: UUID) -> UUID:
    status = ctx.connection.scalar(_STATUS, {"tenant": ctx.tenant.id, "player": player_id})
    if status is None:
        raise InvalidInput(
            f"there is no player {player_id}: register the player first", {"player_id": ["Not known."]}
        )
    if status != Status.ACTIVE:
        raise Refused(PLACE, [f"the account of player {player_id} is {status}: activate it first"])
    return player_id
