"""What becomes of a result that is told: a decision on plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Confirmation = Literal["none", "person", "second_source"]
Verdict = Literal["known", "provisional", "confirms", "official"]


@dataclass(frozen=True, slots=True)
class Version:
    """The newest version of a result, or what is told now."""

    state: str
    outcome: Mapping[str, Any]
    source: str
    told_by: str


def judge(
    told: Version, newest: Version | None, official: Mapping[str, Any] | None, confirmation: Confirmation
) -> Verdict:
    """Return what a told result is: known already, provisional, a confirmation, or official at once."""
    waits = newest is not None and newest.state == "provisional"
    if newest is not None and told.outcome == newest.outcome:
        if not waits:
            return "known"
        if confirmation == "none":
            return "confirms"
        is_second = confirmation == "second_source" and are_independent(told, newest)
        return "confirms" if is_second else "known"
    if not waits and told.outcome == official:
        return "known"
    return "official" if confirmation == "none" else "provisional"


def are_independent(one: Version, other: Version) -> bool:
    """Tell whether two sources said it, each through its own hands: a key that names two is one."""
    if one.source == other.source:
        return False
    return one.told_by != other.told_by or one.told_by.startswith("system:")


def may_confirm(person: str, recorded_by: str, confirmation: Confirmation) -> bool:
    """Tell whether a person may confirm what somebody recorded."""
    return confirmation == "none" or person != recorded_by
