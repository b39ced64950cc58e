"""When something a player has ends, and which of several ends first."""

from __future__ import annotations

from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)
"""Sorts after every expiry."""


def is_over(expires_at: datetime | None, at: datetime) -> bool:
    """Tell whether the time is over; the instant of expiry itself is."""
    return expires_at is not None and at >= expires_at


def order_of_use(expires_at: datetime | None, begun_at: datetime, id: str) -> tuple[datetime, datetime, str]:
    """Return what to sort by: soonest expiry first, then oldest."""
    return expires_at or NEVER, begun_at, id
