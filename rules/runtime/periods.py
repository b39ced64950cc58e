"""When the present hour, day, week or month began, in the tenant's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pitboss.rules.engine.rule import Period, PerPlayer

_A: Mapping[str, str] = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month"}
LIFETIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When the period of a lifetime began."""


def times(limit: PerPlayer) -> str:
    """Say how often a rule may be had: once a week, 3 times in all."""
    count = "once" if limit.count == 1 else f"{limit.count} times"
    return f"{count} in all" if limit.period == "lifetime" else f"{count} {_A[limit.period]}"


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
