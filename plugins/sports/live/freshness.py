"""Whether a live feed can still be believed: a decision on instants alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SILENCE, GAP, DELAY, QUALITY = "silence", "gap", "delay", "quality"


@dataclass(frozen=True, slots=True)
class Heard:
    """When something was last heard of a fixture, and since when an update is missing."""

    heard_at: datetime
    happened_at: datetime | None
    """When the newest update happened, as its source says."""
    updated_at: datetime
    """When the newest update arrived."""
    gap_since: datetime | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited."""

    silence: timedelta
    gap: timedelta
    delay: timedelta


def patience_of(settings: Mapping[str, Any]) -> Patience:
    """Return how long a tenant waits."""
    return Patience(
        timedelta(seconds=settings["silence_seconds_max"]),
        timedelta(seconds=settings["gap_seconds_max"]),
        timedelta(seconds=settings["delay_seconds_max"]),
    )


def cause_of_stall(heard: Heard, patience: Patience, now: datetime) -> str:
    """Return why a feed is not believed at an instant; empty when it is."""
    if now - heard.heard_at >= patience.silence:
        return SILENCE
    if heard.gap_since is not None and now - heard.gap_since >= patience.gap:
        return GAP
    if heard.happened_at is not None and heard.updated_at - heard.happened_at > patience.delay:
        return DELAY
    return ""


def doubted_at(heard: Heard, patience: Patience) -> datetime:
    """Return when a feed will no longer be believed if nothing more is heard."""
    silent = heard.heard_at + patience.silence
    return silent if heard.gap_since is None else min(silent, heard.gap_since + patience.gap)
