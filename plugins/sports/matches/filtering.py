"""Which matches a player looks for: filters that combine, on plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pitboss.plugins.sports.matches.assessing import Assessment

HOURS: Mapping[str, int] = MappingProxyType({"2h": 2, "6h": 6, "12h": 12, "24h": 24})
TODAY = "today"
"""The rest of the viewer's own day."""
RANGES = (*HOURS, TODAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is not said does not matter."""

    confidence: str | None = None
    value_bets: bool = False
    high_scoring: bool = False
    goals_chance_min: Fraction = Fraction(1, 2)

    @property
    def needs_prices(self) -> bool:
        """Tell whether it can only be answered where there are prices."""
        return self.confidence is not None or self.value_bets or self.high_scoring


def fits(found: Assessment, wanted: Wanted) -> bool:
    """Tell whether a match is one of those looked for; what is not known does not fit."""
    if wanted.confidence is not None and found.band != wanted.confidence:
        return False
    if wanted.value_bets and not found.value:
        return False
    if wanted.high_scoring:
        return found.goals_chance is not None and found.goals_chance >= wanted.goals_chance_min
    return True


def span(time_range: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when to when a range goes; a day is as long as it is in the viewer's zone."""
    if time_range != TODAY:
        return now, now + timedelta(hours=HOURS[time_range])
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Added on the wall clock: a day of 23 or 25 hours ends at its own midnight.
    return now, (midnight + timedelta(days=1)).astimezone(now.tzinfo)
