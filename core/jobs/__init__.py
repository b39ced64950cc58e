"""Work that outlives the transaction that asked for it: rows that a worker takes, does and marks."""

from pitboss.core.jobs.queue import enqueue, listener_jobs
from pitboss.core.jobs.tables import JobRow, JobState

__all__ = ["JobRow", "JobState", "enqueue", "listener_jobs"]
