"""Rewards in points: loyalty points and reward points, given as a lot of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.ledger.wallet import POINTS, REWARD_POINTS
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.points import book
from pitboss.plugins.loyalty.rewards import book as rewardbook

TYPES: Mapping[str, str] = {POINTS: "points", REWARD_POINTS: "reward_points"}
"""What the history of rewards calls each unit."""


def prepare(ctx: Context, terms: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - a kind's signature
    """Return the terms that the reward is kept with."""
    return {"expiry_hours": terms.get("expiry_hours")}


def deliver(ctx: Context, reward: Row[Any]) -> None:
    """Add the points to the player's wallet."""
    book.give(
        ctx,
        reward.player_id,
        reward.amount,
        unit=reward.unit,
        cause_id=reward.id,
        expiry_hours=reward.detail["terms"].get("expiry_hours"),
        reason=f"rule {reward.rule}" if reward.rule else None,
    )


def expire(ctx: Context, reward: Row[Any]) -> None:
    """End a reward that nobody claimed; points that were delivered expire with their lot."""
    rewardbook.end(ctx, reward, "expired", marked("its time is over"))


def revoke(ctx: Context, reward: Row[Any], reason: str) -> None:
    """Cancel a reward that was not delivered."""
    rewardbook.end(ctx, reward, "cancelled", reason)


def take_back(ctx: Context, reward: Row[Any]) -> None:
    """Take the points back: from their own lot, then from others, and the rest is owed."""
    book.take_back(ctx, reward.id)
