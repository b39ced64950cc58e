"""What both sides of a referral are told."""

from __future__ import annotations

from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Channel, Message

REFERRER = Message(
    name="loyalty.friend_rewarded",
    title="A friend has qualified",
    doc="Sent to a player when a friend whom they brought has done all that was asked.",
    subject="Your friend is in",
    body="{friend} has done all that was asked: your reward is on its way.",
    example={"friend": "Be***"},
)
FRIEND = Message(
    name="loyalty.referral_rewarded",
    title="A friend's own reward",
    doc="Sent to a player whom a friend brought, when they have done all that was asked.",
    subject="Welcome reward",
    body="You have done all that was asked: your reward is on its way.",
    example={},
)
TERMS = (REFERRER, FRIEND)


def tell_referrer(ctx: Context, player_id: UUID, friend: str) -> None:
    """Tell who brought a friend that the reward is given; the friend is named as others may see it."""
    notifications.notify(ctx, player_id, REFERRER.name, {"friend": friend}, Channel.IN_APP)


def tell_friend(ctx: Context, player_id: UUID) -> None:
    """Tell the friend that the reward is given."""
    notifications.notify(ctx, player_id, FRIEND.name, {}, Channel.IN_APP)
