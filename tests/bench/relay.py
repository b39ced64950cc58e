"""How fast committed events reach their listeners: embedded on SQLite, through Redis on PostgreSQL.

The clock runs from the moment when all events are committed and the workers, which are processes of
their own, may begin, until the last listener's effect (an insert through its context) is committed.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import TenantFile
from pitboss.core.tenancy.toggle import enable
from pitboss.core.testing.databases import PostgresDatabase, migrate, postgres_missing
from tests.bench.figures import Figure, skipped
from tests.core.jobs.acme import EFFECT
from tests.faults.servers import Redis
from tests.workers.child import PLUGIN, Child, make_kernel

ROUNDS = 3
EVENTS_A_TRANSACTION = 100
REDIS_EVENTS, REDIS_BAR = 8_000, 2_000
SQLITE_EVENTS, SQLITE_BAR = 3_000, 500
ROUND_SECONDS_MAX = 120


def figures() -> Iterator[Figure]:
    """Measure both modes; of the rounds, the one that the machine disturbed least counts."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        _prepare(url)
        rates = [_measure(url, "", events=SQLITE_EVENTS, processes=1, threads=2) for _ in range(ROUNDS)]
        yield _figure("embedded: events to listeners", max(rates), SQLITE_BAR)
    missing = servers_missing()
    if missing:
        yield skipped("relay", missing)
        return
    with servers() as (url, redis_url):
        rates = [_measure(url, redis_url, events=REDIS_EVENTS, processes=2, threads=2) for _ in range(ROUNDS)]
        yield _figure("PostgreSQL and Redis: events to listeners", max(rates), REDIS_BAR)


def _figure(name: str, rate: float, bar: float) -> Figure:
    peer = "what the specification asks for"
    return Figure(name, rate, "events/s", peer=peer, peer_value=bar, ratio=rate / bar, bar=1)


def _measure(url: str, redis_url: str, *, events: int, processes: int, threads: int) -> float:
    kernel = make_kernel(url, redis_url)
    namespace = f"bench-{uuid4().hex[:8]}"
    children = [Child.spawn(url, redis_url, threads=threads, namespace=namespace) for _ in range(processes)]
    try:
        tenant_id = kernel.tenants.create(TenantFile(code=namespace, name="Bench")).id
        with kernel.context(tenant_id) as ctx:
            enable(ctx, "acme")
        kernel.tenants.forget()
        _emit(kernel, tenant_id, events)
        began = time.perf_counter()
        for child in children:
            child.begin()
        _wait(kernel, tenant_id, events)
        return events / (time.perf_counter() - began)
    finally:
        for child in children:
            child.stop()
        kernel.close()


def _emit(kernel: Kernel, tenant_id: int, events: int) -> None:
    for first in range(0, events, EVENTS_A_TRANSACTION):
        with kernel.context(tenant_id) as ctx:
            for number in range(first, first + EVENTS_A_TRANSACTION):
                ctx.emit("acme.rang", {"what": f"ring {number}"})


def _wait(kernel: Kernel, tenant_id: int, events: int) -> None:
    done = select(func.count()).where(EFFECT.c.tenant_id == tenant_id)
    deadline = time.monotonic() + ROUND_SECONDS_MAX
    while True:
        with kernel.database.transaction(tenant_id, read_only=True) as connection:
            if connection.scalar(done) == events:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{events} events were not done in {ROUND_SECONDS_MAX} s")
        time.sleep(0.02)


def _prepare(url: str, plugin: str = PLUGIN) -> None:
    kernel = make_kernel(url, plugin=plugin)
    migrate(kernel)
    kernel.close()


def servers_missing() -> str | None:
    """Say what is missing for jobs through Redis, or None."""
    no_redis = None if shutil.which("redis-server") else "redis-server is not installed"
    return postgres_missing() or no_redis


@contextmanager
def servers(plugin: str = PLUGIN) -> Iterator[tuple[str, str]]:
    """Have a database with the tables of a plugin, and a Redis; return their addresses."""
    database = PostgresDatabase(partial(_prepare, plugin=plugin))
    with tempfile.TemporaryDirectory() as folder:
        redis = Redis(Path(folder))
        redis.start()
        try:
            yield database.url, redis.url
        finally:
            redis.stop()
            database.drop()
