"""A crowd for the demo tenant, by set-based SQL: players, rules, and what rules decided of them.

The fill is made up, but shaped as a real one: few players and rules have most of the decisions, a
segment holds most of the players, and all of it happened over ninety days.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, create_engine
from sqlalchemy.pool import NullPool

from pitboss.core.context import Context
from pitboss.core.contracts import Variable
from pitboss.core.database.engine import normalised
from pitboss.rules.replay import figures
from pitboss.rules.segments import growth

DAYS = 90
DECISIONS_OF_AN_EVENT = 3
_ID = "(lpad(to_hex(({at} * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex({number}), 12, '0'))::uuid"
_AT = "extract(epoch FROM now()) - %(seconds)s * (1 - {number} / {of}::numeric)"
_PLAYER_ID = _ID.format(at="(extract(epoch FROM date_trunc('day', now())) - 86400 * 400)", number="{number}")
# The square of an even chance: few have much.
_SOME_PLAYER = _PLAYER_ID.format(
    number="(%(players)s * power(e * 7919::bigint %% 100003 / 100003.0, 2))::bigint"
)

_PLAYERS = f"""
INSERT INTO player (tenant_id, id, email, username, display_name, status, country, version, created_at)
SELECT %(tenant)s, {_PLAYER_ID.format(number="g")}, 'crowd' || g || '@bench.test', 'crowd' || g,
    'Crowd ' || g, 'active', (ARRAY['GB', 'DE', 'FR', 'SE'])[g %% 4 + 1], 1,
    now() - g %% 300 * interval '1 day'
FROM generate_series(0, %(players)s) g
"""
# Each is, in what plugins know of a player, like one of the demo's.
_FACTS = """
WITH known AS (SELECT *, row_number() OVER (ORDER BY player_id) - 1 AS n FROM {table}
    WHERE tenant_id = %(tenant)s),
players AS (SELECT id, row_number() OVER (ORDER BY id) %% (SELECT count(*) FROM known) AS n FROM player
    WHERE tenant_id = %(tenant)s AND email LIKE 'crowd%%')
INSERT INTO {table} (tenant_id, player_id, {columns})
SELECT %(tenant)s, id, {columns} FROM players JOIN known USING (n)
"""
_DOCUMENT = """
CASE WHEN g % 50 = 0 THEN jsonb_build_object('kind', 'segment', 'key', 'crowd-' || g, 'name', 'Crowd ' || g,
    'when', jsonb_build_object('total_wagered_min', g, 'country', country))
WHEN g % 100 = 1 THEN jsonb_build_object('kind', 'alert', 'key', 'crowd-' || g, 'name', 'Crowd ' || g,
    'on', jsonb_build_array('loyalty.wager_placed'), 'when', jsonb_build_object('event.amount_min', g),
    'message', 'A stake of {event.amount}.', 'channels', jsonb_build_array('staff'), 'severity', g % 10 + 1)
ELSE jsonb_build_object('kind', 'reward', 'key', 'crowd-' || g, 'name', 'Crowd ' || g,
    'on', jsonb_build_array(event), 'tags', jsonb_build_array('crowd', 'tag-' || g % 40), 'priority', g % 30,
    'when', jsonb_build_object('segment', segment, 'country', country, 'net_loss_7d_min', g % 997,
        'session_count_min', g % 7),
    'then', jsonb_build_array(jsonb_build_object('action', 'loyalty.grant_points', 'amount', g % 90 + 1)),
    'limits', jsonb_build_object('per_player', jsonb_build_object('count', 1, 'period', 'day')))
END
""".replace("%", "%%")
_RULES = f"""
WITH made AS (
    SELECT g, {_DOCUMENT} AS document FROM (SELECT g,
        (ARRAY['loyalty.wager_placed', 'loyalty.deposit_made', 'loyalty.session_ended',
            'betting.bet_placed', 'loyalty.win_paid'])[g %% 5 + 1] AS event,
        (ARRAY['LOSING', 'WINNING', 'NEW', 'BREAKEVEN', 'VIP'])[g * 31 %% 5 + 1] AS segment,
        (ARRAY['GB', 'DE', 'FR', 'SE'])[g * 7 %% 4 + 1] AS country
        FROM generate_series(0, %(rules)s - 1) g) drawn),
versions AS (
    INSERT INTO rules_version (tenant_id, key, number, document, author, message, created_at)
    SELECT %(tenant)s, document->>'key', 1, document, 'operator:bench', '', now() - interval '90 days'
    FROM made),
steps AS (
    INSERT INTO rules_step (tenant_id, id, key, number, step, actor, comment, at)
    SELECT %(tenant)s, gen_random_uuid(), document->>'key', 1, step, 'operator:bench', '',
        now() - interval '90 days'
    FROM made CROSS JOIN (VALUES ('saved'), ('tested'), ('submitted'), ('approved'), ('published')) s (step))
INSERT INTO rules_rule (tenant_id, key, kind, name, state, stage, head, live, revision, words, changed_by,
    changed_at)
SELECT %(tenant)s, document->>'key', document->>'kind', document->>'name', state,
    CASE state WHEN 'idle' THEN 'draft' ELSE 'published' END, 1,
    CASE WHEN state IN ('live', 'paused') THEN 1 END, 1,
    E'\\n' || (document->>'key') || E'\\n' || lower(document->>'name') || E'\\n', 'operator:bench',
    now() - g * interval '13 minutes'
FROM (SELECT *, (ARRAY['live', 'live', 'live', 'retired', 'idle', 'live', 'live', 'retired', 'paused',
    'idle'])[g / 10 %% 10 + 1] AS state FROM made) stated
"""
_STAYS = """
INSERT INTO rules_member (tenant_id, segment, player_id, entered_at, left_at, version)
SELECT %(tenant)s, segment, p.id, now() - (n * 7919 %% 80) * interval '1 day',
    CASE WHEN n %% 3 = 0 THEN now() - (n %% 5) * interval '1 hour' END, 1
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM player
    WHERE tenant_id = %(tenant)s AND email LIKE 'crowd%%') p
CROSS JOIN (
    SELECT key AS segment, row_number() OVER (ORDER BY key) AS place FROM rules_rule
    WHERE tenant_id = %(tenant)s AND kind = 'segment' AND state = 'live') s
WHERE p.n * 31 %% 1000 < 900 / (place * 1.5)
"""
_EVENTS = f"""
INSERT INTO event_log (tenant_id, id, name, player_id, payload, actor, at)
SELECT %(tenant)s, {_ID.format(at="at", number="e")}, 'loyalty.wager_placed', {_SOME_PLAYER},
    jsonb_build_object('wager_id', e::text, 'amount', '10.00', 'at', to_timestamp(at)), 'api_key:bench',
    to_timestamp(at)
FROM (SELECT e, {_AT.format(number="e", of="%(events)s")} AS at
    FROM generate_series(0::bigint, %(events)s - 1) e) drawn
"""
_JUDGEMENTS = f"""
INSERT INTO rules_judgement (tenant_id, id, event, player_id, revision, facts, at)
SELECT %(tenant)s, {_ID.format(at="at", number="e")}, 'loyalty.wager_placed', {_SOME_PLAYER}, 1,
    jsonb_build_object('now', at::float8, 'event.amount', e %% 200 + 1.0,
        'loyalty.net_loss_7d', e %% 900 + 0.5,
        'loyalty.session_count', e %% 12, 'loyalty.country', (ARRAY['GB', 'DE', 'FR', 'SE'])[e %% 4 + 1],
        'rules.segment', (ARRAY['LOSING', 'WINNING', 'NEW'])[e %% 3 + 1],
        'rules.segments', jsonb_build_array((ARRAY['LOSING', 'WINNING', 'NEW'])[e %% 3 + 1]),
        'loyalty.days_since_last_deposit', e %% 30, 'loyalty.average_bet', e %% 50 + 1.0,
        'loyalty.total_wagered', e %% 9000 + 1.0, 'loyalty.account_age_days', e %% 400 + 0.25),
    to_timestamp(at)
FROM (SELECT e, {_AT.format(number="e", of="%(events)s")} AS at
    FROM generate_series(0::bigint, %(events)s - 1) e) drawn
"""
# Each event has decisions of three rules; the demo's cashback has a tenth of all.
_DECISIONS = f"""
INSERT INTO rules_decision (tenant_id, id, event_id, rule, version, player_id, outcome, amount, unit, at)
SELECT %(tenant)s, {_ID.format(at="at", number="g")}, {_ID.format(at="at", number="e")},
    CASE WHEN g %% 10 = 0 THEN 'weekly-cashback' ELSE 'crowd-' || (g %% 3 + 2 +
        100 * floor(%(rules)s / 100 * power(g * 104729 %% 100019 / 100019.0, 3)))::bigint END,
    1, {_SOME_PLAYER},
    (ARRAY['done', 'done', 'done', 'done', 'capped', 'held_out', 'out_of_budget'])[g %% 7 + 1],
    g %% 90 * 100 + 50, CASE WHEN g %% 10 = 0 THEN 'GBP' ELSE 'PTS' END, to_timestamp(at)
FROM (SELECT g, g / {DECISIONS_OF_AN_EVENT} AS e,
    {_AT.format(number=f"(g / {DECISIONS_OF_AN_EVENT})", of="%(events)s")} AS at
    FROM generate_series(0::bigint, %(decisions)s - 1) g) drawn
"""
_BOOK = "UPDATE rules_book SET revision = revision + 1 WHERE tenant_id = %(tenant)s"


def gather(ctx: Context, *, players: int, rules: int, decisions: int) -> None:
    """Fill the tenant of a context with a crowd, and sum it up as the hourly tasks do."""
    values = {
        "tenant": ctx.tenant.id,
        "players": players - 1,
        "rules": rules,
        "decisions": decisions,
        "events": -(-decisions // DECISIONS_OF_AN_EVENT),
        "seconds": DAYS * 86_400,
    }
    tables = _fact_tables(ctx)
    with ctx.kernel.database.owner() as connection:
        connection.exec_driver_sql(_PLAYERS, values)
        for table in tables:
            connection.exec_driver_sql(_like_the_demo(table), values)
        for statement in (_RULES, _STAYS, _EVENTS, _JUDGEMENTS, _DECISIONS, _BOOK):
            connection.exec_driver_sql(statement, values)
    with ctx.kernel.context(ctx.tenant.id) as own:
        figures.sum_days(own, {})
        growth.keep_sizes(own)


def look_over(url: str) -> None:
    """Do what autovacuum does within minutes wherever it is on."""
    engine = create_engine(normalised(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _fact_tables(ctx: Context) -> list[Table]:
    """Return the tables that hold one row a player."""
    variables = (owned.item for owned in ctx.view.terms.values() if isinstance(owned.item, Variable))
    columns: list[Any] = [variable.column for variable in variables if variable.column is not None]
    tables = {column.table.name: column.table for column in columns}
    return [tables[name] for name in sorted(tables)]


def _like_the_demo(table: Table) -> str:
    columns = [column.name for column in table.columns if column.name not in ("tenant_id", "player_id")]
    return _FACTS.format(table=table.name, columns=", ".join(columns))
