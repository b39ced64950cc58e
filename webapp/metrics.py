"""What Prometheus learns of requests: how many, how long, and whose failed."""

from __future__ import annotations

from typing import Any

from prometheus_client import Counter, Histogram

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
