"""Times in which a player earns points faster, as campaigns and rules give them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Cause
from pitboss.core.errors import InvalidInput, Refused
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.points.tables import BoostRow

_BOOST = BoostRow.__table__


def multiplier(ctx: Context, player_id: UUID, at: datetime) -> Decimal:
    """Return how many times as many points a stake earns at an instant: the best of what runs then."""
    rows = ctx.connection.scalars(
        select(_BOOST.c.multiplier).where(
            _BOOST.c.tenant_id == ctx.tenant.id,
            _BOOST.c.player_id == player_id,
            _BOOST.c.starts_at <= at,
            _BOOST.c.ends_at > at,
        )
    )
    return max((Decimal(text) for text in rows), default=Decimal(1))


def give(ctx: Context, *, multiplier: Decimal, hours: int) -> UUID:
    """Let the subject earn points faster from now on, for some hours; return the boost."""
    if ctx.subject is None:
        raise InvalidInput("a boost is given to a player: say which with ctx.of(player_id)")
    if players.lock(ctx, ctx.subject).is_blocked:
        raise Refused("loyalty.boost_points", ["the player gets no rewards"])
    boost_id, now = uuid7(), ctx.clock.now()
    ctx.connection.execute(
        insert(_BOOST).values(
            tenant_id=ctx.tenant.id,
            id=boost_id,
            player_id=ctx.subject,
            multiplier=str(multiplier),
            cause_id=ctx.cause.id if ctx.cause else None,
            starts_at=now,
            ends_at=now + timedelta(hours=hours),
        )
    )
    return boost_id


def undo(ctx: Context, cause: Cause) -> None:
    """End the boosts of a cause now; what was earned with them stays."""
    now = ctx.clock.now()
    ctx.connection.execute(
        update(_BOOST)
        .where(_BOOST.c.tenant_id == ctx.tenant.id, _BOOST.c.cause_id == cause.id, _BOOST.c.ends_at > now)
        .values(ends_at=now)
    )
