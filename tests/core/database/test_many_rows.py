"""Many rows at once are written as one by one: the same values, the same walls, each change of an upsert."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from pitboss.core.clock import uuid7
from pitboss.core.database.rows import Piece, ahead, insert_rows, written_together
from pitboss.core.events import EventRow
from pitboss.core.facts import FactBucket
from pitboss.core.idempotency import KeptAnswer

LOG, BUCKET = EventRow.__table__, FactBucket.__table__
AT = datetime(2026, 12, 1, 16, 0, 0, 123456, timezone(timedelta(hours=1)))
INSERT = insert(LOG)


def event(tenant_id, **more):
    return {
        "tenant_id": tenant_id,
        "id": uuid7(),
        "name": "acme.rang",
        "player_id": None,
        "payload": {"what": '50 % of "it\'s" \\ é', "odds": "1.88", "deep": [{"n": 2**60}, None, True]},
        "facts": None,
        "actor": "system:'; --",
        "request_id": None,
        "at": AT,
        **more,
    }


def bucket(tenant_id, player_id, total):
    return {
        "tenant_id": tenant_id,
        "player_id": player_id,
        "metric": "acme.spent",
        "bucket_start": AT,
        "total": total,
        "entries": 1,
        "lowest": total,
        "highest": total,
        "last": total,
        "last_at": AT,
    }


def upsert(dialect):
    made = (sqlite_insert if dialect == "sqlite" else postgres_insert)(BUCKET)
    key = ("tenant_id", "player_id", "metric", "bucket_start")
    return made.on_conflict_do_update(
        index_elements=key, set_={"total": BUCKET.c.total + made.excluded.total, "entries": 2}
    ), key


def test_rows_are_read_back_as_they_were(database, tenant):
    rows = [event(tenant.id), event(tenant.id, player_id=uuid7(), facts={"a": 1})]

    with database.transaction(tenant.id) as connection:
        insert_rows(connection, Piece(INSERT, rows), Piece(INSERT, []))
        written = connection.execute(select(LOG).where(LOG.c.name == "acme.rang").order_by(LOG.c.id)).all()

    assert [dict(row._mapping) for row in written] == [{**row, "at": AT.astimezone(UTC)} for row in rows]


def test_an_upsert_changes_a_row_as_often_as_it_is_named(database, tenant):
    one, other = uuid7(), uuid7()

    with database.transaction(tenant.id) as connection:
        statement, key = upsert(connection.dialect.name)
        amounts = [(one, 1), (other, 10), (one, 2), (one, 4)]
        insert_rows(connection, Piece(statement, [bucket(tenant.id, *each) for each in amounts], key))
        found = connection.execute(select(BUCKET.c.player_id, BUCKET.c.total, BUCKET.c.entries)).all()

    assert {tuple(row) for row in found} == {(one, 7, 2), (other, 10, 1)}


def test_rows_of_another_tenant_are_refused_with_all_that_came_along(database, tenant, other_tenant):
    with pytest.raises(DBAPIError), database.transaction(tenant.id) as connection:
        insert_rows(connection, Piece(INSERT, [event(tenant.id), event(other_tenant.id)]))

    for each in (tenant, other_tenant):
        with database.transaction(each.id) as connection:
            written = select(func.count()).where(LOG.c.name == "acme.rang")
            assert connection.scalar(written) == 0


def test_an_instant_without_a_zone_is_refused(database, tenant):
    with pytest.raises(Exception, match="no time zone"), database.transaction(tenant.id) as connection:
        insert_rows(connection, Piece(INSERT, [event(tenant.id, at=AT.replace(tzinfo=None))]))


def test_what_a_document_cannot_carry_is_refused(database, tenant):
    if database.is_sqlite:
        pytest.skip("SQLite is sent no document")
    row = {"tenant_id": tenant.id, "scope": "s", "key": "k", "request_hash": b"\0", "at": AT}
    with database.transaction(tenant.id) as connection:
        with pytest.raises(AssertionError, match="bytes are not JSON"):
            insert_rows(connection, Piece(insert(KeptAnswer.__table__), [row]))
        unnumbered = {name: value for name, value in event(tenant.id).items() if name != "id"}
        with pytest.raises(AssertionError, match="give each row"):
            insert_rows(connection, Piece(INSERT, [unnumbered]))


def written(database, tenant):
    with database.transaction(tenant.id) as connection:
        return connection.scalars(select(LOG.c.id).where(LOG.c.name == "acme.rang").order_by(LOG.c.id)).all()


def test_rows_made_ahead_are_the_same_rows(database, tenant):
    rows = [event(tenant.id) for _ in range(3)]

    with database.transaction(tenant.id) as connection:
        made = ahead(connection, Piece(INSERT, rows), Piece(INSERT, []))
        insert_rows(connection, *made, Piece(INSERT, [event(tenant.id)]))

    assert written(database, tenant)[:3] == [row["id"] for row in rows]
    assert len(written(database, tenant)) == 4


def test_rows_written_together_are_written_at_the_end_of_the_block(database, tenant):
    rows = [event(tenant.id) for _ in range(3)]
    count = select(func.count()).where(LOG.c.name == "acme.rang")

    with database.transaction(tenant.id) as connection, written_together(connection):
        for row in rows:
            with written_together(connection):
                insert_rows(connection, Piece(INSERT, [row]))
        assert connection.scalar(count) == 0

    assert written(database, tenant) == [row["id"] for row in rows]


def test_an_error_beside_rows_to_be_written_together_writes_none(database, tenant):
    with database.transaction(tenant.id) as connection:
        with suppress(ZeroDivisionError), written_together(connection):
            insert_rows(connection, Piece(INSERT, [event(tenant.id)]))
            raise ZeroDivisionError
        later = event(tenant.id)
        insert_rows(connection, Piece(INSERT, [later]))

    assert written(database, tenant) == [later["id"]]
