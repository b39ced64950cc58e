"""Workers in processes of their own: embedded on SQLite, through Redis on PostgreSQL."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from pitboss.core.clock import SystemClock
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import Tenant
from tests.core.jobs import acme
from tests.faults.servers import Redis, faults_wanted
from tests.workers.place import Place

DONE_SECONDS_MAX = 180


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), acme.CANDIDATE]


@pytest.fixture
def clock() -> SystemClock:
    """The real clock: other processes have no other."""
    return SystemClock()


@pytest.fixture(scope="session")
def faults() -> int:
    """How many faults a test of faults injects."""
    return faults_wanted(3)


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of our own, that may be emptied and killed."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def place(backend: str, kernel: Kernel, tenant: Tenant, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Embedded mode on SQLite, Redis mode on PostgreSQL."""
    redis = request.getfixturevalue("own_redis") if backend == "postgresql" else None
    yield from _placed(Place(kernel, tenant, redis))


@pytest.fixture
def redis_place(kernel: Kernel, tenant: Tenant, own_redis: Redis) -> Iterator[Place]:
    """Redis mode on both databases."""
    yield from _placed(Place(kernel, tenant, own_redis))


def _placed(place: Place) -> Iterator[Place]:
    yield place
    for child in place.children:
        child.kill()


@pytest.fixture
def until() -> Callable[..., float]:
    """Wait until something is true, and return after how many seconds; fail when time is up."""

    def wait(is_true: Callable[[], Any], seconds_max: float = DONE_SECONDS_MAX) -> float:
        began = time.monotonic()
        while not is_true():
            assert time.monotonic() - began < seconds_max, f"not true after {seconds_max} s"
            time.sleep(0.02)
        return time.monotonic() - began

    return wait
