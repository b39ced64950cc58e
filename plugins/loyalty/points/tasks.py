"""Work on points in the background: expiry, and warnings of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.players.sweeping import for_players
from pitboss.plugins.loyalty.points.lots import HOLDS_SOME, LOT, Lots
from pitboss.plugins.loyalty.tiers import messages as tier_messages
from pitboss.plugins.loyalty.tiers import standings


def expire_points(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Expire what is left of each lot whose time is over, with one ledger entry each."""
    over = (HOLDS_SOME, LOT.c.expires_at <= ctx.clock.now(), LOT.c.left > LOT.c.held)

    def expire(player_id: UUID) -> None:
        players.lock(ctx, player_id)
        for unit in _units(ctx, player_id, *over):
            gone = Lots(ctx, player_id, unit).expire()
            if gone and unit == POINTS:
                standings.follow(ctx, player_id, -gone, counts=False)

    for_players(ctx, LOT, over, expire)


def warn_of_points(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Tell players of points that expire soon: once for each lot, those of one day together."""
    days, now = ctx.settings("loyalty")["points_warning_days"], ctx.clock.now()
    soon = (
        HOLDS_SOME,
        LOT.c.expires_at > now,
        LOT.c.expires_at <= now + timedelta(days=days),
        LOT.c.left > LOT.c.held,
        LOT.c.is_warned.is_(False),
    )

    def warn(player_id: UUID) -> None:
        players.lock(ctx, player_id)
        marked = (
            update(LOT)
            .where(LOT.c.tenant_id == ctx.tenant.id, LOT.c.player_id == player_id, *soon)
            .values(is_warned=True)
            .returning(LOT.c.unit, LOT.c.expires_at, (LOT.c.left - LOT.c.held).label("points"))
        )
        _tell_each_day(ctx, player_id, ctx.connection.execute(marked).all())

    if days:
        for_players(ctx, LOT, soon, warn)


def _tell_each_day(ctx: Context, player_id: UUID, lots: Sequence[Row[Any]]) -> None:
    ends: dict[tuple[str, Any], list[Row[Any]]] = {}
    for lot in lots:
        ends.setdefault((lot.unit, lot.expires_at.astimezone(ctx.tenant.zone).date()), []).append(lot)
    for (unit, _), together in sorted(ends.items(), key=lambda item: item[0][1]):
        points, until = sum(lot.points for lot in together), min(lot.expires_at for lot in together)
        tier_messages.tell_expiry(ctx, player_id, points=points, unit=unit, until=until)


def _units(ctx: Context, player_id: UUID, *conditions: Any) -> list[str]:
    query = (
        select(LOT.c.unit)
        .where(LOT.c.tenant_id == ctx.tenant.id, LOT.c.player_id == player_id, *conditions)
        .distinct()
    )
    return sorted(ctx.connection.scalars(query))


TASKS: tuple[Task, ...] = (
    Task(name="loyalty.expire_points", title="Expire points", run=expire_points, cron="*/5 * * * *"),
    Task(
        name="loyalty.warn_of_points",
        title="Warn of points that expire",
        run=warn_of_points,
        cron="20 * * * *",
    ),
)
