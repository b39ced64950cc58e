"""What a player wants to hear of, and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pitboss.core.contracts import Channel
from pitboss.core.notifications.tables import Category
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

CONSENT = {
    Channel.IN_APP: "marketing_in_app",
    Channel.EMAIL: "marketing_email",
    # What a brand's own systems make of a webhook reaches the player's device.
    Channel.WEBHOOK: "marketing_push",
}


def refusal(category: str, channel: str, preferences: dict[str, Any]) -> str | None:
    """Return why a player is not to get this, or None; without a yes, offers are not sent."""
    if category != Category.MARKETING:
        return None
    key = CONSENT[Channel(channel)]
    return None if preferences.get(key) is True else marked(f"no consent: the player's {key} is off")


def quiet_until(ctx: Context, category: str, channel: str, preferences: dict[str, Any]) -> datetime | None:
    """Return when the player's quiet hours end, if it is quiet now and this would disturb.

    A service message in the app disturbs nobody: it waits there until it is looked at.
    """
    quiet = preferences.get("quiet_hours")
    is_silent = channel == Channel.IN_APP and category == Category.SERVICE
    if not quiet or is_silent:
        return None
    zone = ZoneInfo(preferences["time_zone"]) if preferences.get("time_zone") else ctx.tenant.zone
    return end_of_quiet(ctx.clock.now(), quiet["from"], quiet["until"], zone)


def end_of_quiet(now: datetime, begins: str, ends: str, zone: ZoneInfo) -> datetime | None:
    """Return the end of a daily period that now lies in, or None; it may go over midnight."""
    first, last = time.fromisoformat(begins), time.fromisoformat(ends)
    local = now.astimezone(zone)
    at = local.time()
    is_inside = first <= at < last if first <= last else at >= first or at < last
    if not is_inside:
        return None
    day = local.date() if at < last else local.date() + timedelta(days=1)
    return datetime.combine(day, last, zone).astimezone(now.tzinfo)
