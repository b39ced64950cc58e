"""What players are told about tiers and points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Channel, Listener, Message
from pitboss.core.events import Event
from pitboss.core.ledger.wallet import POINTS
from pitboss.core.texts import marked_plural, moment, ngettext, number
from pitboss.plugins.loyalty.tiers import ladder
from pitboss.plugins.loyalty.tiers.ladder import Saved
from pitboss.plugins.loyalty.tiers.law import Change

REACHED = Message(
    name="loyalty.tier_reached",
    title="A tier is reached",
    doc="Sent to a player who rises to a tier.",
    subject="You are {tier} now",
    body="Welcome to {tier}. {benefits}",
    example={"tier": "Gold", "before": "Silver", "benefits": "Faster withdrawals. A free bet each week."},
)
LOST = Message(
    name="loyalty.tier_lost",
    title="A tier is lost",
    doc="Sent to a player who falls to a lower tier.",
    subject="You are {tier} now",
    body="You are {tier} now and were {before} before.",
    example={"tier": "Silver", "before": "Gold"},
)
WARNING = Message(
    name="loyalty.tier_warning",
    title="A tier will be lost",
    doc="Sent some days before a player would fall to a lower tier.",
    subject="Stay {tier}",
    body="You need {missing} by {until} to stay {tier}.",
    example={"tier": "Gold", "missing": "250 more points", "until": "5 December 2026, 20:59"},
)
EXPIRING = Message(
    name="loyalty.points_expiring",
    title="Points expire soon",
    doc="Sent some days before points of a player expire.",
    subject="Your points expire soon",
    body="You can use {points} until {until}.",
    example={"points": "1,200 points", "until": "5 December 2026, 20:59"},
)
TERMS = (REACHED, LOST, WARNING, EXPIRING)

_MISSING = marked_plural("%(count)s more point", "%(count)s more points")
_POINTS: Mapping[str, tuple[str, str]] = {
    POINTS: marked_plural("%(count)s point", "%(count)s points"),
}
_OTHER_POINTS = marked_plural("%(count)s reward point", "%(count)s reward points")


def tell_change(ctx: Context, event: Event) -> None:
    """Tell a player of a new tier, and of what it gives.

    In a transaction of its own: what goes wrong with a message never stops the bet that reached the tier.
    """
    assert event.player_id is not None, "a tier is a player's"
    said, saved = event.payload, ladder.of_version(ctx, event.payload["ladder"])
    data = {"tier": _title(saved, said["after"]), "before": _title(saved, said["before"])}
    if said["is_upgrade"]:
        data["benefits"] = " ".join(_texts(saved, said["after"]))
    message = REACHED if said["is_upgrade"] else LOST
    notifications.notify(ctx, event.player_id, message.name, data, Channel.IN_APP, key=str(event.id))


def tell_warning(ctx: Context, player_id: UUID, saved: Saved, due: Change) -> None:
    """Tell a player when their tier would be lost, and what keeps it."""
    tier = saved.ladder.tiers[saved.ladder.place(due.before)]
    missing = max(0, tier.keeps - due.score)
    until = due.at.astimezone(ctx.tenant.zone)

    def said() -> dict[str, str]:
        counted = ngettext(*_MISSING, missing, count=number(missing))
        return {"tier": tier.title, "missing": counted, "until": moment(until)}

    notifications.notify(ctx, player_id, WARNING.name, said, Channel.IN_APP)


def tell_expiry(ctx: Context, player_id: UUID, *, points: int, unit: str, until: datetime) -> None:
    """Tell a player of points that expire soon."""

    def said() -> dict[str, str]:
        counted = ngettext(*_POINTS.get(unit, _OTHER_POINTS), points, count=number(points))
        return {"points": counted, "until": moment(until.astimezone(ctx.tenant.zone))}

    notifications.notify(ctx, player_id, EXPIRING.name, said, Channel.IN_APP)


def _title(saved: Saved, code: str) -> str:
    return saved.ladder.tiers[saved.ladder.place(code)].title if saved.has(code) else code


def _texts(saved: Saved, code: str) -> list[str]:
    if not saved.has(code):
        return []
    found: list[str] = saved.ladder.tiers[saved.ladder.place(code)].benefits["texts"]
    return found


LISTENERS = (Listener("loyalty.tier_changed", tell_change, name="tier_message"),)
