"""The one actor: it gates on the tenant and does whatever jobs a message names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dramatiq
from dramatiq.broker import Broker

from pitboss.core.jobs.queue import queues_of
from pitboss.core.jobs.run import Runner
from pitboss.workers.broker import ACTOR, refs_of


def declare_actor(broker: Broker, runner: Runner) -> None:
    """Make a broker's workers do jobs, in a queue for each plugin."""

    def run_jobs(pack: Sequence[Sequence[Any]], takes: int) -> None:
        runner.run(refs_of(pack), takes)

    queues = queues_of(runner.kernel.registry)
    dramatiq.Actor(run_jobs, broker=broker, actor_name=ACTOR, queue_name=queues[0], priority=0, options={})
    for queue in queues:
        broker.declare_queue(queue)
