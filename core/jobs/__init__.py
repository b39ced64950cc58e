"""Work that outlives the transaction that asked for it: rows that a worker takes, does and marks.

The doing is in `run` (and `inline`, for tests), the schedules in `schedules`: they need the whole kernel,
so they are imported from there.
"""

from pitboss.core.jobs.operate import (
    JobPage,
    JobView,
    all_job_counts,
    cancel_job,
    find_job,
    job_counts,
    list_jobs,
    oldest_ready_seconds,
    replay_dead,
    replay_job,
)
from pitboss.core.jobs.queue import enqueue, listener_jobs, queues_of
from pitboss.core.jobs.tables import JobRow, JobState

__all__ = [
    "JobPage",
    "JobRow",
    "JobState",
    "JobView",
    "all_job_counts",
    "cancel_job",
    "enqueue",
    "find_job",
    "job_counts",
    "list_jobs",
    "listener_jobs",
    "oldest_ready_seconds",
    "queues_of",
    "replay_dead",
    "replay_job",
]
