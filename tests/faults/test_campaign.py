"""Kill -9 the parts of a whole platform in turn, while money moves, events are carried and tasks run.

After each kill the books are in order and nothing was done twice; at the end nothing is missing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from pitboss.core import ledger
from pitboss.core.clock import SystemClock
from pitboss.core.errors import PitbossError
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import Tenant
from pitboss.core.testing.databases import preparation
from tests.core.jobs import acme
from tests.faults.servers import Postgres, Redis, faults_wanted, wait_until
from tests.faults.web import Till, Web
from tests.workers.place import Place

KILLS = faults_wanted(10)
"""On each of two databases, so twenty in CI."""
SEED = 20261121
REQUESTS_BETWEEN_KILLS = 5
EFFECTS_BETWEEN_KILLS = 60
CALLS_TOGETHER = 20
BACKLOG_MAX = 300
"""Jobs that wait: enough that every kill finds some on their way and some under way."""
MARCH_STEPS = 3
PAUSE_SECONDS = 0.02
DONE_SECONDS_MAX = 120

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 20 * KILLS)]


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), acme.CANDIDATE]


@pytest.fixture
def clock() -> SystemClock:
    """The real clock: other processes have no other."""
    return SystemClock()


@pytest.fixture
def database_url(
    backend: str, candidates: Sequence[Candidate], tmp_path: Path, request: pytest.FixtureRequest
) -> str:
    """A database on a real disk, whose server is ours to kill."""
    url = f"sqlite:///{tmp_path}/pitboss.sqlite3"
    if backend == "postgresql":
        url = request.getfixturevalue("cluster").url
    preparation(candidates)(url)
    return url


class Crier(threading.Thread):
    """Emits events and asks for tasks until told to rest, and remembers what was committed."""

    def __init__(self, place: Place) -> None:
        super().__init__(daemon=True)
        self._place = place
        self.committed: list[str] = []
        self.resting, self.stopping = threading.Event(), threading.Event()

    def run(self) -> None:
        for number in count():
            if self.stopping.is_set():
                return
            try:
                if not self.resting.is_set() and self._place.waiting() < BACKLOG_MAX:
                    # Named anew after a failure: whether the last ones stand is not known.
                    self.committed += self._cry(number)
                    continue
            except (DBAPIError, PitbossError):
                pass
            self.stopping.wait(PAUSE_SECONDS)

    def close(self) -> None:
        """Finish the last transaction, and say no more."""
        self.stopping.set()
        self.join()

    def _cry(self, number: int) -> list[str]:
        rings = [f"ring {number}.{n}" for n in range(CALLS_TOGETHER)]
        with self._place.kernel.context(self._place.tenant.id) as ctx:
            for ring in rings:
                ctx.emit("acme.rang", {"what": ring})
            ctx.enqueue("acme.work", {"what": f"work {number}"})
            ctx.enqueue("acme.march", {"what": f"march {number}", "steps": MARCH_STEPS})
        return [*rings, f"work {number}", *(f"march {number} {step}" for step in range(MARCH_STEPS))]


class Platform:
    """A web process, two workers and their servers, with money and jobs on the way."""

    def __init__(self, kernel: Kernel, tenant: Tenant, cluster: Postgres | None, redis: Redis | None) -> None:
        self.kernel, self.tenant = kernel, tenant
        self.place, self.web = Place(kernel, tenant, redis), Web(kernel)
        self.till, self.crier = Till(kernel, tenant, self.web), Crier(self.place)
        self.found_seconds: list[float] = []
        self.redone_seconds: list[float] = []
        """How long each killed worker's jobs took to be taken from it, and to be done by others."""
        self.workers = [self.place.spawn(scheduler=True).begin() for _ in range(2)]
        self.parts: dict[str, Callable[[], None]] = {"web": self._kill_web, "worker": self._kill_worker}
        for name, server in (("postgresql", cluster), ("redis", redis)):
            if server is not None:
                self.parts[name] = lambda server=server: _restart(server)  # type: ignore[misc]  # bound early
        self.web.start()
        self.till.start()
        self.crier.start()

    def let_work(self) -> None:
        """Wait until requests were answered and jobs done since now."""
        wanted = self.place.effect_count() + EFFECTS_BETWEEN_KILLS
        self.till.let_work(REQUESTS_BETWEEN_KILLS)

        def enough() -> None:
            assert self.place.effect_count() >= wanted

        wait_until(enough)

    def check(self) -> None:
        """Every law of the books holds, nothing acknowledged is missing, nothing was done twice."""
        answered = self.till.acknowledged
        booked, cash = self.till.booked()
        possible = range(answered, self.till.acknowledged + 2)
        assert booked in possible
        assert cash in [100 * number for number in possible]
        assert self.place.effects(times_min=2) == {}
        with self.kernel.context(self.tenant.id) as ctx:
            assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}

    def finish(self) -> None:
        """Ask no more, and wait until everything is done."""
        self.till.close()
        self.crier.close()

        def done() -> None:
            assert self.place.waiting() == 0

        wait_until(done, DONE_SECONDS_MAX)

    def close(self) -> None:
        self.till.stopping.set()
        self.crier.stopping.set()
        self.web.kill()
        for child in self.place.children:
            child.kill()

    def _kill_web(self) -> None:
        self.web.kill()
        self.web.start()

    def _kill_worker(self) -> None:
        victim = self.workers.pop(0)
        victim.kill()
        # What waits already is load enough: more of it would only keep this machine's other tests waiting.
        self.crier.resting.set()
        began, held = time.monotonic(), self.place.held_by(victim)

        def found() -> None:
            assert self.place.held_by(victim) == []

        def redone() -> None:
            assert self.place.waiting(among=held) == 0

        wait_until(found)
        self.found_seconds.append(time.monotonic() - began)
        wait_until(redone)
        self.redone_seconds.append(time.monotonic() - began)
        self.crier.resting.clear()
        self.workers.append(self.place.spawn(scheduler=True).begin())


def _restart(server: Postgres | Redis) -> None:
    server.kill()
    server.start()


@pytest.fixture
def platform(
    backend: str, kernel: Kernel, tenant: Tenant, request: pytest.FixtureRequest
) -> Iterator[Platform]:
    """Embedded jobs on SQLite; jobs through Redis on PostgreSQL."""
    is_served = backend == "postgresql"
    servers = [request.getfixturevalue(name) if is_served else None for name in ("cluster", "own_redis")]
    running = Platform(kernel, tenant, *servers)
    yield running
    running.close()


def test_whatever_is_killed_nothing_is_lost_or_done_twice(
    platform: Platform, record_property: Callable[[str, object], None]
) -> None:
    chosen = random.Random(SEED)
    victims: list[str] = []
    began = time.monotonic()
    while len(victims) < KILLS:
        victims += chosen.sample(sorted(platform.parts), len(platform.parts))

    for victim in victims[:KILLS]:
        platform.let_work()
        platform.parts[victim]()
        platform.check()
    platform.let_work()
    platform.finish()

    platform.check()
    done = platform.place.effects()
    record_property("kills", {part: victims[:KILLS].count(part) for part in platform.parts})
    record_property("requests", platform.till.acknowledged)
    record_property("effects", len(done))
    for name, taken in (("found", platform.found_seconds), ("redone", platform.redone_seconds)):
        record_property(f"{name}_seconds", [round(seconds, 1) for seconds in sorted(taken)])
    record_property("seconds", round(time.monotonic() - began))
    assert platform.till.booked() == (platform.till.acknowledged, 100 * platform.till.acknowledged)
    assert set(platform.crier.committed) <= set(done)
    assert platform.place.states()["dead"] == 0
