"""What a tier gives when it is entered: its actions, each under a key of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select

from pitboss.core.context import Context
from pitboss.core.contracts import Cause, Listener
from pitboss.core.errors import Refused
from pitboss.core.events import Event
from pitboss.plugins.loyalty import offers, players
from pitboss.plugins.loyalty.tiers import ladder, standings
from pitboss.plugins.loyalty.tiers.ladder import Saved
from pitboss.plugins.loyalty.tiers.law import Tier

_NAMESPACE = UUID("5d0a2a1e-6c0f-4f0e-9d43-0d4a0b6f7a31")
OPERATION = "loyalty.tier_benefit"
"""What guards are asked before the actions of a tier are done; they get the tier."""


def follow_change(ctx: Context, event: Event) -> None:
    """Do the actions of the tiers that were entered, or take them back with a bet that did not stand.

    A message of its own: an action that fails is tried again, and never stops the bet that reached the
    tier.
    """
    assert event.player_id is not None, "a tier is a player's"
    said = event.payload
    saved = ladder.of_version(ctx, said["ladder"])
    if said["is_upgrade"]:
        for tier in _between(saved, said["before"], said["after"]):
            _give(ctx, event, saved, tier)
    elif said["cause"] == standings.ROLLED_BACK:
        for tier in _between(saved, said["after"], said["before"]):
            _take_back(ctx, event, saved, tier)


def _between(saved: Saved, below: str, above: str) -> tuple[Tier, ...]:
    """Return the tiers above one, up to another: who leaps over a tier has its benefits too."""
    if not saved.has(above):
        return ()
    first = saved.ladder.place(below) + 1 if saved.has(below) else 0
    return saved.ladder.tiers[first : saved.ladder.place(above) + 1]


def _give(ctx: Context, event: Event, saved: Saved, tier: Tier) -> None:
    assert event.player_id is not None
    offered, at = tier.benefits["actions"], _at(event)
    if not offered or players.lock(ctx, event.player_id).is_blocked:
        return
    voided = _voided(ctx, event.player_id, saved, tier, at)
    if _was_there(ctx, event.player_id, saved, tier, at, since=voided[-1] if voided else None):
        return
    try:
        ctx.guard(OPERATION, tier)
        for place, offer in enumerate(offered):
            cause = _cause(ctx, event.player_id, saved, tier, f"{len(voided)}:{place}")
            offers.do(ctx, event.player_id, offer, cause)
    except Refused:
        # Somebody who may have no rewards now keeps the tier alone.
        return


def _take_back(ctx: Context, event: Event, saved: Saved, tier: Tier) -> None:
    assert event.player_id is not None
    earlier = len(_voided(ctx, event.player_id, saved, tier, _at(event))) - 1
    for place, offer in enumerate(tier.benefits["actions"]):
        cause = _cause(ctx, event.player_id, saved, tier, f"{earlier}:{place}")
        offers.undo(ctx, event.player_id, offer, cause)


def _was_there(
    ctx: Context, player_id: UUID, saved: Saved, tier: Tier, at: datetime, since: datetime | None
) -> bool:
    """Tell whether a player had reached a tier before: its actions are done once in a lifetime."""
    table = players.CHANGE
    query = select(func.count()).where(*_history(ctx, player_id, standings.WHAT), table.c.at < at)
    if since is not None:
        query = query.where(table.c.at > since)
    return bool(ctx.connection.scalar(query.where(table.c.after.in_(_from(saved, tier)))))


def _voided(ctx: Context, player_id: UUID, saved: Saved, tier: Tier, at: datetime) -> list[datetime]:
    """Return when a rollback took a tier away: after that it may be given anew."""
    table = players.CHANGE
    query = select(table.c.at).where(*_history(ctx, player_id, standings.VOIDED), table.c.at <= at)
    fallen = query.where(table.c.before.in_(_from(saved, tier))).order_by(table.c.at)
    return list(ctx.connection.scalars(fallen))


def _history(ctx: Context, player_id: UUID, what: str) -> tuple[Any, ...]:
    table = players.CHANGE
    return table.c.tenant_id == ctx.tenant.id, table.c.player_id == player_id, table.c.what == what


def _from(saved: Saved, tier: Tier) -> list[str]:
    return [one.code for one in saved.ladder.tiers[saved.ladder.place(tier.code) :]]


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event.payload["changed_at"])


def _cause(ctx: Context, player_id: UUID, saved: Saved, tier: Tier, nth: str) -> Cause:
    name = f"{ctx.tenant.id}:{player_id}:{tier.code}:{nth}"
    return Cause(uuid5(_NAMESPACE, name), f"tier:{tier.code.lower()}", saved.version)


LISTENERS = (Listener("loyalty.tier_changed", follow_change, name="tier_benefits"),)
