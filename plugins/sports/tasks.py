"""The work of the plugin in the background, subject by subject."""

from __future__ import annotations

from pitboss.core.contracts import Task
from pitboss.plugins.sports import demo
from pitboss.plugins.sports.live import watch
from pitboss.plugins.sports.sources import tasks as sources

TASKS: tuple[Task, ...] = (*watch.TASKS, *sources.TASKS, *demo.TASKS)
