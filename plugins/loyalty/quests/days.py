"""Days on which a player came or played, in the tenant's time zone: streaks are counted from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.quests.goals import Streak, streak
from pitboss.plugins.loyalty.quests.tables import DayRow

VISIT = "loyalty.visit"
"""The metric of visits, one a day."""
VISITED = "loyalty.visited"
COUNTED = ("wager", "session")
"""What a player does that makes a day one of a streak."""
STREAK_DAYS_MAX = 1000
"""A longer streak is counted as so long."""

_DAY, _PLAYER = DayRow.__table__, LoyaltyPlayer.__table__


@dataclass(frozen=True, slots=True)
class Visit:
    """What the player sees who comes back."""

    is_first_today: bool
    streak: Streak


# -- what makes and unmakes a day ------------------------------------------------------------------


def played(ctx: Context, tx: Transaction) -> None:
    """Count a transaction to its day."""
    if tx.kind in COUNTED and _add(ctx, tx.player_id, local_day(ctx, tx.at), plays=1):
        _recount(ctx, tx.player_id)


def unplayed(ctx: Context, tx: Transaction) -> None:
    """Take a transaction from its day, which is no day of a streak once nothing is left of it."""
    if tx.kind not in COUNTED:
        return
    mine = _is(ctx, tx.player_id, local_day(ctx, tx.at))
    ctx.connection.execute(update(_DAY).where(*mine, _DAY.c.plays > 0).values(plays=_DAY.c.plays - 1))
    empty = delete(_DAY).where(*mine, _DAY.c.plays == 0, _DAY.c.visited_at.is_(None))
    if ctx.connection.execute(empty.returning(_DAY.c.day)).first() is not None:
        _recount(ctx, tx.player_id)


def visit(ctx: Context, player_id: UUID) -> Visit:
    """Remember that a player came today; the first time tells the world."""
    players.lock(ctx, player_id)
    now = ctx.clock.now()
    day = local_day(ctx, now)
    is_new_day = _add(ctx, player_id, day, plays=0)
    first = update(_DAY).where(*_is(ctx, player_id, day), _DAY.c.visited_at.is_(None)).values(visited_at=now)
    is_first = ctx.connection.execute(first.returning(_DAY.c.day)).first() is not None
    if is_new_day:
        _recount(ctx, player_id)
    standing = streak_of(ctx, player_id)
    if is_first:
        facts.record(ctx, player_id, VISIT, 1)
        ctx.emit(VISITED, {"day": day.isoformat(), "streak_days": standing.length}, player_id=player_id)
    return Visit(is_first, standing)


def streak_of(ctx: Context, player_id: UUID) -> Streak:
    """Return a player's streak as it stands today."""
    return streak(_days(ctx, player_id), today=local_day(ctx, ctx.clock.now()))


def end_streaks(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Set the streak of everybody to nothing who was not there yesterday, nor yet today."""
    yesterday = local_day(ctx, ctx.clock.now()) - timedelta(days=1)
    ctx.connection.execute(
        update(_PLAYER)
        .where(
            _PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.streak_days > 0, _PLAYER.c.streak_on < yesterday
        )
        .values(streak_days=0)
    )


def local_day(ctx: Context, at: datetime) -> date:
    """Return the day of the tenant's calendar that an instant lies in."""
    return at.astimezone(ctx.tenant.zone).date()


# -- helpers ---------------------------------------------------------------------------------------


def _add(ctx: Context, player_id: UUID, day: date, *, plays: int) -> bool:
    """Count to a day; tell whether it is new."""
    row = {"tenant_id": ctx.tenant.id, "player_id": player_id, "day": day, "plays": plays}
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    made = insert(_DAY).on_conflict_do_nothing().returning(_DAY.c.day)
    if ctx.connection.execute(made, row).first() is not None:
        return True
    if plays:
        mine = _is(ctx, player_id, day)
        ctx.connection.execute(update(_DAY).where(*mine).values(plays=_DAY.c.plays + plays))
    return False


def _recount(ctx: Context, player_id: UUID) -> None:
    days = _days(ctx, player_id)
    # The last day counts, and not today: a late transaction must not make a streak look broken or whole.
    found = streak(days, today=days[0]) if days else None
    is_broken = found is None or days[0] < local_day(ctx, ctx.clock.now()) - timedelta(days=1)
    players.change(
        ctx,
        player_id,
        streak_days=0 if is_broken or found is None else found.length,
        streak_on=days[0] if days else None,
    )


def _days(ctx: Context, player_id: UUID) -> list[date]:
    """Return the last days of a player, the newest first."""
    query = (
        select(_DAY.c.day)
        .where(_DAY.c.tenant_id == ctx.tenant.id, _DAY.c.player_id == player_id)
        .order_by(_DAY.c.day.desc())
        .limit(STREAK_DAYS_MAX)
    )
    return list(ctx.connection.scalars(query))


def _is(ctx: Context, player_id: UUID, day: date) -> tuple[Any, ...]:
    return (_DAY.c.tenant_id == ctx.tenant.id, _DAY.c.player_id == player_id, _DAY.c.day == day)


TASKS = (Task(name="loyalty.end_streaks", title="End broken streaks", run=end_streaks, cron="5 0 * * *"),)
