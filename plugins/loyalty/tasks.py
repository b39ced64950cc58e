"""The work of the plugin in the background."""

from __future__ import annotations

from pitboss.core.contracts import Task
from pitboss.plugins.loyalty import expiring, point_tasks, quest_work

TASKS: tuple[Task, ...] = (*expiring.TASKS, *point_tasks.TASKS, *quest_work.TASKS)
