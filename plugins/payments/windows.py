"""What a player paid in over the last day, week and month: the figures that guards are asked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pitboss.plugins.payments.states import DEPOSIT, IN_FLIGHT

DAYS_MAX = 31
"""No window reaches further back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A deposit or withdrawal as far as the windows care."""

    kind: str
    state: str
    amount: int
    settled: int
    taken_back: int
    created_at: datetime
    completed_at: datetime | None


def starts(now: datetime, zone: ZoneInfo) -> Mapping[str, datetime]:
    """Return when each window began; `month` is the calendar month of the tenant's zone."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "24h": now - timedelta(hours=24),
        "7d": now - timedelta(days=7),
        # One instant before it, because a window does not hold the instant at which it starts.
        "month": first - timedelta(microseconds=1),
        "30d": now - timedelta(days=30),
    }


def gross(moves: Iterable[Moved], since: datetime) -> int:
    """Sum what was paid in after an instant, and what is on its way; nothing is taken off."""
    return sum(_paid_in(m) for m in moves if m.kind == DEPOSIT and m.created_at > since)


def net(moves: Iterable[Moved], since: datetime) -> int:
    """Sum what was paid in after an instant less what was taken back or paid out."""
    total = 0
    for move in moves:
        if move.kind == DEPOSIT:
            total += _paid_in(move) - move.taken_back if move.created_at > since else 0
        elif move.state == "completed" and move.completed_at is not None and move.completed_at > since:
            total -= move.amount
    return total


def figures(moves: Iterable[Moved], now: datetime, zone: ZoneInfo) -> dict[str, dict[str, int]]:
    """Return gross and net deposits of each window."""
    known = list(moves)
    begun = starts(now, zone)
    return {
        "gross_deposits": {name: gross(known, since) for name, since in begun.items()},
        "net_deposits": {name: net(known, since) for name, since in begun.items()},
    }


def _paid_in(move: Moved) -> int:
    return move.amount if move.state in IN_FLIGHT else move.settled
