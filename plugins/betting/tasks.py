"""The work of the plugin in the background."""

from __future__ import annotations

from pitboss.core.contracts import Task
from pitboss.plugins.betting.markets import closing
from pitboss.plugins.betting.pools import following as pools
from pitboss.plugins.betting.records import elsewhere as records
from pitboss.plugins.betting.settling import runs
from pitboss.plugins.betting.slips import tasks as slips
from pitboss.plugins.betting.strategies import running as strategies

TASKS: tuple[Task, ...] = (
    *closing.TASKS,
    *slips.TASKS,
    *runs.TASKS,
    *pools.TASKS,
    *records.TASKS,
    *strategies.TASKS,
)
