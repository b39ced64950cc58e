"""What players are told about tiers and points: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Listener
from pitboss.core.events import Event
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty.tiers import ladder
from pitboss.plugins.loyalty.tiers.ladder import Saved
from pitboss.plugins.loyalty.tiers.law import Change

CHANNEL = "in_app"
TIER_REACHED, TIER_LOST, TIER_WARNING, EXPIRING = (
    "loyalty.tier_reached",
    "loyalty.tier_lost",
    "loyalty.tier_warning",
    "loyalty.points_expiring",
)
TEXTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    TIER_REACHED: ("You are {tier} now", "Welcome to {tier}. {benefits}", ("tier", "before", "benefits")),
    TIER_LOST: ("You are {tier} now", "You are {tier} now and were {before} before.", ("tier", "before")),
    TIER_WARNING: (
        "Stay {tier}",
        "Without {missing} more points you will leave {tier} on {until}.",
        ("tier", "missing", "until"),
    ),
    EXPIRING: (
        "Your points expire soon",
        "{points} {unit} expire on {until}: use them before.",
        ("points", "unit", "until"),
    ),
}
"""Subject, body, and what the sender gives."""
UNITS: Mapping[str, str] = {POINTS: "points"}


def tell_change(ctx: Context, event: Event) -> None:
    """Tell a player of a new tier, and of what it gives.

    A message of its own: a text that is missing never stops the bet that reached the tier.
    """
    assert event.player_id is not None, "a tier is a player's"
    said, saved = event.payload, ladder.of_version(ctx, event.payload["ladder"])
    data = {"tier": _title(saved, said["after"]), "before": _title(saved, said["before"])}
    if said["is_upgrade"]:
        data["benefits"] = " ".join(_texts(saved, said["after"]))
    template = TIER_REACHED if said["is_upgrade"] else TIER_LOST
    notifications.notify(ctx, event.player_id, template, data, CHANNEL, key=str(event.id))


def tell_warning(ctx: Context, player_id: UUID, saved: Saved, due: Change) -> None:
    """Tell a player when their tier would be lost, and what keeps it."""
    tier = saved.ladder.tiers[saved.ladder.place(due.before)]
    data = {
        "tier": tier.title,
        "missing": str(max(0, tier.keeps - due.score)),
        "until": _local(ctx, due.at),
    }
    notifications.notify(ctx, player_id, TIER_WARNING, data, CHANNEL)


def tell_expiry(ctx: Context, player_id: UUID, *, points: int, unit: str, until: datetime) -> None:
    """Tell a player of points that expire soon."""
    data = {"points": str(points), "unit": UNITS.get(unit, "reward points"), "until": _local(ctx, until)}
    notifications.notify(ctx, player_id, EXPIRING, data, CHANNEL)


def _title(saved: Saved, code: str) -> str:
    return saved.ladder.tiers[saved.ladder.place(code)].title if saved.has(code) else code


def _texts(saved: Saved, code: str) -> list[str]:
    if not saved.has(code):
        return []
    found: list[str] = saved.ladder.tiers[saved.ladder.place(code)].benefits["texts"]
    return found


def _local(ctx: Context, at: datetime) -> str:
    return f"{at.astimezone(ctx.tenant.zone):%Y-%m-%d %H:%M}"


LISTENERS = (Listener("loyalty.tier_changed", tell_change, name="tier_message"),)
