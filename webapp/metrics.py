"""What Prometheus learns: of requests as they are answered, of jobs when it asks."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from pitboss.core.jobs.operate import all_job_counts, oldest_ready_seconds
from pitboss.core.kernel import Kernel

_SECONDS = Histogram(
    "pitboss_http_request_seconds",
    "Time to answer a request.",
    ("route", "method", "status"),
    buckets=(0.005, 0.025, 0.1, 0.5, 2.5, 10),
)
_FAILURES = Counter(
    "pitboss_http_failures_total",
    "Requests that failed on our side.",
    ("plugin",),
)
_children: dict[tuple[str, str, int], Any] = {}


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    key = (route, method, status)
    child = _children.get(key)
    if child is None:
        # Finding a child by its labels costs more than counting.
        child = _children[key] = _SECONDS.labels(route, method, str(status))
    child.observe(seconds)


def count_failure(plugin: str) -> None:
    """Count one request that failed on our side."""
    _FAILURES.labels(plugin).inc()


def requests_text(folder: str) -> bytes:
    """Return what was counted: by this process, or by all that share a folder."""
    if not folder:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # prometheus_client's
    return generate_latest(registry)


def jobs_text(kernel: Kernel) -> bytes:
    """Return how many jobs there are and how long they wait: read now, the same in every process."""
    registry = CollectorRegistry()
    jobs = Gauge("pitboss_jobs", "Jobs by queue and state.", ("queue", "state"), registry=registry)
    waits = Gauge(
        "pitboss_jobs_oldest_ready_seconds", "Wait of the oldest due job.", ("queue",), registry=registry
    )
    for (queue, state), count in all_job_counts(kernel).items():
        jobs.labels(queue, state).set(count)
    for queue, seconds in oldest_ready_seconds(kernel).items():
        waits.labels(queue).set(seconds)
    return generate_latest(registry)
