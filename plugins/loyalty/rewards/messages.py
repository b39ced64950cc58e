"""What players are told about their rewards: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.money import Money

CHANNEL = "in_app"
GIVEN = ("what", "amount", "until", "reason")
TOLD = frozenset({"bonus", "cashback", "cash", "free_bet", "free_spins", "perk"})
"""Points and tickets come with each bet: nobody wants a message for each."""

NAMES: Mapping[str, str] = {
    "bonus": "bonus",
    "cashback": "cashback",
    "cash": "cash reward",
    "free_bet": "free bet",
    "free_spins": "free spins",
    "perk": "perk",
}
TEXTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "loyalty.reward_given": ("Yours: {what}", "{what} of {amount}, valid until: {until}.", GIVEN),
    "loyalty.reward_claimable": ("Claim your {what}", "Claim your {what} of {amount} until: {until}.", GIVEN),
    "loyalty.reward_expiring": (
        "Use your {what} soon",
        "Your {what} of {amount} can be used until: {until}.",
        GIVEN,
    ),
    "loyalty.bonus_completed": (
        "Your {what} became cash",
        "You wagered it in full: {amount} is cash now.",
        GIVEN,
    ),
    "loyalty.reward_expired": ("Your {what} expired", "The time for your {what} of {amount} is over.", GIVEN),
    "loyalty.reward_forfeited": ("Your {what} ended", "Your {what} of {amount} ended: {reason}.", GIVEN),
    "loyalty.reward_cancelled": (
        "Cancelled: {what}",
        "Your {what} of {amount} ended early: {reason}.",
        GIVEN,
    ),
}
_BY_STATUS: Mapping[str, str] = {
    "active": "loyalty.reward_given",
    "claimable": "loyalty.reward_claimable",
    "expired": "loyalty.reward_expired",
    "forfeited": "loyalty.reward_forfeited",
    "cancelled": "loyalty.reward_cancelled",
}


def tell(ctx: Context, reward: Row[Any], status: str) -> None:
    """Tell a player what became of a reward, where it is worth a message."""
    template = _BY_STATUS.get("active" if reward.type == "cash" and status == "completed" else status)
    if template is not None:
        send(ctx, reward, template)


def send(ctx: Context, reward: Row[Any], template: str, *, amount: int | None = None) -> None:
    """Send one text about a reward; an amount stands in for that of the reward."""
    if reward.type not in TOLD:
        return
    data = {
        "what": NAMES[reward.type],
        "amount": _amount(ctx, reward, reward.amount if amount is None else amount),
        "until": _until(ctx, reward),
        "reason": reward.reason or "by the operator",
    }
    notifications.notify(ctx, reward.player_id, template, data, CHANNEL)


def _amount(ctx: Context, reward: Row[Any], amount: int) -> str:
    if reward.type == "perk":
        return str((reward.detail or {}).get("terms", {}).get("perk", "1"))
    return f"{ctx.tenant.currencies.text(Money(amount, reward.unit))} {reward.unit}"


def _until(ctx: Context, reward: Row[Any]) -> str:
    if reward.expires_at is None:
        return "further notice"
    return f"{reward.expires_at.astimezone(ctx.tenant.zone):%Y-%m-%d %H:%M}"
