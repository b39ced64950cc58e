"""From when until when a rule is live, in the tenant's time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pitboss.rules.engine.rule import Effective


def is_in_effect(effective: Effective | None, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a rule's schedule includes a moment."""
    start, end = span(effective, zone)
    return (start is None or start <= now) and (end is None or now < end)


def span(effective: Effective | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a rule is live; a day begins at midnight of the tenant's time zone."""
    if effective is None:
        return None, None
    return _moment(effective.from_, zone), _moment(effective.until, zone)


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    if len(text) == len("2026-12-01"):
        return datetime.combine(date.fromisoformat(text), time.min, zone)
    return datetime.fromisoformat(text)


def next_change(schedules: Iterable[Effective | None], now: datetime, zone: ZoneInfo) -> datetime | None:
    moments = [moment for effective in schedules for moment in span(effective, zone)]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
