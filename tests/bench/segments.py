"""How fast a segment over a million players is refreshed in the database, against the same SQL by hand.

A tenth of the players come in by one condition; then the condition moves, and a part of them goes while
others come. The peer does with three statements written by hand what the refresh does: it lets in, lets
out, and writes what each player is in now. Both run in transactions that are rolled back, in turns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pitboss.core.context import Context
from pitboss.core.database.engine import normalised
from pitboss.core.tenancy import TenantFile, toggle
from pitboss.core.testing.databases import postgres_missing, preparation
from tests.bench.figures import Figure, skipped
from tests.bench.rulebook import candidates, opened, scratch

PLAYERS = int(os.environ.get("PITBOSS_BENCH_PLAYERS", "1000000"))
ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "3"))
BAR = 1 / 1.2
SEGMENT = {"kind": "segment", "key": "losing", "when": {"net_loss_min": 900, "country": "GB"}}
_FILL = """
INSERT INTO casino_facts (tenant_id, player_id, net_loss, country, is_barred)
SELECT %(tenant)s, md5(g::text)::uuid, (g * 7919 %% 100000), (ARRAY['GB', 'DE'])[g %% 2 + 1], false
FROM generate_series(1::bigint, %(players)s) g
"""
_BEFORE = """
INSERT INTO rules_member (tenant_id, segment, player_id, entered_at, version)
SELECT tenant_id, 'losing', player_id, now() - interval '1 day', 1 FROM casino_facts
WHERE country = 'GB' AND net_loss >= 80000 AND net_loss < 95000
"""
_PLAYERS_BEFORE = """
INSERT INTO rules_player (tenant_id, player_id, segments, segment)
SELECT tenant_id, player_id, '["LOSING"]', 'LOSING' FROM rules_member
"""
_LET_IN = """
INSERT INTO rules_member (tenant_id, segment, player_id, entered_at, version)
SELECT f.tenant_id, 'losing', f.player_id, now(), 1 FROM casino_facts f
WHERE f.tenant_id = %(tenant)s AND f.net_loss >= 90000 AND f.country = 'GB' AND NOT EXISTS (
    SELECT 1 FROM rules_member m WHERE m.tenant_id = %(tenant)s AND m.segment = 'losing'
        AND m.player_id = f.player_id AND m.left_at IS NULL)
ON CONFLICT DO NOTHING
"""
_LET_OUT = """
UPDATE rules_member m SET left_at = now() WHERE m.tenant_id = %(tenant)s AND m.segment = 'losing'
    AND m.left_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM casino_facts f WHERE f.tenant_id = %(tenant)s AND f.player_id = m.player_id
            AND f.net_loss >= 90000 AND f.country = 'GB')
"""
_WRITE = """
INSERT INTO rules_player (tenant_id, player_id, segments, segment)
SELECT %(tenant)s, c.player_id,
    coalesce(jsonb_agg(upper(m.segment) ORDER BY upper(m.segment))
        FILTER (WHERE m.segment IS NOT NULL), '[]'),
    min(upper(m.segment))
FROM (SELECT player_id FROM rules_member WHERE tenant_id = %(tenant)s AND segment = 'losing'
        AND (entered_at = now() OR left_at = now())) c
LEFT JOIN rules_member m ON m.tenant_id = %(tenant)s AND m.player_id = c.player_id AND m.left_at IS NULL
GROUP BY c.player_id ORDER BY c.player_id
ON CONFLICT (tenant_id, player_id) DO UPDATE SET segments = excluded.segments, segment = excluded.segment
"""


def figures() -> Iterator[Figure]:
    """Measure a refresh that lets many in and many out, on PostgreSQL."""
    missing = postgres_missing()
    if missing:
        yield skipped("segment", missing)
        return
    with scratch() as url:
        preparation(candidates())(url)
        with opened(url) as kernel:
            tenant_id = _tenant(kernel, url)
            rounds = [(_refreshed(kernel, tenant_id), _by_hand(kernel, tenant_id)) for _ in range(ROUNDS)]
    assert rounds[0][0][1] == rounds[0][1][1], "both let in and out the same players"
    own, peer = median(ours for (ours, _), _ in rounds), median(theirs for _, (theirs, _) in rounds)
    ratio = median(theirs / ours for (ours, _), (theirs, _) in rounds)
    name = f"segment: {PLAYERS:,} players refreshed on PostgreSQL"
    yield Figure(name, own, "s", peer="SQL by hand", peer_value=peer, ratio=ratio, bar=BAR)


def _tenant(kernel: Any, url: str) -> int:
    from pitboss.rules.book import store
    from tests.bench.runtime import live_rows

    tenant = kernel.tenants.create(TenantFile(code="bench", name="Bench"))
    with kernel.context(tenant.id) as ctx:
        toggle.enable(ctx, "casino")
    kernel.tenants.forget(tenant.id)
    with kernel.context(tenant.id) as ctx:
        ctx.session.add_all(live_rows(ctx, SEGMENT))
        store.touch(ctx)
    with kernel.database.owner() as connection:
        connection.exec_driver_sql(_FILL, {"tenant": tenant.id, "players": PLAYERS})
        connection.exec_driver_sql(_BEFORE)
        connection.exec_driver_sql(_PLAYERS_BEFORE)
    server = create_engine(normalised(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for table in ("casino_facts", "rules_member", "rules_player"):
            connection.exec_driver_sql(f"VACUUM ANALYZE {table}")
    return int(tenant.id)


def _refreshed(kernel: Any, tenant_id: int) -> tuple[float, tuple[int, int]]:
    from pitboss.rules.book.live import book_of
    from pitboss.rules.segments import refresh

    ctx: Context = kernel.context(tenant_id)
    book = book_of(ctx)
    started = time.perf_counter()
    done = refresh.renew(ctx, book, "losing")
    seconds = time.perf_counter() - started
    ctx.rollback()
    return seconds, (done.entered, done.left)


def _by_hand(kernel: Any, tenant_id: int) -> tuple[float, tuple[int, int]]:
    values = {"tenant": tenant_id}
    with kernel.database.owner() as connection:
        started = time.perf_counter()
        counts = [connection.exec_driver_sql(text, values).rowcount for text in (_LET_IN, _LET_OUT, _WRITE)]
        seconds = time.perf_counter() - started
        connection.rollback()
    return seconds, (counts[0], counts[1])
