"""The work of the plugin in the background."""

from __future__ import annotations

from pitboss.core.contracts import Task
from pitboss.plugins.loyalty.abuse import detectors
from pitboss.plugins.loyalty.campaigns import runs
from pitboss.plugins.loyalty.points import tasks as points
from pitboss.plugins.loyalty.quests import days
from pitboss.plugins.loyalty.rewards import expiring
from pitboss.plugins.loyalty.tiers import tasks as tiers

TASKS: tuple[Task, ...] = (
    *expiring.TASKS,
    *points.TASKS,
    *tiers.TASKS,
    *days.TASKS,
    *detectors.TASKS,
    *runs.TASKS,
)
