"""What a request costs: our hot path against FastAPI's, and what the gate adds to bare Flask.

CPU time of the process for each request, in short interleaved rounds, each side called in process (WSGI
and ASGI) with one PostgreSQL behind both; the ratio is the median of the pairs. Ours also passes the gate:
API key, tenant, access, rate limit, row-level security and Idempotency-Key. The peer does none of it.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response
from sqlalchemy import BigInteger, Column, MetaData, String, Table, Uuid, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Manifest, Permission, Routes
from pitboss.core.database import Base, TenantRow, uuid_id
from pitboss.core.errors import NotFound
from pitboss.core.hooks import hookimpl
from pitboss.core.http import Blueprint, Body, Reply, hot, requires
from pitboss.core.identity.keys import create_key
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate, installed
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import Tenant, TenantFile
from pitboss.core.tenancy.toggle import enable
from pitboss.core.testing.databases import PostgresDatabase, migrate, postgres_missing
from pitboss.webapp.app import create_app
from tests.bench.figures import Figure, skipped

ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "60"))
REQUESTS = 40
TENANTS = 1_000
ACCOUNTS = 50
GATE_US_MAX = 15.0
CONTEXT_US_MAX = 5.0
LIMIT = 1_000_000

Serve = Callable[[int], None]


# -- ours -----------------------------------------------------------------------------------------


class AccountRow(TenantRow, Base):
    """What is read."""

    __tablename__ = "bench_account"

    id: Mapped[UUID] = uuid_id()
    balance: Mapped[int] = mapped_column(BigInteger)


class BetRow(TenantRow, Base):
    """What is written."""

    __tablename__ = "bench_bet"

    id: Mapped[UUID] = uuid_id()
    account_id: Mapped[UUID]
    stake: Mapped[int] = mapped_column(BigInteger)
    selection: Mapped[str] = mapped_column(String(60))


class PlaceBet(Body, frozen=True):
    """A bet."""

    account: UUID
    stake: int
    selection: str


class BetPlaced(Reply, frozen=True):
    """A bet that stands."""

    id: UUID
    balance: int


_ACCOUNT, _BET = AccountRow.__table__, BetRow.__table__
_READ = select(_ACCOUNT.c.balance).where(
    _ACCOUNT.c.tenant_id == bindparam("tenant"), _ACCOUNT.c.id == bindparam("account")
)
_WRITE = insert(_BET)


class Bench:
    """The plugin with the endpoints that are measured."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        permission = Permission(name="bench.bet", title="Bet")
        return Manifest(name="bench", version="1", title="Bench", permissions=(permission,))

    @hookimpl
    def register_routes(self) -> list[Routes]:
        return [Routes(blueprint=_blueprint())]


def _blueprint() -> Blueprint:
    blueprint = Blueprint("bench", __name__)

    @hot(blueprint, "/bets", body=PlaceBet, answer=BetPlaced, status=201)
    @requires("bench.bet")
    def place(ctx: Context, body: PlaceBet) -> BetPlaced:
        at = {"tenant": ctx.tenant.id, "account": body.account}
        balance = ctx.connection.scalar(_READ, at)
        if balance is None:
            raise NotFound(f"no account {body.account}")
        bet = uuid7()
        ctx.connection.execute(
            _WRITE,
            {
                "tenant_id": ctx.tenant.id,
                "id": bet,
                "account_id": body.account,
                "stake": body.stake,
                "selection": body.selection,
            },
        )
        return BetPlaced(bet, balance)

    @blueprint.get("/noop")
    @requires("bench.bet")
    def noop() -> Response:
        return Response(b"{}", content_type="application/json")

    return blueprint


@contextmanager
def platform() -> Iterator[tuple[Kernel, Tenant, str]]:
    """Give a kernel on a database of its own, a tenant with accounts, and an API key."""

    def prepare(url: str) -> None:
        kernel = _kernel(url)
        migrate(kernel)
        kernel.close()

    database = PostgresDatabase(prepare)
    kernel = _kernel(database.url)
    try:
        tenant = kernel.tenants.create(TenantFile(code="bench", name="Bench"))
        with kernel.context(tenant.id) as ctx:
            enable(ctx, "bench")
            key = create_key(ctx, "bench", permissions=["bench.bet"], requests_per_minute=LIMIT)
            rows = [{"tenant_id": tenant.id, "id": UUID(int=n), "balance": 100} for n in range(ACCOUNTS)]
            ctx.connection.execute(insert(_ACCOUNT), rows)
        kernel.tenants.forget()
        yield kernel, kernel.tenants.get(tenant.id), key.secret
    finally:
        kernel.close()
        database.drop()


def _kernel(url: str) -> Kernel:
    settings = load_settings({}, database_url=url, secret="bench-only")
    return build_kernel(settings, candidates=[*installed(safe_mode=True), Candidate("bench", Bench)])


def wsgi(
    app: Flask, path: str, key: str, *, is_write: bool, body_of: Callable[[int], bytes] | None = None
) -> Serve:
    """Return a caller of a WSGI application: `serve(n)` sends n requests."""
    make = body_of or _bet
    base = {
        "REQUEST_METHOD": "POST" if is_write else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_X_API_KEY": key,
        "CONTENT_TYPE": "application/json",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }

    def start(status: str, _headers: Any, _error: Any = None) -> None:
        assert status[0] == "2", status

    def serve(count: int) -> None:
        for number in range(count):
            body = make(number) if is_write else b""
            environ = base | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            if is_write:
                environ["HTTP_IDEMPOTENCY_KEY"] = str(uuid4())
            answer = app(environ, start)
            b"".join(answer)
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    return serve


def _bet(number: int) -> bytes:
    account = UUID(int=number % ACCOUNTS)
    return b'{"account":"%s","stake":500,"selection":"home"}' % str(account).encode()


# -- the peer -------------------------------------------------------------------------------------


class Peer:
    """The same work in FastAPI, async, with SQLAlchemy Core; no gate, key or idempotency."""

    def __init__(self, url: str, driver: str) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine

        self._loop = asyncio.new_event_loop()
        self._engine = create_async_engine(url.replace("postgresql+psycopg", f"postgresql+{driver}"))
        meta = MetaData()
        self._account = Table(
            "peer_account", meta, Column("id", Uuid, primary_key=True), Column("balance", BigInteger)
        )
        self._bet = Table(
            "peer_bet",
            meta,
            Column("id", Uuid, primary_key=True),
            Column("account_id", Uuid),
            Column("stake", BigInteger),
            Column("selection", String(60)),
        )
        self._loop.run_until_complete(self._prepare(meta))
        self._app = self._build()

    async def _prepare(self, meta: MetaData) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(meta.drop_all)
            await connection.run_sync(meta.create_all)
            rows = [{"id": UUID(int=n), "balance": 100} for n in range(ACCOUNTS)]
            await connection.execute(insert(self._account), rows)

    def _build(self) -> Any:
        from fastapi import FastAPI
        from pydantic import BaseModel

        class Bet(BaseModel):
            account: UUID
            stake: int
            selection: str

        class Placed(BaseModel):
            id: UUID
            balance: int

        app = FastAPI()
        read = select(self._account.c.balance).where(self._account.c.id == bindparam("account"))
        write = insert(self._bet)

        async def place(body: Bet) -> Placed:
            async with self._engine.begin() as connection:
                balance = await connection.scalar(read, {"account": body.account})
                bet = uuid7()
                await connection.execute(
                    write,
                    {
                        "id": bet,
                        "account_id": body.account,
                        "stake": body.stake,
                        "selection": body.selection,
                    },
                )
            return Placed(id=bet, balance=balance)

        # The annotations are names of this function: give FastAPI the classes themselves.
        place.__annotations__ = {"body": Bet, "return": Placed}
        app.post("/bets", status_code=201)(place)
        return app

    def serve(self, count: int) -> None:
        """Send some requests."""
        self._loop.run_until_complete(self._serve(count))

    async def _serve(self, count: int) -> None:
        for number in range(count):
            await self._call(_bet(number))

    async def _call(self, body: bytes) -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/bets",
            "raw_path": b"/bets",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            assert message.get("status", 200) < 300, message

        await self._app(scope, receive, send)

    def close(self) -> None:
        """Let go of the database."""
        self._loop.run_until_complete(self._engine.dispose())
        self._loop.close()


# -- measuring ------------------------------------------------------------------------------------


def cpu_us(serve: Serve, count: int) -> float:
    """Return the CPU time of this process for one request, in microseconds."""
    begun = time.process_time()
    serve(count)
    return (time.process_time() - begun) / count * 1e6


def interleaved(
    sides: dict[str, Serve], *, rounds: int = ROUNDS, count: int = REQUESTS
) -> dict[str, list[float]]:
    """Measure each side in turn, round after round, after one round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for serve in sides.values():
        serve(count)
    for _ in range(rounds):
        for name, serve in sides.items():
            found[name].append(cpu_us(serve, count))
    return found


def request_figures(kernel: Kernel, key: str) -> Iterator[Figure]:
    """Compare a read and a write on PostgreSQL with FastAPI's, on both async drivers."""
    app = create_app(kernel)
    url = kernel.database.owner_url.render_as_string(hide_password=False)
    for driver in ("asyncpg", "psycopg"):
        peer = Peer(url, driver)
        try:
            sides = {"ours": wsgi(app, "/api/v1/bench/bets", key, is_write=True), "peer": peer.serve}
            rounds = interleaved(sides)
        finally:
            peer.close()
        ours, theirs = median(rounds["ours"]), median(rounds["peer"])
        yield Figure(
            "hot request, read + write + commit on PostgreSQL, CPU",
            ours,
            "us",
            f"FastAPI async + Core on {driver}, without gate, key and idempotency",
            theirs,
            # Pair by pair: what else the machine does changes from one second to the next.
            median(peer / ours for ours, peer in zip(rounds["ours"], rounds["peer"], strict=True)),
            1.0,
        )


def gate_figure(kernel: Kernel, key: str) -> Figure:
    """Measure what everything around a view adds to a view of bare Flask."""
    bare = Flask("bare", instance_path="/nowhere")
    bare.get("/api/v1/bench/noop")(lambda: Response(b"{}", content_type="application/json"))
    path = "/api/v1/bench/noop"
    sides = {
        "gated": wsgi(create_app(kernel), path, key, is_write=False),
        "bare": wsgi(bare, path, key, is_write=False),
    }
    rounds = interleaved(sides, count=5 * REQUESTS)
    added = median(g - b for g, b in zip(rounds["gated"], rounds["bare"], strict=True))
    return Figure("the gate adds to a request, CPU", added, "us", bar=GATE_US_MAX)


def context_figure(kernel: Kernel) -> Figure:
    """Measure a context for each of a thousand tenants in turn, the checks for changes included."""
    ids = [kernel.tenants.create(TenantFile(code=f"many-{n}", name=f"Many {n}")).id for n in range(TENANTS)]

    def serve(count: int) -> None:
        for number in range(count):
            kernel.context(ids[number % TENANTS])

    rounds = interleaved({"context": serve}, count=20 * TENANTS)
    return Figure(f"a context, {TENANTS} tenants, CPU", median(rounds["context"]), "us", bar=CONTEXT_US_MAX)


def figures() -> Iterator[Figure]:
    """Measure all of it."""
    missing = postgres_missing()
    if missing:
        yield skipped("requests", missing)
        return
    with platform() as (kernel, _, key):
        yield from request_figures(kernel, key)
        yield gate_figure(kernel, key)
        yield context_figure(kernel)
