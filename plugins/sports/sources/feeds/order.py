"""Whom to ask: every source, and those on standby when the ones before them fail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_MIN = 2
"""One failure in a row is bad luck; so many are an outage."""
AWAY = timedelta(minutes=2)
"""A source that may not be asked for longer than this is as good as out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A source, as far as it matters here."""

    key: str
    kind: str
    sport: str = ""
    """Empty: of all sports."""
    priority: int = 100
    is_standby: bool = False
    failures: int = 0
    is_suspended: bool = False
    next_at: datetime | None = None


def asked(sources: Sequence[Standing], now: datetime) -> list[str]:
    """Return the keys of those to be asked now, in their order."""
    ordered = sorted(sources, key=lambda source: (source.priority, source.key))
    return [
        source.key
        for place, source in enumerate(ordered)
        if (source.next_at is None or source.next_at <= now) and _has_turn(source, ordered[:place], now)
    ]


def is_out(source: Standing, now: datetime) -> bool:
    """Tell whether a source fails, so that the next one is asked."""
    is_away = source.next_at is not None and source.next_at > now + AWAY
    return source.failures >= FAILURES_MIN or source.is_suspended or is_away


def _has_turn(source: Standing, before: Sequence[Standing], now: datetime) -> bool:
    if not source.is_standby:
        return True
    rivals = [one for one in before if one.kind == source.kind and _overlap(one, source)]
    return bool(rivals) and all(is_out(one, now) for one in rivals)


def _overlap(one: Standing, other: Standing) -> bool:
    return not one.sport or not other.sport or one.sport == other.sport
