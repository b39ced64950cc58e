"""Time and identity, passed in so that tests and replays can fix them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from uuid_utils import compat


class Clock(Protocol):
    """Say what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 12, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **delta: float) -> datetime:
        """Move forward by the arguments of a timedelta: `clock.advance(hours=25)`."""
        self._now += timedelta(**delta)
        return self._now

    def set(self, instant: datetime) -> None:
        """Jump to an instant."""
        self._now = instant


def uuid7() -> UUID:
    """Return a new id; ids made by one process sort by the time they were made."""
    return compat.uuid7()


def id_at(seconds: float) -> UUID:
    """Return the lowest id that is made at an instant.

    >>> id_at(1.5)
    UUID('00000000-05dc-0000-0000-000000000000')
    """
    return UUID(int=max(0, int(seconds * 1000)) << 80)
