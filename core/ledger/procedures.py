"""The ledger's own SQL: triggers on both databases, and PostgreSQL's functions of one round trip."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from pitboss.core.database.engine import APP_ROLE
from pitboss.core.ledger.tables import DERIVED_ID_MIN


def install(connection: Connection) -> None:
    """Put the ledger's functions and triggers into the database, as the owner of its tables.

    Call it after `protect`, at each migration; a second time changes nothing.
    """
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))


_NAMED_FOR_GOOD = "an account keeps its name and nature: open another one"
_OPENS_EMPTY = "an account opens empty, and is numbered by its nature: let the ledger open it"
_OPENS_WRONG = (
    f"NEW.balance <> 0 OR NEW.is_derived <> (NEW.id >= {DERIVED_ID_MIN})"
    " OR (NEW.is_derived AND NEW.floor IS NOT NULL)"
)
_KEPT = "an account is never deleted"

_SQLITE: Sequence[str] = [
    f"""CREATE TRIGGER IF NOT EXISTS ledger_account_named_for_good
        BEFORE UPDATE OF tenant_id, id, owner, kind, currency, floor, is_derived ON ledger_account
        BEGIN SELECT RAISE(ABORT, '{_NAMED_FOR_GOOD}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS ledger_account_opens_empty
        BEFORE INSERT ON ledger_account WHEN {_OPENS_WRONG}
        BEGIN SELECT RAISE(ABORT, '{_OPENS_EMPTY}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS ledger_account_kept
        BEFORE DELETE ON ledger_account
        BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END""",
]

_ACCOUNT_LAWS: Sequence[str] = [
    """CREATE OR REPLACE FUNCTION ledger_account_law() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    f"""CREATE OR REPLACE TRIGGER named_for_good
        BEFORE UPDATE OF tenant_id, id, owner, kind, currency, floor, is_derived ON ledger_account
        FOR EACH ROW EXECUTE FUNCTION ledger_account_law('{_NAMED_FOR_GOOD}')""",
    f"""CREATE OR REPLACE TRIGGER opens_empty
        BEFORE INSERT ON ledger_account FOR EACH ROW WHEN ({_OPENS_WRONG})
        EXECUTE FUNCTION ledger_account_law('{_OPENS_EMPTY}')""",
    f"""CREATE OR REPLACE TRIGGER kept
        BEFORE DELETE ON ledger_account
        FOR EACH ROW EXECUTE FUNCTION ledger_account_law('{_KEPT}')""",
    f"""CREATE OR REPLACE TRIGGER kept_whole
        BEFORE TRUNCATE ON ledger_account
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_law('{_KEPT}')""",
]

# What foreign keys would do, but for all rows of a statement at once. A parent stays: no account and no
# journal is ever deleted or renumbered. Scalar subqueries, because they become look-ups by index
# whatever the planner knows of the statement; a fixed path, because a caller could put a table of its own
# in front.
_NO_ORPHAN: Sequence[str] = [
    """CREATE OR REPLACE FUNCTION ledger_transfer_law() RETURNS trigger LANGUAGE plpgsql
       SET search_path = pg_catalog, public, pg_temp AS $$
       BEGIN
           IF EXISTS (
               SELECT FROM posted t
               WHERE (SELECT currency FROM ledger_account a
                      WHERE a.tenant_id = t.tenant_id AND a.id = t.debit) IS DISTINCT FROM t.currency
                  OR (SELECT currency FROM ledger_account a
                      WHERE a.tenant_id = t.tenant_id AND a.id = t.credit) IS DISTINCT FROM t.currency
                  OR (SELECT id FROM ledger_journal j
                      WHERE j.tenant_id = t.tenant_id AND j.id = t.journal_id) IS NULL
           ) THEN
               RAISE EXCEPTION 'a transfer needs its journal, and two accounts in its currency'
                   USING ERRCODE = 'foreign_key_violation';
           END IF;
           RETURN NULL;
       END $$""",
    """CREATE OR REPLACE TRIGGER no_orphan AFTER INSERT ON ledger_transfer
       REFERENCING NEW TABLE AS posted
       FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_law()""",
]

# Unlike an identity, one sequence can number several ranges: players' accounts, the house's above.
_ACCOUNT_NUMBERS: Sequence[str] = [
    "CREATE SEQUENCE IF NOT EXISTS ledger_account_number",
    f"GRANT USAGE ON SEQUENCE ledger_account_number TO {APP_ROLE}",
]

_OPEN = """
CREATE OR REPLACE FUNCTION ledger_open(
    p_tenant int, p_owners text[], p_kinds text[], p_currencies text[],
    p_floors bigint[], p_firsts bigint[]
) RETURNS TABLE (place bigint, account_id bigint, is_new boolean) LANGUAGE plpgsql AS $$
DECLARE
    v_found bigint;
BEGIN
    RETURN QUERY
        SELECT w.place, a.id, false
        FROM unnest(p_owners, p_kinds, p_currencies) WITH ORDINALITY w(owner, kind, currency, place)
        JOIN ledger_account a ON a.tenant_id = p_tenant
            AND a.owner = w.owner AND a.kind = w.kind AND a.currency = w.currency;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    IF v_found = cardinality(p_owners) THEN RETURN; END IF;
    -- In order of their names, so that two who open the same accounts wait for each other in turn.
    RETURN QUERY
        WITH wanted AS (
            SELECT * FROM unnest(p_owners, p_kinds, p_currencies, p_floors, p_firsts)
                WITH ORDINALITY w(owner, kind, currency, floor, first, place)
        ), opened AS (
            INSERT INTO ledger_account (tenant_id, id, owner, kind, currency, floor, is_derived)
            SELECT p_tenant,
                   w.first + nextval('ledger_account_number'),
                   w.owner, w.kind, w.currency, w.floor, w.first = :derived
            FROM wanted w
            WHERE NOT EXISTS (
                SELECT FROM ledger_account a WHERE a.tenant_id = p_tenant
                    AND a.owner = w.owner AND a.kind = w.kind AND a.currency = w.currency)
            ORDER BY w.owner, w.kind, w.currency
            ON CONFLICT DO NOTHING
            RETURNING id, owner, kind, currency
        )
        SELECT w.place, o.id, true FROM opened o JOIN wanted w USING (owner, kind, currency);
END $$
""".replace(":derived", str(DERIVED_ID_MIN))

# Answers [1, journal] posted, [2, journal] replayed, [3, journal] the key belongs to another request,
# [4, 0, account, balance] too little there, [5] already reversed, [6, 0, account] no such account.
# A refusal takes back what was done and raises nothing, so the caller's transaction stays usable.
_POST = """
CREATE OR REPLACE FUNCTION ledger_post(
    p_tenant int, p_bind boolean,
    p_key text, p_op text, p_hash bytea, p_reverses bigint, p_at timestamptz,
    p_actor text, p_reason text, p_metadata jsonb,
    p_accounts bigint[], p_deltas bigint[],
    p_debits bigint[], p_credits bigint[], p_currencies text[], p_amounts bigint[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_count int := cardinality(p_accounts);
    v_done int := 0;
    v_journal bigint;
    v_is_same boolean;
    v_balance bigint;
BEGIN
    IF p_bind THEN PERFORM set_config('app.tenant_id', p_tenant::text, true); END IF;
    -- A roll-up waits for every transaction that was numbered before it: be numbered before our journal.
    IF v_count = 0 THEN PERFORM pg_current_xact_id(); END IF;

    WHILE v_done < v_count LOOP
        UPDATE ledger_account SET balance = balance + p_deltas[v_done + 1]
        WHERE tenant_id = p_tenant AND id = p_accounts[v_done + 1]
            AND (floor IS NULL OR balance + p_deltas[v_done + 1] >= floor);
        EXIT WHEN NOT FOUND;
        v_done := v_done + 1;
    END LOOP;

    IF v_done = v_count THEN
        INSERT INTO ledger_journal (tenant_id, key, op, hash, reverses, at, actor, reason, metadata)
        VALUES (p_tenant, p_key, p_op, p_hash, p_reverses, coalesce(p_at, clock_timestamp()),
                p_actor, p_reason, p_metadata)
        ON CONFLICT DO NOTHING RETURNING id INTO v_journal;
        IF FOUND THEN
            IF cardinality(p_amounts) = 1 THEN
                INSERT INTO ledger_transfer
                    (tenant_id, journal_id, line, debit, credit, currency, amount)
                VALUES (p_tenant, v_journal, 1, p_debits[1], p_credits[1], p_currencies[1], p_amounts[1]);
            ELSE
                INSERT INTO ledger_transfer
                    (tenant_id, journal_id, line, debit, credit, currency, amount)
                SELECT p_tenant, v_journal, line, debit, credit, currency, amount
                FROM unnest(p_debits, p_credits, p_currencies, p_amounts)
                    WITH ORDINALITY l(debit, credit, currency, amount, line);
            END IF;
            RETURN ARRAY[1, v_journal];
        END IF;
    END IF;

    FOR i IN 1..v_done LOOP
        UPDATE ledger_account SET balance = balance - p_deltas[i]
        WHERE tenant_id = p_tenant AND id = p_accounts[i];
    END LOOP;
    SELECT id, hash = p_hash INTO v_journal, v_is_same
    FROM ledger_journal WHERE tenant_id = p_tenant AND key = p_key;
    IF FOUND THEN RETURN ARRAY[CASE WHEN v_is_same THEN 2 ELSE 3 END, v_journal]; END IF;
    IF v_done = v_count THEN RETURN ARRAY[5::bigint]; END IF;
    SELECT balance INTO v_balance
    FROM ledger_account WHERE tenant_id = p_tenant AND id = p_accounts[v_done + 1];
    RETURN ARRAY[CASE WHEN FOUND THEN 4 ELSE 6 END, 0, p_accounts[v_done + 1], v_balance];
END $$
"""

# All of the batch is posted, and `journals` numbers it; or nothing is, and `seen` or `short` say what
# stands in the way: postings that exist already, accounts that might not be able to pay.
_POST_MANY = """
CREATE OR REPLACE FUNCTION ledger_post_many(
    p_tenant int,
    p_keys text[], p_ops text[], p_hashes text[], p_reverses bigint[], p_ats timestamptz[],
    p_actors text[], p_reasons text[], p_metadata text[],
    p_accounts bigint[], p_deltas bigint[], p_outflows bigint[],
    p_postings int[], p_lines int[],
    p_debits bigint[], p_credits bigint[], p_currencies text[], p_amounts bigint[],
    OUT journals bigint[], OUT seen bigint[], OUT short bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_count int;
BEGIN
    PERFORM pg_current_xact_id();
    SELECT array_agg(id) FILTER (WHERE balance - outflow < floor), count(*) INTO short, v_count
    FROM (
        SELECT a.id, a.balance, a.floor, w.outflow
        FROM unnest(p_accounts, p_outflows) w(id, outflow)
        JOIN ledger_account a ON a.tenant_id = p_tenant AND a.id = w.id
        ORDER BY a.id FOR NO KEY UPDATE OF a
    ) locked;
    IF v_count < cardinality(p_accounts) THEN
        RAISE EXCEPTION 'the tenant has no such account' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF short IS NOT NULL THEN
        seen := ledger_seen(p_tenant, p_keys, p_hashes, p_reverses);
        RETURN;
    END IF;

    SELECT array_agg(nextval('ledger_journal_id_seq')) INTO journals
    FROM generate_series(1, cardinality(p_keys));
    BEGIN
        INSERT INTO ledger_journal (tenant_id, id, key, op, hash, reverses, at, actor, reason, metadata)
        SELECT p_tenant, journals[place], key, op, decode(hash, 'hex'), reverses,
               coalesce(at, clock_timestamp()), actor, reason, metadata::jsonb
        FROM unnest(p_keys, p_ops, p_hashes, p_reverses, p_ats, p_actors, p_reasons, p_metadata)
            WITH ORDINALITY p(key, op, hash, reverses, at, actor, reason, metadata, place);
    EXCEPTION WHEN unique_violation THEN
        journals := NULL;
        seen := ledger_seen(p_tenant, p_keys, p_hashes, p_reverses);
        RETURN;
    END;
    INSERT INTO ledger_transfer (tenant_id, journal_id, line, debit, credit, currency, amount)
    SELECT p_tenant, journals[posting], line, debit, credit, currency, amount
    FROM unnest(p_postings, p_lines, p_debits, p_credits, p_currencies, p_amounts)
        l(posting, line, debit, credit, currency, amount);
    UPDATE ledger_account a SET balance = a.balance + w.delta
    FROM unnest(p_accounts, p_deltas) w(id, delta)
    WHERE a.tenant_id = p_tenant AND a.id = w.id AND w.delta <> 0;
END $$
"""

# Groups of [place, outcome, journal] for those that exist: outcomes as in ledger_post.
_SEEN = """
CREATE OR REPLACE FUNCTION ledger_seen(
    p_tenant int, p_keys text[], p_hashes text[], p_reverses bigint[]
) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(f ORDER BY s.place, n) FROM (
        SELECT p.place, CASE WHEN j.hash = decode(p.hash, 'hex') THEN 2 ELSE 3 END AS outcome, j.id
        FROM unnest(p_keys, p_hashes) WITH ORDINALITY p(key, hash, place)
        JOIN ledger_journal j ON j.tenant_id = p_tenant AND j.key = p.key
        UNION ALL
        SELECT p.place, 5, j.id
        FROM unnest(p_reverses, p_keys) WITH ORDINALITY p(reverses, key, place)
        JOIN ledger_journal j ON j.tenant_id = p_tenant AND j.reverses = p.reverses AND j.key <> p.key
    ) s, LATERAL (VALUES (1, s.place), (2, s.outcome), (3, s.id)) v(n, f)
$$
"""

_ROLL_UP = """
CREATE OR REPLACE FUNCTION ledger_roll_up(p_tenant int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_last bigint;
    v_oldest_running bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    v_now bigint;
    v_moved bigint;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'a roll-up needs a transaction in which nothing was written yet';
    END IF;
    SELECT coalesce(max(id), 0) INTO v_last FROM ledger_journal WHERE tenant_id = p_tenant;
    -- Whoever holds a journal number up to v_last was given its transaction number before this one.
    v_now := pg_current_xact_id()::text::bigint;
    INSERT INTO ledger_checkpoint
        (tenant_id, account_id, journal_id, balance, next_journal_id, next_transaction)
    SELECT p_tenant, id, 0, 0, v_last, v_now
    FROM ledger_account WHERE tenant_id = p_tenant AND is_derived ORDER BY id
    ON CONFLICT DO NOTHING;
    PERFORM FROM ledger_checkpoint WHERE tenant_id = p_tenant ORDER BY account_id FOR UPDATE;
    -- A number from the future comes from before a restore: nobody of that time is still writing.
    UPDATE ledger_checkpoint c SET
        balance = c.balance + coalesce((
            SELECT sum(amount) FROM ledger_transfer t
            WHERE t.tenant_id = p_tenant AND t.credit = c.account_id
                AND t.journal_id > c.journal_id AND t.journal_id <= c.next_journal_id), 0)
            - coalesce((
            SELECT sum(amount) FROM ledger_transfer t
            WHERE t.tenant_id = p_tenant AND t.debit = c.account_id
                AND t.journal_id > c.journal_id AND t.journal_id <= c.next_journal_id), 0),
        journal_id = c.next_journal_id,
        next_journal_id = greatest(v_last, c.next_journal_id),
        next_transaction = v_now
    WHERE c.tenant_id = p_tenant AND (
        c.next_transaction < v_oldest_running
        OR c.next_transaction
            > greatest(v_now, pg_snapshot_xmax(pg_current_snapshot())::text::bigint));
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    RETURN v_moved;
END $$
"""

_POSTGRES: Sequence[str] = [
    # Room for the new version of a row beside the old one, so that a new balance touches no index.
    "ALTER TABLE ledger_account SET (fillfactor = 60)",
    *_ACCOUNT_LAWS,
    *_NO_ORPHAN,
    *_ACCOUNT_NUMBERS,
    _OPEN,
    _SEEN,
    _POST,
    _POST_MANY,
    _ROLL_UP,
]
