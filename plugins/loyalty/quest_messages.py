"""What players are told of missions, achievements and friends: the texts, and when they go out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context

CHANNEL = "in_app"
PLACEHOLDERS = ("title", "name", "brand")
TEXTS: Mapping[str, tuple[str, str]] = {
    "loyalty.mission_completed": ("Mission completed", "You completed {title}."),
    "loyalty.achievement_unlocked": ("Achievement unlocked", "You unlocked {title}."),
    "loyalty.friend_rewarded": ("Your friend is in", "{title} has qualified: your reward is on its way."),
    "loyalty.referral_rewarded": ("Welcome reward", "You did all that was asked: {title}."),
}


def offer_texts(ctx: Context) -> None:
    """Bring the texts along when the plugin is switched on; what a tenant wrote itself stays."""
    for key, (subject, body) in TEXTS.items():
        notifications.offer_template(ctx, key, CHANNEL, subject=subject, body=body, placeholders=PLACEHOLDERS)


def tell_completed(ctx: Context, player_id: UUID, kind: str, title: str) -> None:
    """Tell a player that a mission or an achievement is reached."""
    _tell(ctx, player_id, "mission_completed" if kind == "mission" else "achievement_unlocked", title)


def tell_referred(ctx: Context, player_id: UUID, title: str, *, is_referrer: bool) -> None:
    """Tell one side of a referral that its reward is given."""
    _tell(ctx, player_id, "friend_rewarded" if is_referrer else "referral_rewarded", title)


def _tell(ctx: Context, player_id: UUID, text: str, title: str) -> None:
    notifications.notify(ctx, player_id, f"loyalty.{text}", {"title": title}, CHANNEL)
