"""What players are told of missions and achievements."""

from __future__ import annotations

from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Channel, Message

MISSION = Message(
    name="loyalty.mission_done",
    title="A mission is done",
    doc="Sent to a player who reaches the goal of a mission.",
    subject="Mission completed",
    body="You completed {title}.",
    example={"title": "Ten bets in a week"},
)
ACHIEVEMENT = Message(
    name="loyalty.achievement_reached",
    title="An achievement is unlocked",
    doc="Sent to a player who unlocks an achievement.",
    subject="Achievement unlocked",
    body="You unlocked {title}.",
    example={"title": "A hundred bets"},
)
TERMS = (MISSION, ACHIEVEMENT)


def tell_completed(ctx: Context, player_id: UUID, kind: str, title: str) -> None:
    """Tell a player that a mission or an achievement is reached."""
    message = MISSION if kind == "mission" else ACHIEVEMENT
    notifications.notify(ctx, player_id, message.name, {"title": title}, Channel.IN_APP)
