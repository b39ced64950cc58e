"""Turn the clock into jobs: one process at a time usually does, and two do no harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import select

from pitboss.core.jobs.leases import database_now, new_token
from pitboss.core.jobs.schedules import SCHEDULING, is_elected, resign, tick
from pitboss.core.kernel import Kernel
from pitboss.workers.loop import Loop

TICK_SECONDS = 1.0
REFRESH_SECONDS = 30.0
"""A plugin that a tenant switched on has its schedules after this time."""


class Scheduler:
    """Enqueues the periods that have begun, by the database's clock."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._name = new_token()
        self._next_refresh = 0.0
        self._loop = Loop("scheduler", self.step)

    def start(self) -> None:
        """Begin to schedule."""
        self._loop.start()

    def stop(self) -> None:
        """End, and leave the duty to the next one."""
        self._loop.stop()
        resign(self._kernel, SCHEDULING, self._name)

    def step(self) -> float:
        """Schedule once, if it is this process's turn; return how long to rest."""
        if not is_elected(self._kernel, SCHEDULING, self._name):
            return TICK_SECONDS
        is_refreshing = time.monotonic() >= self._next_refresh
        if is_refreshing:
            self._next_refresh = time.monotonic() + REFRESH_SECONDS
        tick(self._kernel, self._now(), is_refreshing=is_refreshing)
        return TICK_SECONDS

    def _now(self) -> datetime:
        with self._kernel.database.system(read_only=True) as connection:
            now = database_now(connection)
            moment = now if isinstance(now, datetime) else connection.execute(select(now)).scalar_one()
        return moment.astimezone(UTC)
