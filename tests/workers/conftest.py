"""Workers in processes of their own: embedded on SQLite, through Redis on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pitboss.core.clock import SystemClock
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import Tenant
from tests.core.jobs import acme
from tests.faults.servers import Redis
from tests.workers.child import Child

FAULTS_ENVIRONMENT = "PITBOSS_TEST_FAULTS"
FAULTS_DEFAULT = 3
DONE_SECONDS_MAX = 60
JOB = JobRow.__table__


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
    return int(os.environ.get(FAULTS_ENVIRONMENT, FAULTS_DEFAULT))


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of our own, that may be emptied and killed."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


class Place:
    """A database with its workers, and what is true in it."""

    def __init__(self, kernel: Kernel, tenant: Tenant, redis: Redis | None) -> None:
        self.kernel, self.tenant, self.redis = kernel, tenant, redis
        self.namespace = f"test-{uuid4().hex[:8]}"
        self.children: list[Child] = []

    def spawn(self, **options: Any) -> Child:
        """Start a worker process that waits for `begin`."""
        url = self.kernel.database.url.render_as_string(hide_password=False)
        redis_url = self.redis.url if self.redis else ""
        child = Child.spawn(url, redis_url, namespace=self.namespace, **options)
        self.children.append(child)
        return child

    def ring(self, *whats: str, does: str = "") -> None:
        """Emit an event with one listener for each."""
        with self.kernel.context(self.tenant.id) as ctx:
            for what in whats:
                ctx.emit("acme.rang", {"what": what, "does": does})

    def ask(self, name: str, payload: dict[str, Any] | None = None, **options: Any) -> Any:
        """Enqueue a task."""
        with self.kernel.context(self.tenant.id) as ctx:
            return ctx.enqueue(name, payload or {}, **options)

    def effects(self) -> dict[str, int]:
        """Return how often each effect was had."""
        with self.kernel.context(self.tenant.id) as ctx:
            return acme.effects(ctx)

    def jobs(self) -> Sequence[Any]:
        """Return every job row."""
        with self.kernel.database.system(read_only=True) as connection:
            return connection.execute(select(JOB).order_by(JOB.c.id)).all()

    def states(self) -> Counter[str]:
        """Return how many jobs are in each state."""
        query = select(JOB.c.state, func.count().label("jobs")).group_by(JOB.c.state)
        with self.kernel.database.system(read_only=True) as connection:
            return Counter({row.state: row.jobs for row in connection.execute(query)})

    def is_done(self) -> bool:
        """Tell whether no job is waiting or running."""
        states = self.states()
        return states[JobState.READY] + states[JobState.LEASED] == 0


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
