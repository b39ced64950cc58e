"""How many of very many players a condition is for: counted for some of each time in which they came."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID
from weakref import WeakKeyDictionary

from cachetools import TTLCache
from sqlalchemy import func, select

from pitboss.core.context import Context
from pitboss.core.identity.tables import Player
from pitboss.core.kernel import Kernel
from pitboss.rules.segments.population import Population

SAMPLED_ABOVE = 100_000
"""Of more players than this, some are looked at."""
STRETCHES, STRETCH_PLAYERS = 20, 500
"""So many stretches of neighbours in the order of ids, which is that of registration, each of so many."""
SHOWN_MAX = 8
KEPT_SECONDS = 60

_PLAYER = Player.__table__
_totals: WeakKeyDictionary[Kernel, TTLCache[int, int]] = WeakKeyDictionary()


def count_players(ctx: Context) -> int:
    """Return how many players there are; where they are many, as of the last minute."""
    kept = _totals.setdefault(ctx.kernel, TTLCache(1_000, KEPT_SECONDS))
    found = kept.get(ctx.tenant.id)
    if found is None:
        query = select(func.count()).select_from(_PLAYER).where(_PLAYER.c.tenant_id == ctx.tenant.id)
        found = ctx.connection.scalar(query) or 0
        if found > SAMPLED_ABOVE:
            kept[ctx.tenant.id] = found
    return found


def count(ctx: Context, found: Population, total: int) -> tuple[int, int, Sequence[UUID]]:
    """Return the estimated count of those who match, of how many, and the ids of some."""
    looked, matching, some = 0, 0, list[UUID]()
    for after, until, players in stretches(ctx, STRETCHES, STRETCH_PLAYERS):
        looked += players
        inside = (found.player_id > after, found.player_id <= until)
        ids = ctx.connection.scalars(found.select().where(*inside)).all()
        matching += len(ids)
        some += ids[: SHOWN_MAX - len(some)]
    return round(total * matching / looked) if looked else 0, total, some


def stretches(ctx: Context, count: int, players: int) -> list[tuple[UUID, UUID, int]]:
    """Return from after which id until which id each stretch goes, and how many players are in it."""
    ours = select(_PLAYER.c.id).where(_PLAYER.c.tenant_id == ctx.tenant.id)
    ends = (ours.order_by(_PLAYER.c.id).limit(1), ours.order_by(_PLAYER.c.id.desc()).limit(1))
    first, last = (ctx.connection.scalars(end).one().int for end in ends)
    found, after = [], UUID(int=first - 1)
    for n in range(count):
        after = max(after, UUID(int=first - 1 + (last - first) * n // count))
        ids = ctx.connection.scalars(
            ours.where(_PLAYER.c.id > after).order_by(_PLAYER.c.id).limit(players)
        ).all()
        if ids:
            found.append((after, ids[-1], len(ids)))
            after = ids[-1]
    return found
