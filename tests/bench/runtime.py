"""Rules at work: events a second through facts, live rules, record and reward, on PostgreSQL and Redis.

One worker process with the threads that it has by default: its relay carries the jobs to Redis and back,
each thread reads the players' facts, decides all live rules, pays one reward through the ledger with its
record, and commits. The clock runs from the moment when all events are committed and the worker may
begin, until the last judgement is committed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.identity.players import register_player
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.kernel import Kernel
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import TenantFile
from pitboss.core.tenancy.toggle import enable
from pitboss.rules.book import store
from pitboss.rules.book.live import book_of
from pitboss.rules.book.tables import RuleRow, Stage, State, VersionRow
from tests.bench.bookmaker import look_over
from tests.bench.figures import Figure, skipped
from tests.bench.relay import servers, servers_missing
from tests.rules import casino
from tests.workers.child import Child, make_kernel

PLAYERS = 200
EVENTS = 2_000
ROUNDS = 3
RATE_BAR = 200
FEW, MANY = 10, 1_000
GROWTH_BAR = 1.3
ROUND_SECONDS_MAX = 120

_JOB = JobRow.__table__
CASINO = casino.__name__


def figures() -> Iterator[Figure]:
    """Measure with few rules and with many, in turns; the best round of each counts."""
    missing = servers_missing()
    if missing:
        yield skipped("rules at work", missing)
        return
    with servers(plugin=CASINO) as (url, redis_url):
        kernel = make_kernel(url, redis_url, plugin=CASINO)
        tenants = {count: _tenant(kernel, count) for count in (FEW, MANY)}
        look_over(kernel)
        rounds = [
            {count: _measure(kernel, redis_url, *tenants[count]) for count in tenants} for _ in range(ROUNDS)
        ]
        kernel.close()
    seconds = {count: min(found[count] for found in rounds) for count in tenants}
    rate, asked = EVENTS / seconds[MANY], "what the specification asks for"
    name = f"events through {MANY:,} live rules"
    yield Figure(name, rate, "events/s", peer=asked, peer_value=RATE_BAR, ratio=rate / RATE_BAR, bar=1)
    growth = seconds[MANY] / seconds[FEW]
    yield Figure(f"cost of an event at {MANY:,} rules, of that at {FEW}", growth, "times", bar=GROWTH_BAR)


def _tenant(kernel: Kernel, rules: int) -> tuple[int, list[UUID]]:
    """Make a tenant with so many live rules, of which one pays at each event."""
    tenant_id = kernel.tenants.create(TenantFile(code=f"bench-{uuid4().hex[:8]}", name="Bench")).id
    with kernel.context(tenant_id) as ctx:
        enable(ctx, "casino")
    kernel.tenants.forget()
    with kernel.context(tenant_id) as ctx:
        players = [
            register_player(ctx, email=f"{uuid7()}@bench.test", password=None).id for _ in range(PLAYERS)
        ]
    with kernel.context(tenant_id) as ctx:
        ctx.session.add_all(row for document in _documents(rules) for row in live_rows(ctx, document))
        store.touch(ctx)
    with kernel.context(tenant_id) as ctx:
        book_of(ctx).on("casino.round_played").rewards.ruleset.build()
    return tenant_id, players


def live_rows(ctx: Context, document: dict[str, Any]) -> Iterator[VersionRow | RuleRow]:
    """Yield the rows of a live rule: a thousand ways through approval are not what is measured."""
    of = {"tenant_id": ctx.tenant.id, "key": document["key"]}
    now = ctx.clock.now()
    yield VersionRow(**of, number=1, document=document, author="bench", message="", created_at=now)
    state = {"state": State.LIVE, "stage": Stage.PUBLISHED, "head": 1, "live": 1}
    yield RuleRow(**of, **state, kind="reward", name="", changed_by="bench", changed_at=now)


def _documents(count: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    common = {"kind": "reward", "on": ["casino.round_played"]}
    yield {**common, "key": "always", "then": [{"action": "casino.pay", "formula": "event.stake * 0.01"}]}
    for number in range(1, count):
        when = {
            "country": chance.choice(["FR", "DE", "GB", "ES", "IT"]),
            "event.game": chance.choice(["slots", "roulette", "poker"]),
            "net_loss_min": chance.randrange(10, 10_000),
            "staked_7d": {"max": chance.randrange(10, 500)},
        }
        then = [{"action": "casino.pay", "formula": "net_loss * 0.05", "max_amount": 50}]
        yield {**common, "key": f"rule-{number}", "when": when, "then": then, "priority": number % 10}


def _measure(kernel: Kernel, redis_url: str, tenant_id: int, players: list[UUID]) -> float:
    """Return the seconds that a worker takes for the events."""
    chance = random.Random(11)
    for _ in range(EVENTS // 50):
        with kernel.context(tenant_id) as ctx:
            for _ in range(50):
                casino.lose(ctx, chance.choice(players), chance.randrange(100, 5_000))
    url = kernel.database.url.render_as_string(hide_password=False)
    threads = load_settings({}, database_url=url).worker_threads
    worker = Child.spawn(url, redis_url, plugin=CASINO, threads=threads, namespace=f"bench-{uuid4().hex[:8]}")
    try:
        began = time.perf_counter()
        worker.begin()
        _wait(kernel)
        return time.perf_counter() - began
    finally:
        worker.stop()


def _wait(kernel: Kernel) -> None:
    waiting = select(func.count()).where(_JOB.c.state.in_([JobState.READY, JobState.LEASED]))
    deadline = time.monotonic() + ROUND_SECONDS_MAX
    while True:
        with kernel.database.system(read_only=True) as connection:
            if connection.scalar(waiting) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{EVENTS} events were not judged in {ROUND_SECONDS_MAX} s")
        time.sleep(0.02)
