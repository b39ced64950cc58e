"""When the present hour, day, week or month began, in the tenant's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pitboss.core.texts import kept, marked
from pitboss.rules.engine.rule import Period, PerPlayer

_ONCE: Mapping[Period, str] = {
    "hour": marked("once an hour"),
    "day": marked("once a day"),
    "week": marked("once a week"),
    "month": marked("once a month"),
    "lifetime": marked("once in all"),
}
_TIMES: Mapping[Period, str] = {
    "hour": marked("%(count)s times an hour"),
    "day": marked("%(count)s times a day"),
    "week": marked("%(count)s times a week"),
    "month": marked("%(count)s times a month"),
    "lifetime": marked("%(count)s times in all"),
}
LIFETIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When the period of a lifetime began."""


def times(limit: PerPlayer) -> list[Any]:
    """Say how often a rule may be had, as data: once a week, 3 times in all."""
    if limit.count == 1:
        return kept(_ONCE[limit.period])
    return kept(_TIMES[limit.period], count=limit.count)


def period_start(period: Period, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the period began that a moment lies in."""
    local = now.astimezone(zone)
    if period == "lifetime":
        return LIFETIME
    if period == "hour":
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now.astimezone(UTC) - into
    day = local.date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    if period == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time.min, zone).astimezone(UTC)
