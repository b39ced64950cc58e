"""What players are told about their rewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Channel, Message
from pitboss.core.money import Money
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext, grouped, in_words, marked, marked_plural, moment, ngettext, spoken

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


def _about(noun: str, title: str, doc: str, subject: str, body: str) -> Message:
    example = {
        "reward": "a free bet of 5.00 EUR",
        "validity": "It is valid until 5 December 2026, 20:59.",
        "what": "free bet",
        "amount": "5.00 EUR",
        "until": "5 December 2026, 20:59",
        "reason": "the campaign has ended",
    }
    name = f"loyalty.{noun}"
    return Message(name=name, title=title, doc=doc, subject=subject, body=body, example=example)


RECEIVED = _about(
    "reward_received",
    "A reward is received",
    "Sent to a player who is given a reward.",
    "For you: {reward}",
    "You have received {reward}. {validity}",
)
CLAIMABLE = _about(
    "reward_claimable",
    "A reward may be claimed",
    "Sent to a player who may claim a reward.",
    "Claim {reward}",
    "You can claim {reward}. {validity}",
)
EXPIRING = _about(
    "reward_expiring",
    "A reward expires soon",
    "Sent some days before a reward of a player expires.",
    "Do not miss {reward}",
    "You can use {reward} until {until}.",
)
BECAME_CASH = _about(
    "bonus_cashed",
    "A bonus became cash",
    "Sent to a player who has wagered a bonus in full.",
    "Your {what} became cash",
    "You wagered it in full: {amount} is cash now.",
)
EXPIRED = _about(
    "reward_expired",
    "A reward has expired",
    "Sent to a player whose reward has expired.",
    "Your {what} expired",
    "The time for {reward} is over.",
)
FORFEITED = _about(
    "reward_forfeited",
    "A reward is forfeited",
    "Sent to a player who loses a reward, by a withdrawal for example.",
    "Your {what} ended",
    "Your {what} of {amount} ended: {reason}.",
)
CANCELLED = _about(
    "reward_cancelled",
    "A reward is cancelled",
    "Sent to a player whose reward an operator has cancelled.",
    "Cancelled: {what}",
    "Your {what} of {amount} ended early: {reason}.",
)
TERMS = (RECEIVED, CLAIMABLE, EXPIRING, BECAME_CASH, EXPIRED, FORFEITED, CANCELLED)
_BY_STATUS: Mapping[str, Message] = {
    "active": RECEIVED,
    "claimable": CLAIMABLE,
    "expired": EXPIRED,
    "forfeited": FORFEITED,
    "cancelled": CANCELLED,
}


def tell(ctx: Context, reward: Row[Any], status: str) -> None:
    """Tell a player what became of a reward, where it is worth a message."""
    message = _BY_STATUS.get("active" if reward.type == "cash" and status == "completed" else status)
    if message is not None:
        send(ctx, reward, message)


def send(ctx: Context, reward: Row[Any], message: Message, *, amount: int | None = None) -> None:
    """Send one text about a reward; an amount stands in for that of the reward."""
    if reward.type not in TOLD:
        return
    amount = reward.amount if amount is None else amount
    notifications.notify(
        ctx, reward.player_id, message.name, lambda: _said(ctx, reward, amount), Channel.IN_APP
    )


def _said(ctx: Context, reward: Row[Any], amount: int) -> dict[str, str]:
    counted = reward.amount if reward.type == "free_spins" else 1
    said, until = _amount(ctx, reward, amount), _until(ctx, reward)
    return {
        "reward": _phrase(ctx, reward, said),
        "validity": ngettext(*(_VALID if reward.expires_at else _ENDLESS), counted, until=until),
        "what": spoken(reward.type).lower(),
        "amount": said,
        "until": until,
        "reason": retold(reward.reason) if reward.reason else gettext("by the operator"),
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
