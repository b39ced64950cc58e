"""How near a rule was to matching.

That is first the number of conditions that stood in the way, then how far their thresholds were missed.
A threshold that was missed by `gap` is `gap / (gap + |threshold|)` away (by 1 where the threshold is 0, by
thirty days where it is an instant); what has no distance, such as another segment or an unknown fact, is 1
away. Of alternatives the nearest counts.
"""

from __future__ import annotations

from pitboss.rules.engine.insight.explanation import Condition, Nearness

INSTANT_SCALE_SECONDS = 30 * 86_400.0
FAR = 1.0
"""The distance of what is not a matter of more or less."""


def distance(gap: float, limit: float, type_: str) -> float:
    """Return how far away a threshold is that was missed by a gap: from 0 to 1."""
    scale = INSTANT_SCALE_SECONDS if type_ == "instant" else abs(limit) or 1.0
    return gap / (gap + scale)


def nearness(condition: Condition) -> Nearness:
    """Return how near a condition was to what is wanted of it."""
    failing, far = _effort(condition)
    return Nearness(failing, far, _count(condition))


def blamed(condition: Condition) -> list[Condition]:
    """Return the conditions that stand in the way; of alternatives the nearest."""
    if condition.is_fulfilled:
        return []
    if not condition.items:
        return [condition]
    if _needs_all(condition):
        return [one for item in condition.items for one in blamed(item)]
    missed = [item for item in condition.items if not item.is_fulfilled]
    return blamed(min(missed, key=_effort))


def _effort(condition: Condition) -> tuple[int, float]:
    """Return how many conditions have to change, and how far, for this one to be as wanted."""
    if condition.is_fulfilled:
        return 0, 0.0
    if not condition.items:
        return 1, FAR if condition.distance is None else condition.distance
    efforts = [_effort(item) for item in condition.items]
    if not _needs_all(condition):
        return max(min(efforts), (1, 0.0))
    return sum(failing for failing, _ in efforts), sum(far for _, far in efforts)


def _needs_all(group: Condition) -> bool:
    """Tell whether all items have to be as they are wanted, or whether one is enough."""
    return (group.group == "any") != group.wanted


def _count(condition: Condition) -> int:
    return sum(map(_count, condition.items)) if condition.items else 1
