"""How fast a rule is simulated over what was recorded, against a plain scan of the columns that it reads.

A million judgements on PostgreSQL, of fifteen facts each. The peer asks the database for the same four
facts of the same rows, in the same way, and adds one of them up: what a report written by hand for this
one question would do.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import polars as pl
import psycopg
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pitboss.core.database.engine import normalised
from pitboss.core.kernel import build_kernel, open_database
from pitboss.core.registry import Candidate, installed
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import TenantFile, toggle
from pitboss.core.testing.databases import SECRET, postgres_missing, postgres_url, preparation
from tests.bench.figures import Figure, skipped

ROWS = int(os.environ.get("PITBOSS_BENCH_JUDGEMENTS", "1000000"))
ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "3"))
PLAYERS = 50_000
DAYS = 90
SECONDS_MAX = 5.0
MEGABYTES_MAX = 500.0
FIRST = datetime(2026, 8, 1, tzinfo=UTC)
RULE = {
    "kind": "reward",
    "key": "cashback",
    "on": ["casino.round_played"],
    "when": {"net_loss_min": 100, "rounds_7d_min": 3, "country": "GB", "stake_min": 5},
    "then": [{"action": "casino.pay", "formula": "net_loss * 0.10", "max_amount": 50}],
    "limits": {"per_player": {"count": 1, "period": "week"}, "budget": {"amount": 100_000, "period": "day"}},
    "holdout_percent": 10,
}
# Fifteen facts, as a tenant with some plugins records them; every fifth row is one that the rule matches.
_FILL = """
INSERT INTO rules_judgement (tenant_id, id, event, player_id, revision, facts, at)
SELECT %(tenant)s,
    ('0195' || lpad(to_hex(g), 8, '0') || '70008000' || lpad(to_hex(g), 12, '0'))::uuid,
    'casino.round_played', md5((g * 7919 %% %(players)s)::text)::uuid, 1,
    jsonb_build_object(
        'now', extract(epoch FROM %(first)s::timestamptz) + g * %(step)s,
        'casino.net_loss', (g * 7919 %% 100000) / 100.0, 'casino.rounds_7d', g %% 9 + 1,
        'casino.country', (ARRAY['GB', 'DE', 'FR', 'SE'])[g %% 4 + 1],
        'casino.staked_7d', (g %% 90000) / 10.0, 'casino.seen_at', 1764000000 + g,
        'rules.segments', jsonb_build_array('LOSING', 'VIP'), 'rules.segment', 'LOSING',
        'event.stake', (g * 31 %% 500) / 10.0, 'event.won', (g %% 700) / 10.0, 'event.game', 'slots',
        'core.age', g %% 60 + 18, 'core.is_verified', g %% 3 = 0, 'core.logins_7d', g %% 40,
        'core.points', g %% 3000),
    %(first)s::timestamptz + g * %(step)s * interval '1 second'
FROM generate_series(1::bigint, %(rows)s) g
"""
_SCAN = """
COPY (SELECT id, player_id, extract(epoch FROM at), facts->>'casino.net_loss', facts->>'casino.rounds_7d',
    facts->>'casino.country', facts->>'event.stake' FROM rules_judgement
    WHERE tenant_id = %d AND event = 'casino.round_played') TO STDOUT (FORMAT csv)
"""


def figures() -> Iterator[Figure]:
    """Measure a simulation on PostgreSQL, and the scan by hand."""
    missing = postgres_missing()
    if missing:
        yield skipped("simulation", missing)
        return
    with scratch() as url:
        tenant_id = prepare(url)
        rounds = [(_alone(simulate, url, tenant_id), _alone(scan, url, tenant_id)) for _ in range(ROUNDS)]
    own = median(found["seconds"] for found, _ in rounds)
    peer = median(found["seconds"] for _, found in rounds)
    ratio = median(theirs["seconds"] / ours["seconds"] for ours, theirs in rounds)
    name = f"simulation: one rule over {ROWS:,} judgements"
    yield Figure(name, own, "s", peer="a scan by hand", peer_value=peer, ratio=ratio, bar=0.8)
    yield Figure(f"{name}, in all", own, "s", bar=SECONDS_MAX)
    memory = max(found["megabytes"] for found, _ in rounds)
    yield Figure(f"{name}, memory", memory, "MB", bar=MEGABYTES_MAX)


def simulate(url: str, tenant_id: int) -> float:
    """Simulate the rule; return how many seconds it took."""
    from pitboss.rules.replay.asked import ask
    from pitboss.rules.replay.replay import replay
    from pitboss.rules.replay.report import report

    with opened(url) as kernel, kernel.context(tenant_id) as ctx:
        asked = ask(ctx, "cashback", from_=FIRST, until=FIRST + timedelta(days=DAYS + 1))
        started = time.perf_counter()
        assert report(ctx, replay(ctx, asked))["matches"]
        return time.perf_counter() - started


def scan(url: str, tenant_id: int) -> float:
    """Read the same columns of the same rows, and count; return how many seconds it took."""
    names = ("id", "player", "at", "loss", "rounds", "country", "stake")
    texts = {"id", "player", "country"}
    schema = {name: pl.String if name in texts else pl.Float64 for name in names}
    matches, kept, size = 0, [], 0
    driver = normalised(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def count() -> int:
        frame = pl.read_csv(io.BytesIO(b"".join(kept)), has_header=False, schema=schema)
        wanted = (
            pl.col("loss") >= 100,
            pl.col("rounds") >= 3,
            pl.col("country") == "GB",
            pl.col("stake") >= 5,
        )
        return frame.filter(*wanted).height

    with psycopg.connect(driver) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        with cursor.copy(_SCAN % tenant_id) as rows:  # type: ignore[arg-type]  # a text of our own
            for row in rows:
                kept.append(row)
                size += len(row)
                if size > 8 * 1024 * 1024:
                    matches += count()
                    kept, size = [], 0
        assert matches + (count() if kept else 0)
        return time.perf_counter() - started


def prepare(url: str) -> int:
    """Make the tables, a tenant with the rule, and the history."""
    from pitboss.rules.book import drafts

    preparation(candidates())(url)
    with opened(url) as kernel:
        tenant = kernel.tenants.create(TenantFile(code="bench", name="Bench"))
        with kernel.context(tenant.id) as ctx:
            toggle.enable(ctx, "casino")
        kernel.tenants.forget(tenant.id)
        with kernel.context(tenant.id) as ctx:
            drafts.create(ctx, RULE)
        step = DAYS * 86_400 / ROWS
        values = {"tenant": tenant.id, "players": PLAYERS, "first": FIRST, "step": step, "rows": ROWS}
        with kernel.database.owner() as connection:
            connection.exec_driver_sql(_FILL, values)
    with create_engine(
        normalised(url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    ).connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE rules_judgement")
    return tenant.id


def _alone(work: Any, url: str, tenant_id: int) -> dict[str, float]:
    """Do work in a process of its own, so that its memory can be told."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measured, args=(work, url, tenant_id, queue))
    process.start()
    found: dict[str, float] = queue.get()
    process.join()
    return found


def _measured(work: Any, url: str, tenant_id: int, queue: Any) -> None:
    seconds = work(url, tenant_id)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queue.put({"seconds": seconds, "megabytes": megabytes})


def candidates() -> list[Candidate]:
    from tests.rules import casino

    return [*installed(safe_mode=True), casino.CANDIDATE]


@contextmanager
def opened(url: str) -> Iterator[Any]:
    with TemporaryDirectory() as folder:
        settings = load_settings({}, database_url=url, secret=SECRET, data=Path(folder))
        kernel = build_kernel(settings, candidates=candidates(), database=open_database(settings))
        yield kernel
        kernel.close()


@contextmanager
def scratch() -> Iterator[str]:
    """Lend a database of PostgreSQL, and drop it."""
    name = f"pitboss_bench_{uuid4().hex[:12]}"
    server = create_engine(normalised(postgres_url()), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield normalised(postgres_url()).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
