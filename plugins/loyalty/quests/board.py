"""What a player sees of missions and achievements: how far each is, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.plugins.loyalty import giving, rulebook
from pitboss.plugins.loyalty.quests import book
from pitboss.plugins.loyalty.quests.book import Mission
from pitboss.plugins.loyalty.quests.counting import Standing, standings
from pitboss.plugins.loyalty.quests.goals import Streak, progress, streak_of
from pitboss.plugins.loyalty.quests.tables import ProgressRow

_PROGRESS = ProgressRow.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One mission as its player sees it."""

    key: str
    kind: str
    title: str
    text: str
    period: str
    period_start: datetime
    done: str
    target: str
    unit: str
    percent: int
    sentence: str
    """Such as `7 of 10 bets`."""
    is_complete: bool
    completed_at: datetime | None
    reward: Mapping[str, Any] | None
    reward_id: UUID | None
    refused: str
    streak: Streak | None
    starts_at: datetime | None
    ends_at: datetime | None


def cards(ctx: Context, player_id: UUID, kind: str) -> list[Card]:
    """Return the active missions of a kind, as they stand now for a player."""
    now = ctx.clock.now()
    rows = book.list_missions(ctx, kind=kind, is_active=True)
    missions = [mission for mission in (book.read(ctx, row) for row in rows) if mission.is_open(now)]
    periods = {one.key: rulebook.period_start(ctx, one.period, now) for one in missions}
    reached = standings(ctx, player_id, periods)
    return [_card(ctx, mission, periods[mission.key], reached[mission.key], now) for mission in missions]


def figures(ctx: Context, key: str) -> dict[str, int]:
    """Return how many players began a mission, and how often it was completed."""
    return figures_of(ctx, [key])[key]


def figures_of(ctx: Context, keys: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the figures of several missions, in one query."""
    query = (
        select(
            _PROGRESS.c.mission,
            func.count(_PROGRESS.c.player_id.distinct()).label("players"),
            func.count(_PROGRESS.c.completed_at).label("completed"),
            func.count(_PROGRESS.c.reward_id).label("rewarded"),
        )
        .where(_PROGRESS.c.tenant_id == ctx.tenant.id, _PROGRESS.c.mission.in_(keys))
        .group_by(_PROGRESS.c.mission)
    )
    found = {row.mission: row for row in ctx.connection.execute(query)}
    names = ("players", "completed", "rewarded")
    return {key: {name: int(getattr(found.get(key), name, 0)) for name in names} for key in keys}


def _card(ctx: Context, mission: Mission, period: datetime, at: Standing, now: datetime) -> Card:
    found = progress(mission.goal, at.tally)
    done, target = _text(ctx, mission, found.done), _text(ctx, mission, found.target)
    unit = mission.unit or (ctx.tenant.currency if mission.is_money else "")
    is_streak = mission.goal.kind == "streak"
    return Card(
        key=mission.key,
        kind=mission.kind,
        title=mission.title,
        text=mission.text,
        period=mission.period,
        period_start=period,
        done=done,
        target=target,
        unit=unit,
        percent=100 * found.done // found.target,
        sentence=f"{done} of {target} {unit}".rstrip(),
        is_complete=at.completed_at is not None,
        completed_at=at.completed_at,
        reward=_reward(ctx, mission, at),
        reward_id=at.reward_id,
        refused=at.refused,
        streak=streak_of(mission.goal, at.tally, at=now) if is_streak else None,
        starts_at=mission.starts_at,
        ends_at=mission.ends_at,
    )


def _text(ctx: Context, mission: Mission, value: int) -> str:
    return ctx.tenant.currencies.text(Money(value, ctx.tenant.currency)) if mission.is_money else str(value)


def _reward(ctx: Context, mission: Mission, at: Standing) -> dict[str, Any] | None:
    """Say what it gives, or gave."""
    offer = at.reward or mission.reward
    if offer is None:
        return None
    amount = giving.amount_of(ctx, offer)
    return {
        "action": offer["action"],
        "amount": ctx.tenant.currencies.text(amount) if amount is not None else None,
        "unit": amount.currency if amount is not None else None,
    }
