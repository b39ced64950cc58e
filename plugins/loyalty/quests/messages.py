"""What players are told of missions and achievements: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context

CHANNEL = "in_app"
GIVEN = ("title",)
TEXTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "loyalty.mission_completed": ("Mission completed", "You completed {title}.", GIVEN),
    "loyalty.achievement_unlocked": ("Achievement unlocked", "You unlocked {title}.", GIVEN),
}


def tell_completed(ctx: Context, player_id: UUID, kind: str, title: str) -> None:
    """Tell a player that a mission or an achievement is reached."""
    text = "mission_completed" if kind == "mission" else "achievement_unlocked"
    notifications.notify(ctx, player_id, f"loyalty.{text}", {"title": title}, CHANNEL)
