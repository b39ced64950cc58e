"""What the core contributes about jobs: an event when one dies, a task that tidies up, a health check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, HealthCheck, Task
from pitboss.core.jobs.operate import check_queues, purge_jobs
from pitboss.core.jobs.schedules import purge_runs

if TYPE_CHECKING:
    from pitboss.core.context import Context


class JobDied(Schema):
    """Payload of core.job_died."""

    job_id = fields.UUID(required=True)
    name = fields.String(required=True)
    queue = fields.String(required=True)
    error = fields.String(required=True)


def purge(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Delete jobs and periods that are past their retention."""
    purge_runs(ctx)
    purge_jobs(ctx, payload)


TERMS = (
    Event(
        name="core.job_died",
        title="A job died",
        doc="A task or listener failed for the last time and waits in the dead-letter list.",
        schema=JobDied,
        example={
            "job_id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
            "name": "acme_cashback.pay",
            "queue": "acme_cashback",
            "error": "TimeoutError: no answer from the provider",
        },
    ),
)
TASKS = (Task(name="core.purge_jobs", title="Delete finished jobs", run=purge, cron="41 3 * * *"),)
HEALTH_CHECKS = (HealthCheck(name="queues", check=check_queues),)
