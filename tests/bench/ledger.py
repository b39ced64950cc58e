"""How many postings the ledger takes, against pgbench's TPC-B-like run on the same server.

Slices of both are interleaved, because the machine is shared; each figure is the median of its pairs.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pitboss.core.database import Base, Database
from pitboss.core.database.engine import normalised
from pitboss.core.database.isolation import protect
from pitboss.core.ledger import (
    Account,
    GroupCommit,
    Leg,
    Posting,
    house,
    install,
    player,
    post,
    post_and_commit,
    post_many,
    verify,
)
from pitboss.core.ledger.tables import TABLES
from pitboss.core.testing.databases import postgres_missing, postgres_url
from tests.bench.figures import Figure, skipped

TENANT = 1
WALLETS = 10_000
CLIENTS = 16
SCALE = 50
BATCH = 1_000
ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "3"))
SLICE_SECONDS = float(os.environ.get("PITBOSS_BENCH_SECONDS", "4"))
FUNDS = 1_000_000

CLEARING = house("clearing", "EUR")


@dataclass(frozen=True, slots=True)
class Slice:
    """What a few seconds of one kind of work came to."""

    per_second: float
    p99_ms: float


def figures() -> Iterator[Figure]:
    """Measure the ledger on PostgreSQL and on SQLite."""
    missing = postgres_missing()
    if missing:
        yield skipped("ledger", missing)
        return
    with scratch() as (url, folder), ExitStack() as stack:
        file = f"sqlite:///{folder}/ledger.sqlite3"
        # Clients are forked before this process connects anywhere, so that they share no connection.
        clients, few, many = (
            stack.enter_context(Clients(at, threads, processes=processes))
            for at, threads, processes in ((url, CLIENTS // 2, 2), (file, CLIENTS, 1), (file, 64, 1))
        )
        prepare(url)
        prepare(file)
        initialise_pgbench(url)
        for each in (clients, few, many):
            each.warm()
        yield from postgres_figures(url, folder, clients)
        yield from sqlite_figures(url, file, folder, few, many)
        for each in (url, file):
            kind = normalised(each).get_backend_name()
            yield Figure(f"ledger: laws broken on {kind} after all that", broken_laws(each), "", bar=0)


def postgres_figures(url: str, folder: Path, clients: Clients) -> Iterator[Figure]:
    """Measure single posts at 16 clients, and batches at one."""
    peer = partial(tpcb, url, folder, CLIENTS)
    own, theirs = pairs(lambda: clients.run("commit"), peer)
    yield ratio("ledger: posts/s, 16 clients, 10,000 wallets", own, theirs, "TPC-B at 16", bar=1.2)
    yield latency("ledger: p99 of a post, 16 clients", own, theirs, "TPC-B at 16", bar=1.0)
    waits = theirs
    own, theirs = pairs(lambda: clients.run("commit hot"), peer)
    yield ratio("ledger: posts/s, 16 clients, one house account", own, theirs, "TPC-B at 16", bar=1.0)
    own, theirs = pairs(lambda: clients.run("inside"), peer)
    yield ratio("ledger: posts/s in a caller's transaction, 16 clients", own, theirs, "TPC-B at 16")
    alone = partial(tpcb, url, folder, 1)
    own, theirs = pairs(lambda: bulk(url, payout), alone)
    yield ratio("ledger: bulk payouts/s, batches of 1,000, 1 client", own, theirs, "TPC-B at 1", bar=15.0)
    yield latency("ledger: p99 of a bulk payout (batch / 1,000)", own, waits, "TPC-B at 16", bar=1.0)
    own, theirs = pairs(lambda: bulk(url, posting), alone)
    yield ratio("ledger: bulk wallet to wallet/s, batches of 1,000, 1 client", own, theirs, "TPC-B at 1")


def sqlite_figures(url: str, file: str, folder: Path, few: Clients, many: Clients) -> Iterator[Figure]:
    """Measure durable posts in a file: each waited for by its own client, and in groups.

    A client's post is durable when it returns. Clients share a commit with those who post at the same
    moment, as TPC-B's clients share a flush of PostgreSQL's log. A group is a batch of `post_many`.
    """
    peer = partial(tpcb, url, folder, CLIENTS)
    own, theirs = pairs(lambda: few.run("commit"), peer)
    yield ratio("ledger: posts/s on SQLite, 16 clients", own, theirs, "TPC-B at 16", bar=1.0)
    own, theirs = pairs(lambda: many.run("commit"), peer)
    yield ratio("ledger: posts/s on SQLite, 64 clients", own, theirs, "TPC-B at 16")
    own, theirs = pairs(lambda: few.run("turns"), peer)
    yield ratio("ledger: posts/s on SQLite, a commit each, 16 clients", own, theirs, "TPC-B at 16")
    own, theirs = pairs(lambda: bulk(file, posting), peer)
    yield ratio("ledger: posts/s on SQLite in groups of 1,000, 1 client", own, theirs, "TPC-B at 16", bar=3.0)


def pairs(own: Callable[[], Slice], peer: Callable[[], Slice]) -> tuple[list[Slice], list[Slice]]:
    """Run both in turns."""
    both = [(own(), peer()) for _ in range(ROUNDS)]
    return [one for one, _ in both], [other for _, other in both]


def ratio(name: str, own: list[Slice], theirs: list[Slice], peer: str, *, bar: float | None = None) -> Figure:
    """Compare speeds: above 1 the ledger does more."""
    pair = [one.per_second / other.per_second for one, other in zip(own, theirs, strict=True)]
    value = median(one.per_second for one in own)
    peer_value = median(other.per_second for other in theirs)
    return Figure(name, value, "/s", peer=peer, peer_value=peer_value, ratio=median(pair), bar=bar)


def latency(name: str, own: list[Slice], theirs: list[Slice], peer: str, *, bar: float) -> Figure:
    """Compare waiting times: above 1 the ledger is quicker."""
    pair = [other.p99_ms / one.p99_ms for one, other in zip(own, theirs, strict=True)]
    value = median(one.p99_ms for one in own)
    peer_value = median(other.p99_ms for other in theirs)
    return Figure(name, value, "ms", peer=peer, peer_value=peer_value, ratio=median(pair), bar=bar)


# -- the ledger -----------------------------------------------------------------------------------


def wallet(number: int) -> Account:
    """Name one of the wallets."""
    return player(str(number), "wallet", "EUR")


def posting(chance: random.Random, *, hot: bool = False) -> Posting:
    """Make up a payment between two wallets, or from a wallet to the house."""
    payer, payee = chance.sample(range(WALLETS), 2)
    target = CLEARING if hot else wallet(payee)
    return Posting(key=uuid4().hex, op="bench", legs=[Leg(wallet(payer), target, 1)])


def payout(chance: random.Random) -> Posting:
    """Make up what bulk work mostly is, a settlement or a bonus: the house pays a wallet."""
    winner = wallet(chance.randrange(WALLETS))
    return Posting(key=uuid4().hex, op="bench", legs=[Leg(CLEARING, winner, 1)])


def prepare(url: str) -> None:
    """Make the tables, and open and fund the wallets."""
    database = Database(url)
    with database.owner() as connection:
        Base.metadata.create_all(connection, tables=list(TABLES))
        protect(connection, TABLES)
        install(connection)
    for start in range(0, WALLETS, BATCH):
        gifts = [
            Posting(key=f"fund:{number}", op="fund", legs=[Leg(CLEARING, wallet(number), FUNDS)])
            for number in range(start, start + BATCH)
        ]
        with database.transaction(TENANT) as connection:
            post_many(connection, gifts)
    with database.owner() as connection:
        connection.exec_driver_sql("ANALYZE")
    database.dispose()


def broken_laws(url: str) -> int:
    """Count what breaks the laws of the books after all that."""
    database = Database(url)
    with database.transaction(TENANT) as connection:
        broken = sum(verify(connection).values())
    database.dispose()
    return broken


def bulk(url: str, make: Callable[[random.Random], Posting]) -> Slice:
    """Post batches on one connection."""
    database, chance = Database(url, pool_size=1), random.Random(7)
    waits: list[float] = []
    with database.transaction(TENANT) as connection:
        post_many(connection, [make(chance) for _ in range(BATCH)])
    start = time.perf_counter()
    while time.perf_counter() - start < SLICE_SECONDS:
        batch = [make(chance) for _ in range(BATCH)]
        before = time.perf_counter()
        with database.transaction(TENANT) as connection:
            post_many(connection, batch)
        waits.append(time.perf_counter() - before)
    spent = time.perf_counter() - start
    database.dispose()
    return Slice(len(waits) * BATCH / spent, percentile(waits) * 1000 / BATCH)


def timed(act: Callable[[], object]) -> list[float]:
    """Do something for one slice; return how long each time took."""
    waits = []
    end = time.perf_counter() + SLICE_SECONDS
    while (before := time.perf_counter()) < end:
        act()
        waits.append(time.perf_counter() - before)
    return waits


def percentile(waits: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(waits)[int(len(waits) * 0.99)] if waits else float("inf")


class Clients:
    """Clients in a process of their own, one a thread, which wait to be told what to do.

    Two processes, as a machine of two cores runs them; the threads of each share their commits.
    """

    def __init__(self, url: str, threads: int, *, processes: int = 1) -> None:
        self.url = url
        context = multiprocessing.get_context("fork")
        self._pipes: list[Pipe] = []
        self._processes = []
        for seed in range(processes):
            ours, its = context.Pipe()
            process = context.Process(target=_serve, args=(url, seed, threads, its), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def warm(self) -> None:
        """Let every process connect, and learn the numbers of the wallets."""
        self._tell("warm")

    def run(self, work: str) -> Slice:
        """Let all do the same kind of work for one slice."""
        waits = [wait for each in self._tell(work) for wait in each]
        return Slice(len(waits) / SLICE_SECONDS, percentile(waits) * 1000)

    def _tell(self, work: str) -> list[Any]:
        for pipe in self._pipes:
            pipe.send(work)
        return [pipe.recv() for pipe in self._pipes]

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        self._tell("stop")
        for process in self._processes:
            process.join()


def _serve(url: str, seed: int, threads: int, pipe: Pipe) -> None:
    database = Database(url, pool_size=threads)
    alone = GroupCommit(database, group_max=1)

    def inside(one: Posting) -> None:
        with database.transaction(TENANT) as connection:
            post(connection, key=one.key, op=one.op, legs=one.legs)

    def turns(one: Posting) -> None:
        alone.post(TENANT, one)

    def commit(one: Posting) -> None:
        post_and_commit(database, TENANT, one)

    acts = {"inside": inside, "turns": turns, "commit": commit}
    with ThreadPoolExecutor(threads) as pool:
        while (work := pipe.recv()) != "stop":
            waits: list[float] = []
            if work == "warm":
                _learn(database, seed)
            else:
                name, _, kind = work.partition(" ")
                client = partial(_client, acts[name], is_hot=kind == "hot")
                waits = [wait for each in pool.map(client, range(threads)) for wait in each]
            pipe.send(waits)
    database.dispose()
    pipe.send([])


def _client(act: Callable[[Posting], object], number: int, *, is_hot: bool) -> list[float]:
    chance = random.Random(f"{os.getpid()}:{number}")
    return timed(lambda: act(posting(chance, hot=is_hot)))


def _learn(database: Database, seed: int) -> None:
    everyone = [Leg(CLEARING, wallet(number), 1) for number in range(WALLETS)]
    for start in range(0, WALLETS, BATCH):
        with database.transaction(TENANT) as connection:
            legs = everyone[start : start + BATCH]
            post(connection, key=f"warm:{seed}:{start}", op="warm", legs=legs)


# -- the peer -------------------------------------------------------------------------------------


@contextmanager
def scratch() -> Iterator[tuple[str, Path]]:
    """Make a database and a folder, and remove them."""
    name = f"pitboss_bench_{os.getpid()}"
    server = create_engine(normalised(postgres_url()), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        with tempfile.TemporaryDirectory(dir=os.environ.get("PITBOSS_BENCH_FOLDER")) as folder:
            url = normalised(postgres_url()).set(database=name).render_as_string(hide_password=False)
            yield url, Path(folder)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def initialise_pgbench(url: str) -> None:
    """Make pgbench's own tables."""
    _pgbench(url, "-i", "-q", "-s", str(SCALE))


def tpcb(url: str, folder: Path, clients: int) -> Slice:
    """Run pgbench's TPC-B-like script for one slice."""
    with tempfile.TemporaryDirectory(dir=folder) as logs:
        jobs = min(clients, os.cpu_count() or 1)
        load = ("-M", "prepared", "-n", "-c", str(clients), "-j", str(jobs), "-T", f"{SLICE_SECONDS:.0f}")
        out = _pgbench(url, *load, "-l", f"--log-prefix={logs}/t")
        waits = [
            int(line.split()[2]) / 1e6
            for log in Path(logs).iterdir()
            for line in log.read_text().splitlines()
        ]
    (speed,) = (line.split()[2] for line in out.splitlines() if line.startswith("tps = "))
    return Slice(float(speed), percentile(waits) * 1000)


def _pgbench(url: str, *arguments: str) -> str:
    parsed = normalised(url)
    environment = os.environ | {
        "PGHOST": parsed.host or "127.0.0.1",
        "PGPORT": str(parsed.port or 5432),
        "PGUSER": parsed.username or "postgres",
        "PGPASSWORD": parsed.password or "",
    }
    done = subprocess.run(
        ["pgbench", *arguments, parsed.database or ""],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
