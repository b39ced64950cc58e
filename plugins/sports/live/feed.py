"""What updates of a feed come to: in order, each once, and never past a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

MERGED = ("score", "statistics")
"""What an update adds to; all else it replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update, as its feed numbered it; what it does not say stays as it was."""

    sequence: int
    happened_at: datetime
    score: Mapping[str, Any] = field(default_factory=dict)
    minute: int | None = None
    period: str = ""
    statistics: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    """live, suspended or finished, where it changes that."""
    is_snapshot: bool = False
    """Tells everything, so that what was missed before no longer matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a fixture stands after the updates that were applied."""

    sequence: int = 0
    score: Mapping[str, Any] = field(default_factory=dict)
    minute: int | None = None
    period: str = ""
    statistics: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """How it stands now, what was applied for that, and what still waits for an earlier one."""

    standing: Standing
    applied: tuple[int, ...]
    waiting: tuple[int, ...]


def apply(standing: Standing, updates: Sequence[Update]) -> Applied:
    """Apply what follows without a gap; a snapshot jumps over one."""
    applied: list[int] = []
    for update in sorted(updates, key=lambda one: one.sequence):
        is_next = update.sequence == standing.sequence + 1
        if is_next or (update.is_snapshot and update.sequence > standing.sequence):
            standing = _after(standing, update)
            applied.append(update.sequence)
    waiting = sorted({one.sequence for one in updates if one.sequence > standing.sequence})
    return Applied(standing, tuple(applied), tuple(waiting))


def _after(standing: Standing, update: Update) -> Standing:
    kept = {} if update.is_snapshot else {name: getattr(standing, name) for name in MERGED}
    return replace(
        standing,
        sequence=update.sequence,
        score={**kept.get("score", {}), **update.score},
        statistics={**kept.get("statistics", {}), **update.statistics},
        minute=standing.minute if update.minute is None else update.minute,
        period=update.period or standing.period,
        status=update.status or standing.status,
        happened_at=update.happened_at,
    )
