"""What hand-written SQL cannot put into the books, on either database."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from pitboss.core.database import Database
from pitboss.core.database.engine import kernel_sql
from pitboss.core.database.laws import broken_laws
from pitboss.core.ledger import Leg, house, player, post, reverse
from pitboss.core.ledger.tables import ACCOUNT, JOURNAL, TABLES

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")

TRANSFER = (
    "INSERT INTO ledger_transfer (tenant_id, journal_id, line, debit, credit, currency, amount) VALUES "
)
JOURNAL_ROW = "INSERT INTO ledger_journal (tenant_id, id, key, op, hash, reverses, at) VALUES "
ACCOUNT_ROW = (
    "INSERT INTO ledger_account (tenant_id, id, owner, kind, currency, balance, floor, is_derived) VALUES "
)
ACCOUNT_SET = "UPDATE ledger_account SET "
HOSTILE = {
    "a fraction": TRANSFER + "({t}, {j}, 9, {house}, {ann}, 'EUR', '1.5')",
    "nothing": TRANSFER + "({t}, {j}, 9, {house}, {ann}, 'EUR', 0)",
    "a negative amount": TRANSFER + "({t}, {j}, 9, {house}, {ann}, 'EUR', -5)",
    "an amount that is text": TRANSFER + "({t}, {j}, 9, {house}, {ann}, 'EUR', 'ten')",
    "money from nowhere": TRANSFER + "({t}, {j}, 9, NULL, {ann}, 'EUR', 5)",
    "money to nowhere": TRANSFER + "({t}, {j}, 9, {house}, NULL, 'EUR', 5)",
    "money to oneself": TRANSFER + "({t}, {j}, 9, {ann}, {ann}, 'EUR', 5)",
    "money across currencies": TRANSFER + "({t}, {j}, 9, {house}, {points}, 'EUR', 5)",
    "a currency that is not the accounts'": TRANSFER + "({t}, {j}, 9, {house}, {ann}, 'GBP', 5)",
    "money to an account of another tenant": TRANSFER + "({t}, {j}, 9, {house}, {foreign}, 'EUR', 5)",
    "a transfer of another tenant": TRANSFER + "({t} + 500000, {j}, 9, {house}, {ann}, 'EUR', 5)",
    "a transfer without a journal": TRANSFER + "({t}, 999999999, 1, {house}, {ann}, 'EUR', 5)",
    "a transfer without a journal among good ones": TRANSFER
    + "({t}, {j}, 8, {house}, {ann}, 'EUR', 5), ({t}, 999999999, 1, {house}, {ann}, 'EUR', 5)",
    "money to an account that nobody opened": TRANSFER + "({t}, {j}, 9, {house}, 888888, 'EUR', 5)",
    "the same line twice": TRANSFER + "({t}, {j}, 1, {house}, {ann}, 'EUR', 5)",
    "a second journal of a key": JOURNAL_ROW + "({t}, 999999999, 'first', 'x', 'h', NULL, '2026-01-01')",
    "a second reversal": JOURNAL_ROW + "({t}, 999999999, 'again', 'x', 'h', {j}, '2026-01-01')",
    "a reversal of nothing": JOURNAL_ROW + "({t}, 999999999, 'again', 'x', 'h', 999999998, '2026-01-01')",
    "a reversal of itself": JOURNAL_ROW + "({t}, 999999999, 'again', 'x', 'h', 999999999, '2026-01-01')",
    "a journal of another tenant": JOURNAL_ROW
    + "({t} + 500000, 999999999, 'k', 'x', 'h', NULL, '2026-01-01')",
    "an edited journal": "UPDATE ledger_journal SET op = 'y' WHERE tenant_id = {t}",
    "a deleted journal": "DELETE FROM ledger_journal WHERE tenant_id = {t}",
    "an edited transfer": "UPDATE ledger_transfer SET amount = 1 WHERE tenant_id = {t}",
    "a deleted transfer": "DELETE FROM ledger_transfer WHERE tenant_id = {t}",
    "a balance below the floor": ACCOUNT_SET + "balance = -1 WHERE id = {ann}",
    "a fractional balance": ACCOUNT_SET + "balance = '0.5' WHERE id = {ann}",
    "a balance on a derived account": ACCOUNT_SET + "balance = 5 WHERE id = {house}",
    "a lowered floor": ACCOUNT_SET + "floor = NULL WHERE id = {ann}",
    "another owner": ACCOUNT_SET + "owner = 'house' WHERE id = {ann}",
    "another currency": ACCOUNT_SET + "currency = 'GBP' WHERE id = {ann}",
    "a deleted account": "DELETE FROM ledger_account WHERE id = {ann}",
    "an account that opens full": ACCOUNT_ROW + "({t}, 777, 'player:eve', 'wallet', 'EUR', 5, 0, FALSE)",
    "a second account of a name": ACCOUNT_ROW + "({t}, 777, 'player:ann', 'wallet', 'EUR', 0, 0, FALSE)",
    "a derived account numbered as a player's": ACCOUNT_ROW
    + "({t}, 777, 'house', 'x', 'EUR', 0, NULL, TRUE)",
    "an account of another tenant": ACCOUNT_ROW + "({t} + 500000, 777, 'a', 'b', 'EUR', 0, 0, FALSE)",
}


def numbers(connection: Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute(select(ACCOUNT.c.owner, ACCOUNT.c.currency, ACCOUNT.c.id))
    return {(owner, currency): number for owner, currency, number in rows}


@pytest.fixture
def names(database: Database, tenant_id: int) -> dict[str, int]:
    """A small ledger, with the numbers that hostile statements need."""
    with database.transaction(tenant_id + 500_000) as connection:
        post(connection, key="other", op="x", legs=[Leg(CLEARING, player("zoe", "wallet", "EUR"), 5)])
        post(connection, key="o", op="x", legs=[Leg(CLEARING, player("yan", "wallet", "EUR"), 5)])
        foreign = numbers(connection)["player:yan", "EUR"]
    with database.transaction(tenant_id) as connection:
        posted = post(connection, key="first", op="x", legs=[Leg(CLEARING, ANN, 1000)])
        reverse(connection, key="first")
        points = player("ann", "wallet", "PTS")
        post(connection, key="points", op="x", legs=[Leg(house("points", "PTS"), points, 10)])
        ids = numbers(connection)
    return {
        "t": tenant_id,
        "j": posted.journal_id,
        "house": ids["house", "EUR"],
        "ann": ids["player:ann", "EUR"],
        "points": ids["player:ann", "PTS"],
        "foreign": foreign + (0 if foreign not in ids.values() else 10),
    }


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("what", HOSTILE)
def test_the_database_refuses(database: Database, tenant_id: int, names: dict[str, int], what: str) -> None:
    with (
        pytest.raises(DBAPIError),
        database.transaction(tenant_id) as connection,
        kernel_sql(connection) as raw,
    ):
        raw.exec_driver_sql(HOSTILE[what].format(**names))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_keeps_the_laws_of_tenancy(table: object) -> None:
    assert list(broken_laws(table)) == []  # type: ignore[arg-type]  # Mapped classes type it loosely


def test_postgresql_truncates_no_book(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    for table in ("ledger_journal", "ledger_transfer", "ledger_account"):
        with pytest.raises(DBAPIError), database.owner() as connection:
            connection.exec_driver_sql(f"TRUNCATE {table} CASCADE")


def test_the_functions_obey_row_level_security(database: Database, tenant_id: int) -> None:
    """A forged tenant number in the call reaches nothing of that tenant."""
    if database.is_sqlite:
        pytest.skip("SQLite has no functions of ours")
    other = tenant_id + 500_000
    with database.transaction(other) as connection:
        post(connection, key="k", op="x", legs=[Leg(CLEARING, ANN, 1000)])
        ann = numbers(connection)["player:ann", "EUR"]
    with database.transaction(tenant_id) as connection, kernel_sql(connection) as raw:
        answer = raw.exec_driver_sql(
            f"SELECT ledger_post({other}, false, 'steal', 'x', 'h', NULL, NULL, NULL, NULL, NULL,"
            f" ARRAY[{ann}]::bigint[], ARRAY[-5]::bigint[], '{{}}', '{{}}', '{{}}', '{{}}')"
        ).scalar_one()
        assert answer[0] == 6
    with (
        pytest.raises(DBAPIError),
        database.transaction(tenant_id) as connection,
        kernel_sql(connection) as raw,
    ):
        raw.exec_driver_sql(
            f"SELECT ledger_post({other}, false, 'steal', 'x', 'h', NULL, NULL, NULL, NULL, NULL,"
            " '{}', '{}', '{1}', '{2}', '{EUR}', '{5}')"
        )


def test_a_table_put_in_front_of_the_accounts_vouches_for_no_transfer(
    database: Database, tenant_id: int, names: dict[str, int]
) -> None:
    """The search path of whoever writes is not the one by which a transfer's accounts are found."""
    if database.is_sqlite:
        pytest.skip("SQLite finds a parent by its foreign key")
    with database.transaction(tenant_id) as connection, kernel_sql(connection) as raw:
        raw.exec_driver_sql("CREATE TEMP TABLE ledger_account (LIKE public.ledger_account) ON COMMIT DROP")
        own = "INSERT INTO pg_temp.ledger_account VALUES ({t}, 888888, 'x', 'x', 'EUR', 0, 0, FALSE)"
        raw.exec_driver_sql(own.format(**names))
        with pytest.raises(DBAPIError, match="two accounts in its currency"):
            raw.exec_driver_sql(HOSTILE["money to an account that nobody opened"].format(**names))


def test_installing_twice_changes_nothing(database: Database) -> None:
    from pitboss.core.ledger import install

    with database.owner() as connection:
        install(connection)


def test_journals_of_an_account_are_numbered_as_they_happened(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        for number in range(5):
            post(connection, key=f"k{number}", op="x", legs=[Leg(CLEARING, ANN, 1)])
        keys = connection.execute(select(JOURNAL.c.key).order_by(JOURNAL.c.id)).scalars().all()
    assert keys == [f"k{number}" for number in range(5)]
