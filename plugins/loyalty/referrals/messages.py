"""What both sides of a referral are told: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context

CHANNEL = "in_app"
GIVEN = ("title",)
TEXTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "loyalty.friend_rewarded": (
        "Your friend is in",
        "{title} has qualified: your reward is on its way.",
        GIVEN,
    ),
    "loyalty.referral_rewarded": ("Welcome reward", "You did all that was asked: {title}.", GIVEN),
}


def tell_referred(ctx: Context, player_id: UUID, title: str, *, is_referrer: bool) -> None:
    """Tell one side of a referral that its reward is given."""
    text = "friend_rewarded" if is_referrer else "referral_rewarded"
    notifications.notify(ctx, player_id, f"loyalty.{text}", {"title": title}, CHANNEL)
