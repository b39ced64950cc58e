"""When buckets and windows begin: hours, days and weeks of the tenant's own time zone.

A window is the present unit and the ones before it: `1 days` is today since local midnight, `7 days`
is today and the six days before, `1 weeks` began on Monday, `24 hours` is the present hour and the 23
before it. A value at the exact second in which a unit begins belongs to that unit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pitboss.core.contracts import Window
from pitboss.core.facts.tables import LIFETIME


def bucket_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the local hour of an instant began.

    Local, because midnight in Kolkata is at half past a UTC hour.
    """
    local = at.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - into


def window_start(window: Window, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first bucket of a window that ends now."""
    before = window.length - 1
    if window.unit == "lifetime":
        return LIFETIME
    if window.unit == "hours":
        return bucket_start(now, zone) - timedelta(hours=before)
    today = now.astimezone(zone).date()
    if window.unit == "weeks":
        return _midnight(today - timedelta(days=today.weekday(), weeks=before), zone)
    return _midnight(today - timedelta(days=before), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Where the clocks skip midnight, this is the instant at which they did.
    return datetime.combine(day, time.min, zone).astimezone(UTC)
