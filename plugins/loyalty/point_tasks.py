"""Work on points and tiers in the background: expiry, warnings, and standings that are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty import ladder, players, standings, tier_messages
from pitboss.plugins.loyalty.lots import HOLDS_SOME, LOT, Lots
from pitboss.plugins.loyalty.standings import STANDING

PLAYERS_A_PIECE = 200
"""Players whose rows one transaction holds."""


def expire_points(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Expire what is left of each lot whose time is over, with one ledger entry each."""
    over = (HOLDS_SOME, LOT.c.expires_at <= ctx.clock.now(), LOT.c.left > LOT.c.held)

    def expire(player_id: UUID) -> None:
        players.lock(ctx, player_id)
        for unit in _units(ctx, player_id, *over):
            gone = Lots(ctx, player_id, unit).expire()
            if gone and unit == POINTS:
                standings.follow(ctx, player_id, -gone, counts=False)

    _for_players(ctx, LOT, over, expire)


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
            .where(*_of(ctx, LOT), LOT.c.player_id == player_id, *soon)
            .values(is_warned=True)
            .returning(LOT.c.unit, LOT.c.expires_at, (LOT.c.left - LOT.c.held).label("points"))
        )
        _tell_each_day(ctx, player_id, ctx.connection.execute(marked).all())

    if days:
        _for_players(ctx, LOT, soon, warn)


def judge_due(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Judge the players of whom a warning or a downgrade is due."""
    _for_players(ctx, STANDING, (STANDING.c.due_at <= ctx.clock.now(),), lambda id: _judge(ctx, id))


def judge_all(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Judge every player by a ladder that was saved; who was judged since is left out."""
    saved = ladder.of_version(ctx, payload["version"])
    _for_players(ctx, STANDING, (STANDING.c.judged_at <= saved.saved_at,), lambda id: _judge(ctx, id))


def _judge(ctx: Context, player_id: UUID) -> None:
    players.lock(ctx, player_id)
    standings.judge(ctx, player_id)


def _tell_each_day(ctx: Context, player_id: UUID, lots: Sequence[Row[Any]]) -> None:
    ends: dict[tuple[str, Any], list[Row[Any]]] = {}
    for lot in lots:
        ends.setdefault((lot.unit, lot.expires_at.astimezone(ctx.tenant.zone).date()), []).append(lot)
    for (unit, _), together in sorted(ends.items(), key=lambda item: item[0][1]):
        points, until = sum(lot.points for lot in together), min(lot.expires_at for lot in together)
        tier_messages.tell_expiry(ctx, player_id, points=points, unit=unit, until=until)


def _units(ctx: Context, player_id: UUID, *conditions: Any) -> list[str]:
    query = select(LOT.c.unit).where(*_of(ctx, LOT), LOT.c.player_id == player_id, *conditions).distinct()
    return sorted(ctx.connection.scalars(query))


def _for_players(ctx: Context, table: Any, conditions: Sequence[Any], do: Callable[[UUID], None]) -> None:
    """Do something for each player of whom a row meets the conditions, in pieces that are committed."""
    after = UUID(ctx.job.saved["after"]) if ctx.job is not None and ctx.job.saved else UUID(int=0)
    while found := _piece(ctx, table, conditions, after):
        for player_id in found:
            do(player_id)
        after = found[-1]
        if ctx.job is not None:
            ctx.job.checkpoint({"after": str(after)})


def _piece(ctx: Context, table: Any, conditions: Sequence[Any], after: UUID) -> list[UUID]:
    query = select(table.c.player_id).where(*_of(ctx, table), table.c.player_id > after, *conditions)
    ordered = query.distinct().order_by(table.c.player_id).limit(PLAYERS_A_PIECE)
    return list(ctx.connection.scalars(ordered))


def _of(ctx: Context, table: Any) -> tuple[Any, ...]:
    return (table.c.tenant_id == ctx.tenant.id,)


TASKS: tuple[Task, ...] = (
    Task(name="loyalty.expire_points", title="Expire points", run=expire_points, cron="*/5 * * * *"),
    Task(
        name="loyalty.warn_of_points",
        title="Warn of points that expire",
        run=warn_of_points,
        cron="20 * * * *",
    ),
    Task(name="loyalty.judge_tiers", title="Judge tiers that are due", run=judge_due, cron="*/5 * * * *"),
    Task(name=ladder.JUDGE_ALL, title="Judge every player by a new ladder", run=judge_all),
)
