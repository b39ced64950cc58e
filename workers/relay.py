"""Carry job references from the rows to Redis; whatever Redis loses is carried again."""

from __future__ import annotations

from pitboss.core.jobs import leases
from pitboss.core.jobs.queue import queues_of
from pitboss.core.kernel import Kernel
from pitboss.workers.broker import Reaper, TunedRedisBroker, messages_of
from pitboss.workers.loop import Loop

BACKLOG_MESSAGES_MAX = 40
"""Messages that wait in one queue: more would only grow stale there, the rows keep."""
CARRY_MAX = 500
"""Jobs of one queue that one round carries, so that a flooded queue holds up no other."""
REST_SECONDS = 0.05


class Relay:
    """Any number may run: what one has in hand, the others skip."""

    def __init__(self, kernel: Kernel, broker: TunedRedisBroker) -> None:
        self._kernel, self._broker = kernel, broker
        self._queues = queues_of(kernel.registry)
        self._reaper = Reaper(kernel)
        self._loop = Loop("relay", self.step)

    def start(self) -> None:
        """Begin to carry."""
        self._loop.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._loop.stop()

    def step(self) -> float:
        """Carry one round; return how long to rest."""
        self._reaper.reap()
        carried = sum([self._carry(queue) for queue in self._queues])
        return 0.0 if carried else REST_SECONDS

    def _carry(self, queue: str) -> int:
        database = self._kernel.database
        with database.system(read_only=True) as connection:
            if not leases.is_waiting(connection, queue, leases.database_now(connection)):
                return 0
        if self._broker.size(queue) >= BACKLOG_MESSAGES_MAX:
            return 0
        with database.system() as connection:
            rows = leases.hand_out(connection, queue, CARRY_MAX, leases.database_now(connection))
        # Handed out first, sent then: dying in between delays the jobs by seconds and loses none.
        for message in messages_of(queue, rows):
            self._broker.enqueue(message)
        return len(rows)
