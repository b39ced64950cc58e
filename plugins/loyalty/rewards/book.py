"""The history of rewards: one row each, from being given to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.plugins.loyalty.rewards.messages import tell
from pitboss.plugins.loyalty.rewards.tables import RewardRow

Status = Literal["claimable", "pending", "active", "completed", "expired", "forfeited", "cancelled"]

OPEN: tuple[Status, ...] = ("claimable", "pending", "active")
"""What has not come to its end."""
BONUSES = ("bonus", "cashback")
FREE_PLAYS = ("free_bet", "free_spins")

_REWARD = RewardRow.__table__


def write(ctx: Context, values: dict[str, Any]) -> Row[Any]:
    """Write a reward down, and tell the world."""
    row = ctx.connection.execute(
        insert(_REWARD).values(tenant_id=ctx.tenant.id, **values).returning(_REWARD)
    ).one()
    ctx.emit("loyalty.reward_given", told_of(row), player_id=row.player_id)
    return row


def by_key(ctx: Context, key: str) -> Row[Any] | None:
    """Return the reward of a business key, if it was given."""
    return ctx.connection.execute(_mine(ctx).where(_REWARD.c.key == key)).first()


def find(ctx: Context, reward_id: UUID, *, player_id: UUID | None = None) -> Row[Any]:
    """Return one reward; with a player, only of theirs."""
    query = _mine(ctx).where(_REWARD.c.id == reward_id)
    if player_id is not None:
        query = query.where(_REWARD.c.player_id == player_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no reward {reward_id}")
    return row


def of_decision(ctx: Context, decision_id: UUID, types: Sequence[str] = ()) -> list[Row[Any]]:
    """Return what a decision gave, in order."""
    query = _mine(ctx).where(_REWARD.c.decision_id == decision_id).order_by(_REWARD.c.id)
    if types:
        query = query.where(_REWARD.c.type.in_(types))
    return list(ctx.connection.execute(query))


def count_of_decision(ctx: Context, decision_id: UUID) -> int:
    """Return how many rewards a decision gave so far."""
    query = select(func.count()).where(
        _REWARD.c.tenant_id == ctx.tenant.id, _REWARD.c.decision_id == decision_id
    )
    return int(ctx.connection.scalar(query) or 0)


def history(
    ctx: Context,
    player_id: UUID | None,
    *,
    statuses: Sequence[str] = (),
    types: Sequence[str] = (),
    rule: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return a player's rewards, or everybody's, the newest first."""
    query = _mine(ctx)
    for column, wanted in ((_REWARD.c.player_id, player_id), (_REWARD.c.rule, rule)):
        query = query if wanted is None else query.where(column == wanted)
    if statuses:
        query = query.where(_REWARD.c.status.in_(statuses))
    if types:
        query = query.where(_REWARD.c.type.in_(types))
    if before is not None:
        query = query.where(_REWARD.c.id < before)
    return list(ctx.connection.execute(query.order_by(_REWARD.c.id.desc()).limit(limit)))


# -- a reward moves on -----------------------------------------------------------------------------


def start(
    ctx: Context, row: Row[Any], *, status: Status, expires_at: datetime | None, warned_at: datetime | None
) -> Row[Any]:
    """Let a reward that was claimable or pending begin."""
    return _change(
        ctx,
        row.id,
        status=status,
        expires_at=expires_at,
        warned_at=warned_at,
        ended_at=None if status in OPEN else ctx.clock.now(),
        detail={name: value for name, value in row.detail.items() if name != "waits"},
    )


def end(ctx: Context, row: Row[Any], status: Status, reason: str = "") -> Row[Any]:
    """End a reward, tell the world and its player."""
    ended = _change(ctx, row.id, status=status, reason=reason, ended_at=ctx.clock.now())
    ctx.emit("loyalty.reward_ended", told_of(ended), player_id=ended.player_id)
    tell(ctx, ended, status)
    return ended


def reopen(ctx: Context, reward_id: UUID) -> Row[Any]:
    """Take back the end of a reward, because what ended it was rolled back."""
    return _change(ctx, reward_id, status="active", reason="", ended_at=None)


def due(
    ctx: Context, *, at: datetime, limit: int, types: Sequence[str], player_id: UUID | None = None
) -> list[Row[Any]]:
    """Return rewards whose time is over, in one order for all who lock their players."""
    query = _mine(ctx).where(
        _REWARD.c.status.in_(OPEN), _REWARD.c.expires_at <= at, _REWARD.c.type.in_(types)
    )
    if player_id is not None:
        query = query.where(_REWARD.c.player_id == player_id)
    first = query.order_by(_REWARD.c.expires_at).limit(limit)
    return sorted(ctx.connection.execute(first), key=lambda row: (row.player_id, row.id))


def mark_warned(ctx: Context, *, at: datetime, until: datetime, limit: int) -> list[Row[Any]]:
    """Mark rewards that expire soon as told of, and return them: each once."""
    soon = (
        select(_REWARD.c.id)
        .where(
            _REWARD.c.tenant_id == ctx.tenant.id,
            _REWARD.c.status.in_(OPEN),
            _REWARD.c.expires_at > at,
            _REWARD.c.expires_at <= until,
            _REWARD.c.warned_at.is_(None),
        )
        .limit(limit)
    )
    marked = (
        update(_REWARD)
        .where(_REWARD.c.tenant_id == ctx.tenant.id, _REWARD.c.id.in_(soon))
        .values(warned_at=at)
    )
    return list(ctx.connection.execute(marked.returning(_REWARD)))


def totals(ctx: Context, player_id: UUID) -> dict[str, int]:
    """Return how many rewards of each status a player has."""
    query = (
        select(_REWARD.c.status, func.count())
        .where(_REWARD.c.tenant_id == ctx.tenant.id, _REWARD.c.player_id == player_id)
        .group_by(_REWARD.c.status)
    )
    return {status: int(count) for status, count in ctx.connection.execute(query)}


def told_of(row: Row[Any]) -> dict[str, Any]:
    """Return a reward as the events tell of it."""
    return {
        "reward_id": row.id,
        "type": row.type,
        "amount": row.amount if row.unit not in ("PTS", "RWD", "TKT", "SPN") else 0,
        "units": row.amount if row.unit in ("PTS", "RWD", "TKT", "SPN") else 0,
        "unit": row.unit,
        "status": row.status,
        "rule": row.rule,
        "campaign": row.campaign,
    }


def _change(ctx: Context, reward_id: UUID, **values: Any) -> Row[Any]:
    changed = (
        update(_REWARD)
        .where(_REWARD.c.tenant_id == ctx.tenant.id, _REWARD.c.id == reward_id)
        .values(**values)
        .returning(_REWARD)
    )
    return ctx.connection.execute(changed).one()


def _mine(ctx: Context) -> Any:
    return select(_REWARD).where(_REWARD.c.tenant_id == ctx.tenant.id)
