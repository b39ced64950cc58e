"""The worker process: threads that do jobs, the relay that feeds them, the scheduler, and a clean end."""

from __future__ import annotations

import dramatiq

from pitboss.core.jobs.heart import Heart
from pitboss.core.jobs.run import Runner
from pitboss.core.kernel import Kernel
from pitboss.workers.actor import declare_actor
from pitboss.workers.broker import NAMESPACE, POLL_MS_MAX, TunedRedisBroker, make_broker
from pitboss.workers.relay import Relay
from pitboss.workers.scheduler import Scheduler

DRAIN_SECONDS_MAX = 30
"""What is under way may finish for this long; a longer job goes on from its checkpoint elsewhere."""


class WorkerProcess:
    """Does the jobs of every plugin; with Redis, carries them there too."""

    def __init__(self, kernel: Kernel, *, threads: int | None = None, namespace: str = NAMESPACE) -> None:
        self._kernel = kernel
        self._threads = threads or kernel.settings.worker_threads
        self._heart = Heart(kernel.database)
        self.runner = Runner(kernel, heart=self._heart)
        broker = make_broker(kernel, namespace=namespace)
        declare_actor(broker, self.runner)
        self._relay = Relay(kernel, broker) if isinstance(broker, TunedRedisBroker) else None
        self._worker = dramatiq.Worker(broker, worker_timeout=POLL_MS_MAX, worker_threads=self._threads)
        # No plugin's queue may fill every thread, so that its flood holds up no other.
        self._worker.queue_prefetch = max(1, self._threads - 1)

    def start(self) -> None:
        """Begin to work."""
        self._heart.start()
        self._worker.start()
        if self._relay is not None:
            self._relay.start()

    def stop(self) -> None:
        """Finish what is under way, and give back what was not begun."""
        if self._relay is not None:
            self._relay.stop()
        self.runner.stopping.set()
        self._worker.stop(timeout=DRAIN_SECONDS_MAX * 1000)
        self._heart.stop()

    def describe(self) -> list[str]:
        """Say what carries the jobs."""
        carrier = "Redis" if self._relay is not None else "the database"
        return [f"Worker      {self._threads} threads, jobs through {carrier}"]


class SchedulerProcess:
    """Starts periodic tasks."""

    def __init__(self, kernel: Kernel) -> None:
        self._scheduler = Scheduler(kernel)

    def start(self) -> None:
        """Begin to schedule."""
        self._scheduler.start()

    def stop(self) -> None:
        """Schedule no more."""
        self._scheduler.stop()

    def describe(self) -> list[str]:
        """Say nothing: there is nothing to open."""
        return []
