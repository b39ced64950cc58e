"""Betting: what a bet costs, how many a process takes, how fast they settle, and how soon a price is seen.

CPU is compared in short interleaved rounds, each call made in process, on one PostgreSQL. A bet passes all
that bets pass: key, guards, limits, exposure, ledger, figures, outbox and Idempotency-Key.
"""

from __future__ import annotations

import http.client
import os
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from uuid import UUID, uuid4

from sqlalchemy import insert

from pitboss.core.contracts import Guard, Manifest
from pitboss.core.garbage import spare_what_is_built
from pitboss.core.hooks import hookimpl
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate
from pitboss.core.testing.databases import SECRET, PostgresDatabase, postgres_missing
from pitboss.plugins.betting.markets import moving, reading
from pitboss.plugins.betting.settling import runs
from pitboss.plugins.betting.settling.planning import Ahead
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.slips import pricing
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.shaping import Shape
from pitboss.webapp.app import create_app
from tests.bench import bookmaker, ledger
from tests.bench import http as requests
from tests.bench.bookmaker import BETS_PATH, Bookmaker
from tests.bench.figures import Figure, skipped
from tests.faults.servers import free_port, wait_until

SCALE = float(os.environ.get("PITBOSS_BENCH_SCALE", "1"))
"""A tenth measures nothing, but shows that all of it runs."""


def _scaled(size: int, least: int = 1) -> int:
    return max(least, int(size * SCALE))


ROUNDS = _scaled(60, 3)
REQUESTS = _scaled(20, 5)
PLAYERS, MATCHES = 50, 20
COST_TIMES_MAX = 4
BETS, CLIENTS, THREADS = _scaled(3_000, 80), 8, 8
BETS_PER_SECOND = 150
P99_MEDIANS_MAX = 5
SLIPS, PARTS = _scaled(100_000, 3_000), 5
LEDGER_SHARE = 0.2
SYSTEM_LEGS, SYSTEM_LINES, SYSTEM_MS_MAX = 10, 1_013, 5
STREAMS, MOVES, STREAM_SECONDS_MAX = _scaled(500, 20), 5, 1
STREAM_OPEN_SECONDS_MAX = 120
ASKED = "what the specification asks for"


def figures() -> Iterator[Figure]:
    """Measure all of it."""
    yield system_figure()
    missing = postgres_missing()
    if missing:
        yield skipped("betting", missing)
        return
    with bookmaker.on_postgres(Candidate("bench", requests.Bench), Candidate("watch", Watch)) as kernel:
        spare_what_is_built()  # as every process does before it works
        yield from cost_figures(kernel)
        yield from rate_figures(kernel)
        yield from settlement_figures(kernel)
        yield from stream_figures(kernel)


# -- a bet -----------------------------------------------------------------------------------------


class Watch:
    """A plugin whose guard looks at every bet, as that of a jurisdiction does."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="watch", version="1", title="Watch")

    @hookimpl
    def register_listeners(self) -> list[Guard]:
        return [Guard("betting.place_bet", lambda _ctx, bet: "too much" if bet["stake"] > 10**6 else None)]


def cost_figures(kernel: Kernel) -> Iterator[Figure]:
    """Compare a single with the kernel's bare request, which reads a row and writes one."""
    made = bookmaker.found(kernel, players=PLAYERS, matches=MATCHES, also=("bench", "watch"))
    rows = [
        {"tenant_id": made.tenant.id, "id": UUID(int=n), "balance": 100} for n in range(requests.ACCOUNTS)
    ]
    with kernel.context(made.tenant.id) as ctx:
        ctx.connection.execute(insert(requests.AccountRow.__table__), rows)
    app = create_app(kernel)
    sides = {
        "bare": requests.wsgi(app, "/api/v1/bench/bets", made.key, is_write=True),
        "bet": requests.wsgi(app, BETS_PATH, made.key, is_write=True, body_of=made.body),
    }
    rounds = requests.interleaved(sides, rounds=ROUNDS, count=REQUESTS)
    yield Figure(
        "placing a single, all of it, CPU",
        median(rounds["bet"]),
        "us",
        "the bare request that reads a row and writes one",
        median(rounds["bare"]),
        median(bare / bet for bare, bet in zip(rounds["bare"], rounds["bet"], strict=True)),
        1 / COST_TIMES_MAX,
    )


def rate_figures(kernel: Kernel) -> Iterator[Figure]:
    """Let clients place bets without pause at one web process."""
    made = bookmaker.found(kernel, players=PLAYERS, matches=MATCHES, also=("watch",))
    with served(kernel, threads=THREADS) as port:
        clients = [Client(made, port, number) for number in range(CLIENTS)]
        Client.of_all(clients, 5)
        bookmaker.look_over(kernel)
        began = time.perf_counter()
        waits = sorted(Client.of_all(clients, BETS // CLIENTS))
        rate = len(waits) / (time.perf_counter() - began)
    middle, slow = median(waits), waits[int(len(waits) * 0.99)]
    name = f"bets of one web process, {CLIENTS} clients"
    yield Figure(name, rate, "/s", ASKED, BETS_PER_SECOND, rate / BETS_PER_SECOND, 1)
    yield Figure("p99 of a bet, of the median", slow / middle, "times", bar=P99_MEDIANS_MAX)
    yield Figure("median of a bet over the wire", middle * 1000, "ms")


class Client:
    """Somebody who places one bet after the other over a connection of their own."""

    def __init__(self, made: Bookmaker, port: int, number: int) -> None:
        self._made, self._next = made, number
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.waits: list[float] = []

    def place(self, count: int) -> None:
        """Place some bets."""
        for _ in range(count):
            headers = {
                "X-Api-Key": self._made.key,
                "Idempotency-Key": str(uuid4()),
                "Content-Type": "application/json",
            }
            body = self._made.body(self._next)
            self._next += CLIENTS
            began = time.perf_counter()
            self._connection.request("POST", BETS_PATH, body, headers)
            answer = self._connection.getresponse()
            said = answer.read()
            self.waits.append(time.perf_counter() - began)
            assert answer.status == 201, said

    @staticmethod
    def of_all(clients: Sequence[Client], count: int) -> list[float]:
        """Let all place so many bets at once; return how long each was waited for."""
        for client in clients:
            client.waits.clear()
        threads = [threading.Thread(target=client.place, args=(count,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        waits = [wait for client in clients for wait in client.waits]
        assert len(waits) == count * len(clients), "a client failed"
        return waits


# -- settlement ------------------------------------------------------------------------------------


def settlement_figures(kernel: Kernel) -> Iterator[Figure]:
    """Settle one event part by part, in turns with the ledger's own batches on the same server."""
    made = bookmaker.found(kernel, players=min(SLIPS // 10, 2_000), matches=1)
    (offer,) = made.offers
    bookmaker.take(made, SLIPS, offer)
    bookmaker.look_over(kernel)
    bookmaker.begin(made, offer)
    bookmaker.record_result(made, offer, 2, 1)
    with kernel.context(made.tenant.id) as ctx:
        run_id = runs.begin(
            ctx, f"bench:{offer.fixture_id}", offer.fixture_id, kind="settle", result_version=1
        )
        assert run_id is not None
    with kernel.context(made.tenant.id) as ctx:
        runs.prepare(ctx, runs.find(ctx, run_id))
    database = PostgresDatabase(ledger.prepare)
    before = _memory_mb()
    try:
        own, theirs = [], []
        for _ in range(PARTS):
            theirs.append(ledger.bulk(database.url, ledger.payout).per_second)
            own.append(_settle_part(kernel, made.tenant.id, run_id))
    finally:
        database.drop()
    grown = _memory_mb() - before
    name = f"settling {SLIPS:,} slips of one event"
    ratio = median(ours / other for ours, other in zip(own, theirs, strict=True))
    yield Figure(name, median(own), "/s", "the ledger's payouts in bulk", median(theirs), ratio, LEDGER_SHARE)
    yield Figure("memory that grew meanwhile", grown, "MB")


def _settle_part(kernel: Kernel, tenant_id: int, run_id: UUID) -> float:
    """Settle the next part; return how many slips a second."""
    began, done = time.perf_counter(), 0
    with kernel.context(tenant_id) as ctx, Ahead(ctx) as ahead:
        while done < SLIPS // PARTS:
            before = runs.find(ctx, run_id).settled_count
            if not runs.step(ctx, run_id, ahead):
                break
            done += runs.find(ctx, run_id).settled_count - before
            ctx.commit()
    return done / (time.perf_counter() - began)


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -- a system --------------------------------------------------------------------------------------


def system_figure() -> Figure:
    """Reckon a system of ten legs with all its lines, its payout and what it adds to the books."""
    shape = Shape(kind="system", leg_count=SYSTEM_LEGS, system=f"2-{SYSTEM_LEGS}/{SYSTEM_LEGS}")
    legs = [StruckLeg(n, _offered(n), Decimal("1.91"), Decimal("1.91")) for n in range(SYSTEM_LEGS)]
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        priced = pricing.price(shape, legs, stake=100, is_free=False, rules=Rules(), terms={})
        spent.append((time.process_time() - began) * 1000)
        assert priced.line_count == SYSTEM_LINES
    name = f"pricing a system of {SYSTEM_LEGS} legs, {SYSTEM_LINES:,} lines, CPU"
    return Figure(name, median(spent), "ms", bar=SYSTEM_MS_MAX)


def _offered(number: int) -> Offered:
    at, name = datetime(2026, 12, 1, 15, tzinfo=UTC), f"leg {number}"
    return Offered(
        selection_id=UUID(int=2 * number),
        market_id=UUID(int=2 * number + 1),
        code="home",
        selection_name=name,
        selection_status="active",
        odds=Decimal("1.91"),
        liability=0,
        fixture_id=UUID(int=number),
        fixture_name=name,
        sport="football",
        competition="",
        template="match_result",
        market_name="Match result",
        market_status="open",
        suspensions=(),
        is_in_play=False,
        starts_at=at,
        closes_at=at,
        odds_version=1,
        priced_at=at,
        rules_id=UUID(int=0),
        staked=0,
        refund=0,
        winners=1,
        moves_by="",
        line="",
    )


# -- prices ----------------------------------------------------------------------------------------


def stream_figures(kernel: Kernel) -> Iterator[Figure]:
    """Move a price, and wait until every client has seen it."""
    made = bookmaker.found(kernel, players=1, matches=1)
    with served(kernel, threads=STREAMS + THREADS) as port, ExitStack() as stack:
        audience = Audience()
        stack.callback(audience.close)
        for _ in range(STREAMS):
            audience.follow(port, made.key)
        audience.wait_for(b"retry:")
        spent = [_move(made, audience, Decimal(188 + number) / 100) for number in range(1, MOVES + 1)]
    yield Figure(
        f"a new price at {STREAMS} clients, the last of them", median(spent), "s", bar=STREAM_SECONDS_MAX
    )
    yield Figure("the slowest of these moves", max(spent), "s")


def _move(made: Bookmaker, audience: Audience, odds: Decimal) -> float:
    (offer,) = made.offers
    with made.kernel.context(made.tenant.id) as ctx:
        book = reading.find(ctx, offer.market_id, is_locked=True)
        moving.move(ctx, book, {offer.selections["home"]: odds}, moving.Cause(name="trader"))
    began = time.perf_counter()
    audience.wait_for(str(odds).encode())
    return time.perf_counter() - began


class Audience:
    """Clients that follow prices, each on a socket of its own."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []

    def follow(self, port: int, key: str) -> None:
        """Open one more stream."""
        one = socket.create_connection(("127.0.0.1", port), timeout=STREAM_OPEN_SECONDS_MAX)
        path = "/api/v1/events/stream?name=betting.price_moved"
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\n\r\n".encode())
        one.setblocking(False)
        self._selector.register(one, selectors.EVENT_READ)
        self._sockets.append(one)

    def wait_for(self, said: bytes) -> None:
        """Wait until every client was told something."""
        heard = dict.fromkeys(self._sockets, b"")
        deadline = time.monotonic() + STREAM_OPEN_SECONDS_MAX
        left = set(self._sockets)
        while left:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(left)} of {len(heard)} clients were not told of {said!r}")
            for key, _ in self._selector.select(1):
                one: socket.socket = key.fileobj  # type: ignore[assignment]  # what was registered
                more = one.recv(65_536)
                if not more:
                    raise ConnectionError("the server ended a stream")
                heard[one] += more
                if said in heard[one]:
                    left.discard(one)

    def close(self) -> None:
        """Hang up."""
        self._selector.close()
        for one in self._sockets:
            one.close()


# -- a server --------------------------------------------------------------------------------------


@contextmanager
def served(kernel: Kernel, *, threads: int) -> Iterator[int]:
    """Run a web process as in production, and lend its port."""
    port = free_port()
    environment = {
        "DATABASE_URL": kernel.database.url.render_as_string(hide_password=False),
        "PITBOSS_SECRET": SECRET,
        "PITBOSS_SSE_CONNECTIONS_MAX": str(threads),
        "PITBOSS_RATE_LIMIT_PER_MINUTE": str(bookmaker.REQUESTS_PER_MINUTE_MAX),
        "PITBOSS_LOG_LEVEL": "CRITICAL",
        "PATH": "/usr/bin:/bin",
    }
    options = f"--workers 1 --worker-class gthread --threads {threads} --keep-alive 60 --graceful-timeout 2"
    command = [sys.executable, "-m", "gunicorn", *options.split(), "--bind", f"127.0.0.1:{port}"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [*command, "pitboss.webapp.wsgi:app"], env=environment, stdout=log, stderr=log
        )
        try:
            wait_until(lambda: _ask(port))
            yield port
        finally:
            server.terminate()
            server.wait(60)


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/health/live")
        assert connection.getresponse().status == 200
    finally:
        connection.close()
