"""Missions at work: what players do is counted, taken back when it is rolled back, and rewarded once.

All of it happens while the player's row is held, so two workers never complete one mission twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.contracts import ANY, Cause, Listener
from pitboss.core.errors import InvalidInput
from pitboss.core.events import Event
from pitboss.plugins.loyalty import giving, players, rulebook
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.quests import book, days, messages
from pitboss.plugins.loyalty.quests.book import Mission
from pitboss.plugins.loyalty.quests.goals import Mark, Tally, add, progress, take_back
from pitboss.plugins.loyalty.quests.tables import MarkRow, ProgressRow

COMPLETED, UNLOCKED = "loyalty.mission_completed", "loyalty.achievement_unlocked"

_MARK, _PROGRESS = MarkRow.__table__, ProgressRow.__table__


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that may count: a transaction, or an event of any plugin."""

    id: UUID
    player_id: UUID
    name: str
    at: datetime
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a player is with a mission, in one period."""

    tally: Tally = Tally()
    times: int = 0
    """How often it was completed: a number of the reward's key."""
    completed_at: datetime | None = None
    reward_id: UUID | None = None
    reward: Mapping[str, Any] | None = None
    """What was given when it was completed: what a rollback takes back."""
    refused: str = ""
    """Why there was no reward."""


# -- the effect, and the listener to other plugins' events -----------------------------------------


def taken(ctx: Context, tx: Transaction) -> None:
    """Count a transaction, for streaks and for the missions that follow its kind."""
    days.played(ctx, tx)
    count(ctx, Happened(tx.id, tx.player_id, tx.kind, tx.at, _fields(tx)))


def rolled_back(ctx: Context, tx: Transaction) -> None:
    """Take back what a transaction counted for, and the rewards that it completed."""
    uncount(ctx, tx.id)
    days.unplayed(ctx, tx)


def wants(ctx: Context, event: Event) -> bool:
    """Tell whether a mission counts an event."""
    if event.player_id is None or event.name in book.TOLD_OF:
        return False
    return book.is_followed(ctx, event.name)


def heard(ctx: Context, event: Event) -> None:
    """Count an event of any plugin, once."""
    if event.player_id is not None:
        players.lock(ctx, event.player_id)
        count(ctx, Happened(event.id, event.player_id, event.name, event.at, event.payload))


# -- counting --------------------------------------------------------------------------------------


def count(ctx: Context, happened: Happened) -> None:
    """Count something for each mission that follows it; the caller holds the player's row."""
    for mission in book.active(ctx, happened.name, happened.at):
        if mission.counts.lets_through(ctx, happened.fields):
            _count_for(ctx, mission, happened)


def uncount(ctx: Context, transaction_id: UUID) -> None:
    """Take something from every mission that it was counted for, whatever became of the mission since."""
    undone = (
        update(_MARK)
        .where(
            _MARK.c.tenant_id == ctx.tenant.id,
            _MARK.c.transaction_id == transaction_id,
            _MARK.c.is_undone.is_(False),
        )
        .values(is_undone=True)
    )
    for row in sorted(ctx.connection.execute(undone.returning(_MARK)), key=lambda found: found.mission):
        _uncount_for(ctx, book.read(ctx, book.find(ctx, row.mission)), row)


def standings(ctx: Context, player_id: UUID, periods: Mapping[str, datetime]) -> dict[str, Standing]:
    """Return how far a player is with missions, each in the period that began then; in one query."""
    query = select(_PROGRESS).where(
        _PROGRESS.c.tenant_id == ctx.tenant.id,
        _PROGRESS.c.player_id == player_id,
        _PROGRESS.c.mission.in_(periods),
        _PROGRESS.c.period_start.in_(set(periods.values())),
    )
    rows = {(row.mission, row.period_start): row for row in ctx.connection.execute(query)}
    found = {key: rows.get((key, start)) for key, start in periods.items()}
    return {key: _read(row) if row is not None else Standing() for key, row in found.items()}


def standing(ctx: Context, key: str, player_id: UUID, period: datetime) -> Standing:
    """Return how far a player is in one period."""
    row = ctx.connection.execute(
        select(_PROGRESS).where(*_is(ctx, key, player_id), _PROGRESS.c.period_start == period)
    ).first()
    return _read(row) if row is not None else Standing()


def recount(ctx: Context, mission: Mission, player_id: UUID, period: datetime) -> Tally:
    """Return what the tally should be, from the marks that stand."""
    query = select(_MARK.c.mark).where(
        _MARK.c.tenant_id == ctx.tenant.id,
        _MARK.c.mission == mission.key,
        _MARK.c.player_id == player_id,
        _MARK.c.period_start == period,
        _MARK.c.is_undone.is_(False),
    )
    tally = Tally()
    for said in ctx.connection.scalars(query):
        tally = add(mission.goal, tally, _mark_of(said))
    return tally


def _count_for(ctx: Context, mission: Mission, happened: Happened) -> None:
    mark = _mark(mission, happened)
    period = rulebook.period_start(ctx, mission.period, happened.at)
    before = standing(ctx, mission.key, happened.player_id, period)
    if mark is None:
        return
    try:
        tally = add(mission.goal, before.tally, mark)
    except InvalidInput:
        # A tally that remembers its most keys counts no more: the goal is far behind it.
        return
    if not _remember(ctx, mission, happened, period, mark):
        return
    after = replace(before, tally=tally)
    if before.completed_at is None and progress(mission.goal, tally).is_complete:
        after = _complete(ctx, mission, happened, period, after)
    _write(ctx, mission.key, happened.player_id, period, after)


def _uncount_for(ctx: Context, mission: Mission, row: Row[Any]) -> None:
    before = standing(ctx, mission.key, row.player_id, row.period_start)
    tally = take_back(mission.goal, before.tally, _mark_of(row.mark))
    after = replace(before, tally=tally)
    is_kept = mission.keeps_reward and before.reward is not None
    if before.completed_at is not None and not is_kept and not progress(mission.goal, tally).is_complete:
        after = _revoke(ctx, mission, row.player_id, row.period_start, after)
    _write(ctx, mission.key, row.player_id, row.period_start, after)


# -- completing, and taking back -------------------------------------------------------------------


def _complete(
    ctx: Context, mission: Mission, happened: Happened, period: datetime, reached: Standing
) -> Standing:
    player_id, now = happened.player_id, ctx.clock.now()
    if not mission.repeats and _was_completed(ctx, mission.key, player_id, period):
        return reached
    times = reached.times + 1
    given = None
    if mission.reward is not None:
        cause = _cause(ctx, mission, player_id, period, times, event_id=happened.id)
        given = giving.give(ctx, player_id, mission.reward, cause)
    payload = {
        "key": mission.key,
        "title": mission.title,
        "period_start": period.isoformat(),
        "times": times,
        "reward_id": given.reward_id if given else None,
    }
    is_mission = mission.kind == "mission"
    ctx.emit(COMPLETED if is_mission else UNLOCKED, payload, player_id=player_id)
    messages.tell_completed(ctx, player_id, mission.kind, mission.title)
    is_given = given is not None and not given.refused
    return Standing(
        reached.tally,
        times,
        now,
        given.reward_id if given else None,
        mission.reward if is_given else None,
        given.refused if given else "",
    )


def _revoke(ctx: Context, mission: Mission, player_id: UUID, period: datetime, reached: Standing) -> Standing:
    """Take a completion back, with its reward as it was given then."""
    if reached.reward is not None:
        cause = _cause(ctx, mission, player_id, period, reached.times)
        giving.take_back(ctx, player_id, reached.reward, cause)
    return Standing(reached.tally, reached.times)


def _cause(
    ctx: Context,
    mission: Mission,
    player_id: UUID,
    period: datetime,
    times: int,
    *,
    event_id: UUID | None = None,
) -> Cause:
    key = f"mission:{mission.key}:{player_id}:{period.isoformat()}:{times}"
    return giving.cause_of(ctx, key, source=mission.source, version=mission.version, event_id=event_id)


def _was_completed(ctx: Context, key: str, player_id: UUID, period: datetime) -> bool:
    """Tell whether it was completed in another period."""
    query = select(_PROGRESS.c.mission).where(
        *_is(ctx, key, player_id), _PROGRESS.c.completed_at.is_not(None), _PROGRESS.c.period_start != period
    )
    return ctx.connection.execute(query.limit(1)).first() is not None


# -- marks and tallies as they are stored ----------------------------------------------------------


def _mark(mission: Mission, happened: Happened) -> Mark | None:
    """Return what something adds; None where it says nothing of what the mission counts."""
    value = happened.fields.get(mission.of) if mission.of else None
    if mission.goal.kind == "sum":
        return Mark(at=happened.at, amount=value) if isinstance(value, int) and value > 0 else None
    if mission.goal.kind == "distinct":
        return None if value is None else Mark(at=happened.at, key=str(value)[:128])
    return Mark(at=happened.at)


def _mark_of(said: Mapping[str, Any]) -> Mark:
    return Mark(at=datetime.fromisoformat(said["at"]), amount=said["amount"], key=said["key"])


def _remember(ctx: Context, mission: Mission, happened: Happened, period: datetime, mark: Mark) -> bool:
    """Keep a mark; tell whether it was not kept before."""
    dialect_insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {
        "tenant_id": ctx.tenant.id,
        "mission": mission.key,
        "transaction_id": happened.id,
        "player_id": happened.player_id,
        "period_start": period,
        "mark": {**asdict(mark), "at": mark.at.isoformat()},
        "is_undone": False,
    }
    kept = dialect_insert(_MARK).on_conflict_do_nothing().returning(_MARK.c.mission)
    return ctx.connection.execute(kept, row).first() is not None


def _read(row: Row[Any]) -> Standing:
    said = row.tally
    return Standing(
        Tally(said["total"], said["seen"]),
        said["times"],
        row.completed_at,
        row.reward_id,
        said["reward"],
        said["refused"],
    )


def _write(ctx: Context, key: str, player_id: UUID, period: datetime, now: Standing) -> None:
    values = {
        "tally": {
            "total": now.tally.total,
            "seen": dict(now.tally.seen),
            "times": now.times,
            "reward": now.reward,
            "refused": now.refused,
        },
        "completed_at": now.completed_at,
        "reward_id": now.reward_id,
    }
    known = update(_PROGRESS).where(*_is(ctx, key, player_id), _PROGRESS.c.period_start == period)
    if ctx.connection.execute(known.values(**values).returning(_PROGRESS.c.mission)).first() is None:
        row = {"mission": key, "player_id": player_id, "period_start": period, **values}
        ctx.connection.execute(insert(_PROGRESS).values(tenant_id=ctx.tenant.id, **row))


def _is(ctx: Context, key: str, player_id: UUID) -> tuple[Any, ...]:
    return (
        _PROGRESS.c.tenant_id == ctx.tenant.id,
        _PROGRESS.c.mission == key,
        _PROGRESS.c.player_id == player_id,
    )


def _fields(tx: Transaction) -> dict[str, Any]:
    """Return a transaction as conditions and goals read it."""
    return {
        "kind": tx.kind,
        "amount": tx.amount,
        "stake": tx.amount if tx.kind == "wager" else None,
        "bonus_amount": tx.bonus_amount,
        "game": tx.game,
        "category": tx.category,
        "odds": float(tx.odds) if tx.odds is not None else None,
        "round": tx.round_id,
        "seconds": tx.seconds or None,
        "is_settled": tx.is_settled,
    }


LISTENERS = (Listener(ANY, heard, name="count_for_missions", wants=wants),)
