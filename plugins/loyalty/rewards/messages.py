"""What players are told about their rewards: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.core.texts import (
    gettext,
    grouped,
    in_words,
    marked,
    marked_plural,
    moment,
    ngettext,
    speaking,
    spoken,
)

CHANNEL = "in_app"
GIVEN = ("reward", "validity", "what", "amount", "until", "reason")
TOLD = frozenset({"bonus", "cashback", "cash", "free_bet", "free_spins", "perk"})
"""Points and tickets come with each bet: nobody wants a message for each."""

_PHRASES: Mapping[str, str] = {
    "bonus": marked("a bonus of %(amount)s"),
    "cashback": marked("cashback of %(amount)s"),
    "cash": marked("a cash reward of %(amount)s"),
    "free_bet": marked("a free bet of %(amount)s"),
    "perk": marked("a perk: %(amount)s"),
}
_SPINS = marked_plural("%(amount)s free spin", "%(amount)s free spins")
_VALID = marked_plural("It is valid until %(until)s.", "They are valid until %(until)s.")
_ENDLESS = marked_plural("It does not expire.", "They do not expire.")

TEXTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "loyalty.reward_given": (
        marked("For you: {reward}"),
        marked("You have received {reward}. {validity}"),
        GIVEN,
    ),
    "loyalty.reward_claimable": (
        marked("Claim {reward}"),
        marked("You can claim {reward}. {validity}"),
        GIVEN,
    ),
    "loyalty.reward_expiring": (
        marked("Do not miss {reward}"),
        marked("You can use {reward} until {until}."),
        GIVEN,
    ),
    "loyalty.bonus_completed": (
        marked("Your {what} became cash"),
        marked("You wagered it in full: {amount} is cash now."),
        GIVEN,
    ),
    "loyalty.reward_expired": (
        marked("Your {what} expired"),
        marked("The time for {reward} is over."),
        GIVEN,
    ),
    "loyalty.reward_forfeited": (
        marked("Your {what} ended"),
        marked("Your {what} of {amount} ended: {reason}."),
        GIVEN,
    ),
    "loyalty.reward_cancelled": (
        marked("Cancelled: {what}"),
        marked("Your {what} of {amount} ended early: {reason}."),
        GIVEN,
    ),
}
"""By template, the subject, the body, and what the sender gives."""
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
    with speaking(notifications.language_for(ctx, reward.player_id, template, CHANNEL)):
        data = _said(ctx, reward, reward.amount if amount is None else amount)
    notifications.notify(ctx, reward.player_id, template, data, CHANNEL)


def _said(ctx: Context, reward: Row[Any], amount: int) -> dict[str, str]:
    counted = reward.amount if reward.type == "free_spins" else 1
    said, until = _amount(ctx, reward, amount), _until(ctx, reward)
    return {
        "reward": _phrase(ctx, reward, said),
        "validity": ngettext(*(_VALID if reward.expires_at else _ENDLESS), counted, until=until),
        "what": spoken(reward.type).lower(),
        "amount": said,
        "until": until,
        "reason": reward.reason or gettext("by the operator"),
    }


def _phrase(ctx: Context, reward: Row[Any], amount: str) -> str:
    if reward.type == "free_spins":
        return ngettext(*_SPINS, reward.amount, amount=_number(ctx, reward, reward.amount))
    return gettext(_PHRASES[reward.type], amount=amount)


def _amount(ctx: Context, reward: Row[Any], amount: int) -> str:
    if reward.type == "perk":
        return in_words(str((reward.detail or {}).get("terms", {}).get("perk", "1")))
    return f"{_number(ctx, reward, amount)} {reward.unit}"


def _number(ctx: Context, reward: Row[Any], amount: int) -> str:
    return grouped(ctx.tenant.currencies.text(Money(amount, reward.unit)))


def _until(ctx: Context, reward: Row[Any]) -> str:
    if reward.expires_at is None:
        return gettext("further notice")
    return moment(reward.expires_at.astimezone(ctx.tenant.zone))
