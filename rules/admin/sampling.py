"""How many of very many players a condition is for: counted for some of each time in which they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
STRATA = 10
"""Into so many times of equal length the players are put, by their ids: those tell when they came."""
LOOKED_MAX = 10_000
"""So many are looked at in SQL: neighbours in each time, as many of it as it has of all players."""
SHOWN_MAX = 8
KEPT_SECONDS = 60

_PLAYER = Player.__table__


@dataclass(frozen=True, slots=True)
class Stratum:
    """The players who came in one of the times: those with ids after one, until another."""

    after: UUID
    until: UUID
    players: int


class Estimate:
    """How many match, where what was found among some of each stratum stands for all of it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.looked = 0
        self.some: list[UUID] = []
        self._count = 0.0

    @property
    def count(self) -> int:
        """How many match in all."""
        return round(self._count)

    def add(self, stratum: Stratum, looked: int, matching: Sequence[UUID]) -> None:
        """Take in how many of a stratum were looked at, and who of them matched."""
        self.looked += looked
        self.some += matching[: SHOWN_MAX - len(self.some)]
        self._count += stratum.players * len(matching) / looked if looked else 0


_strata: WeakKeyDictionary[Kernel, TTLCache[int, Sequence[Stratum]]] = WeakKeyDictionary()


def count_players(ctx: Context) -> int:
    """Return how many players there are; where they are many, as of the last minute."""
    return sum(stratum.players for stratum in strata(ctx))


def strata(ctx: Context) -> Sequence[Stratum]:
    """Return how many players came when; where they are many, as of the last minute."""
    kept = _strata.setdefault(ctx.kernel, TTLCache(1_000, KEPT_SECONDS))
    found = kept.get(ctx.tenant.id)
    if found is None:
        found = _counted(ctx)
        if sum(stratum.players for stratum in found) > SAMPLED_ABOVE:
            kept[ctx.tenant.id] = found
    return found


def shares(ctx: Context, most: int) -> Iterator[tuple[Stratum, int]]:
    """Yield each stratum in which there are players, with how many of `most` are to be looked at in it."""
    every = strata(ctx)
    total = sum(stratum.players for stratum in every)
    for stratum in every:
        if stratum.players:
            yield stratum, -(-most * stratum.players // total)


def estimated(ctx: Context, found: Population) -> Estimate:
    """Return about how many match, with the ids of some."""
    estimate = Estimate()
    for stratum, share in shares(ctx, LOOKED_MAX):
        near = (_PLAYER.c.id > stratum.after, _PLAYER.c.id <= stratum.until)
        ids = select(_PLAYER.c.id).where(_PLAYER.c.tenant_id == ctx.tenant.id, *near).order_by(_PLAYER.c.id)
        looked = ctx.connection.scalars(ids.limit(share)).all()
        if looked:
            inside = (found.player_id > stratum.after, found.player_id <= looked[-1])
            estimate.add(stratum, len(looked), ctx.connection.scalars(found.select().where(*inside)).all())
    return estimate


def _counted(ctx: Context) -> Sequence[Stratum]:
    ours = _PLAYER.c.tenant_id == ctx.tenant.id
    ends = ctx.connection.execute(
        select(
            *(
                select(_PLAYER.c.id).where(ours).order_by(order).limit(1).scalar_subquery()
                for order in (_PLAYER.c.id, _PLAYER.c.id.desc())
            )
        )
    ).one()
    if ends[0] is None:
        return ()
    first, last = ends[0].int - 1, ends[1].int
    edges = list(pairwise(UUID(int=first + (last - first) * n // STRATA) for n in range(STRATA + 1)))
    counts = (
        select(func.count()).select_from(_PLAYER).where(ours, _PLAYER.c.id > after, _PLAYER.c.id <= until)
        for after, until in edges
    )
    found = ctx.connection.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return [Stratum(*edge, players) for edge, players in zip(edges, found, strict=True)]
