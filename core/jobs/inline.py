"""Do all due jobs in the calling thread, by the kernel's own clock: for tests and commands."""

from __future__ import annotations

from collections import defaultdict

from pitboss.core.errors import PitbossError
from pitboss.core.jobs.leases import Ref, hand_out, reap, waiting_queues
from pitboss.core.jobs.queue import queues_of
from pitboss.core.jobs.run import BATCH_MAX, Runner
from pitboss.core.kernel import Kernel

DUE_MAX = 10_000
"""Jobs that one call does: more means that jobs ask for jobs without end."""


def run_due(kernel: Kernel, *, may_fail: bool = True) -> int:
    """Do every job that is due, and those that they cause, until none is left; return how many.

    The order is that of their time, queue by queue, so the same ground gives the same run. With
    `may_fail=False` an error of a handler is raised after the rest was done.
    """
    failures: list[tuple[str, BaseException]] = []
    runner = Runner(
        kernel,
        now=lambda _connection: kernel.clock.now(),
        chance=lambda: 0.5,
        on_failure=lambda name, error: failures.append((name, error)),
    )
    done = 0
    while due := _due(kernel):
        done += sum(runner.run(refs, takes) for takes, refs in due.items())
        if done > DUE_MAX:
            raise PitbossError(f"more than {DUE_MAX} jobs in one run: does a job enqueue itself?")
    if failures and not may_fail:
        name, error = failures[0]
        raise PitbossError(f"{len(failures)} jobs failed; the first was {name!r}: {error}") from error
    return done


def _due(kernel: Kernel) -> dict[int, list[Ref]]:
    """Hand out what is due in the first queue that waits, by how often it was taken before."""
    now = kernel.clock.now()
    due: dict[int, list[Ref]] = defaultdict(list)
    with kernel.database.system() as connection:
        reap(connection, now)
        waiting = waiting_queues(connection, now)
        queue = next((queue for queue in queues_of(kernel.registry) if queue in waiting), None)
        if queue is not None:
            for row in hand_out(connection, queue, BATCH_MAX, now):
                due[row.takes].append((row.tenant_id, row.id))
    return due
