"""The laws notice what they are for: each mutant here breaks the books as real mistakes would."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from pitboss.core.database import Database
from pitboss.core.database.engine import kernel_sql
from pitboss.core.ledger import Leg, house, player, post, reconcile, roll_up, verify
from pitboss.core.ledger.directory import directory_of
from pitboss.core.ledger.tables import ACCOUNT, CHECKPOINT
from pitboss.core.ledger.verify import LAWS

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")
BOB = player("bob", "wallet", "EUR")


@pytest.fixture(autouse=True)
def funded(database: Database, tenant_id: int) -> None:
    """Ann and Bob have 100 each."""
    with database.transaction(tenant_id) as connection:
        post(connection, key="a", op="x", legs=[Leg(CLEARING, ANN, 100)])
        post(connection, key="b", op="x", legs=[Leg(CLEARING, BOB, 100)])


def broken(database: Database, tenant_id: int) -> dict[str, int]:
    with database.transaction(tenant_id) as connection:
        return {law: count for law, count in verify(connection).items() if count}


def number_of(connection: Connection, owner: str) -> int:
    return int(connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.owner == owner)).scalar_one())


def test_books_in_order_break_no_law(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        assert verify(connection) == dict.fromkeys(LAWS, 0)


def test_every_law_says_what_it_holds() -> None:
    assert all(law.__doc__ for law in LAWS.values())


def test_a_lost_update_is_noticed(database: Database, tenant_id: int) -> None:
    """Two workers read the same balance, and each writes it back with its own gain."""
    with database.transaction(tenant_id) as connection:
        read = connection.execute(
            select(ACCOUNT.c.balance).where(ACCOUNT.c.owner == "player:ann")
        ).scalar_one()
        for number in (1, 2):
            post(connection, key=f"win:{number}", op="x", legs=[Leg(CLEARING, ANN, 10)])
            stale = update(ACCOUNT).where(ACCOUNT.c.owner == "player:ann").values(balance=read + 10)
            connection.execute(stale)
    assert broken(database, tenant_id) == {"drift": 1, "sum_not_zero": 1}


def test_a_missing_key_is_noticed(database: Database, tenant_id: int) -> None:
    """A worker that makes up a key for each delivery pays twice, with books that balance."""
    with database.transaction(tenant_id) as connection:
        for _ in range(2):
            post(connection, key=f"win:1:{uuid4()}", op="x", legs=[Leg(CLEARING, ANN, 10)])
        found = reconcile(connection, ["a", "b", "win:1"])
    assert broken(database, tenant_id) == {}
    assert (found["missing"], len(found["unexpected"])) == (["win:1"], 2)


def test_an_acknowledgement_before_the_commit_is_noticed(database: Database, tenant_id: int) -> None:
    acknowledged = ["a", "b"]
    with database.engine_of(tenant_id).connect() as connection:
        transaction = connection.begin()
        post(connection, key="win:1", op="x", legs=[Leg(CLEARING, ANN, 10)])
        acknowledged.append("win:1")
        transaction.rollback()  # the crash
    with database.transaction(tenant_id) as connection:
        assert reconcile(connection, acknowledged)["missing"] == ["win:1"]


def test_unordered_locks_are_noticed(database: Database, tenant_id: int) -> None:
    """Two that lock in opposite orders fail each other: the ledger's own order never does."""
    if database.is_sqlite:
        pytest.skip("SQLite locks the whole file: there is no order to get wrong")
    both_hold_one = threading.Barrier(2)
    failures: list[DBAPIError] = []

    def lock(owners: tuple[str, str]) -> None:
        try:
            with database.transaction(tenant_id) as connection:
                for owner in owners:
                    gain = update(ACCOUNT).where(ACCOUNT.c.owner == owner)
                    connection.execute(gain.values(balance=ACCOUNT.c.balance + 0))
                    if owner == owners[0]:
                        both_hold_one.wait()
        except DBAPIError as error:
            failures.append(error)

    orders = (("player:ann", "player:bob"), ("player:bob", "player:ann"))
    workers = [threading.Thread(target=lock, args=(order,)) for order in orders]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [type(error.orig).__name__ for error in failures] == ["DeadlockDetected"]
    assert broken(database, tenant_id) == {}


def test_a_missed_transfer_in_a_checkpoint_is_noticed(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        roll_up(connection)
    with database.transaction(tenant_id) as connection:
        connection.execute(update(CHECKPOINT).values(balance=CHECKPOINT.c.balance + 5))
    assert broken(database, tenant_id) == {"checkpoint_drift": 1, "sum_not_zero": 1}


TORN = {
    "empty_journal": "INSERT INTO ledger_journal (tenant_id, id, key, op, hash, at)"
    " VALUES ({t}, 900000001, 'empty', 'x', 'h', '2026-01-01')",
    "orphan_transfer": "INSERT INTO ledger_transfer"
    " (tenant_id, journal_id, line, debit, credit, currency, amount)"
    " VALUES ({t}, 900000002, 1, {house}, {house} + 1, 'EUR', 5)",
    "cross_tenant": "INSERT INTO ledger_transfer"
    " (tenant_id, journal_id, line, debit, credit, currency, amount)"
    " VALUES ({t}, 900000003, 1, {house}, {house} + 77, 'EUR', 5)",
    "cross_currency": "INSERT INTO ledger_transfer"
    " (tenant_id, journal_id, line, debit, credit, currency, amount)"
    " VALUES ({t}, 900000004, 1, {house}, {ann}, 'GBP', 5)",
}


@pytest.mark.parametrize("law", TORN)
def test_a_torn_row_is_noticed(database: Database, tenant_id: int, law: str) -> None:
    """What the schema refuses may still come out of a bad restore: keys switched off, then looked at."""
    with database.transaction(tenant_id) as connection:
        ids = directory_of(connection).resolve(connection, tenant_id, [CLEARING, ANN])
    statement = TORN[law].format(t=tenant_id, house=ids[CLEARING], ann=ids[ANN])
    with torn(database, tenant_id) as connection:
        connection.exec_driver_sql(statement)
        assert verify(connection)[law] > 0
        connection.rollback()


def torn(database: Database, tenant_id: int) -> Connection:
    """Return a connection on which foreign keys are not checked."""
    if database.is_sqlite:
        connection = database.engine_of(tenant_id).connect()
        with kernel_sql(connection):
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]  # sqlite3's own
        connection.execution_options(pitboss_kernel_sql=True)
        return connection
    connection = database._owner.connect()
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return connection
