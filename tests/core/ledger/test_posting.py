"""One posting: all legs or none, once, and only what can be paid."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from pitboss.core.database import Database
from pitboss.core.database.engine import kernel_sql
from pitboss.core.errors import InsufficientFunds, InvalidInput, KeyReused, TenantBreach
from pitboss.core.ledger import (
    Account,
    Leg,
    Posting,
    balance,
    balances,
    house,
    player,
    pool,
    post,
    post_and_commit,
)
from pitboss.core.ledger.directory import Directory, directory_of
from pitboss.core.ledger.posting import AMOUNT_MAX
from pitboss.core.ledger.tables import ACCOUNT, DERIVED_ID_MIN, HOUSE_ID_MIN, JOURNAL

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")
BOB = player("bob", "wallet", "EUR")

pytestmark = pytest.mark.usefixtures("books")


def deposit(database: Database, tenant_id: int, account: Account, amount: int, key: str = "deposit") -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key=f"{key}:{account}", op="deposit", legs=[Leg(CLEARING, account, amount)])


def test_a_posting_moves_money_from_debit_to_credit(database: Database, tenant_id: int) -> None:
    deposit(database, tenant_id, ANN, 1000)
    with database.transaction(tenant_id) as connection:
        post(connection, key="t", op="transfer", legs=[Leg(ANN, BOB, 300)])
        assert (balance(connection, ANN), balance(connection, BOB)) == (700, 300)
        assert balance(connection, CLEARING) == -1000


def test_the_same_request_again_gives_the_same_answer(database: Database, tenant_id: int) -> None:
    deposit(database, tenant_id, ANN, 1000)
    asked = {"key": "t", "op": "transfer", "legs": [Leg(ANN, BOB, 900)]}
    with database.transaction(tenant_id) as connection:
        first = post(connection, **asked, actor="web-1", metadata={"trace": 1})
    with database.transaction(tenant_id) as connection:
        again = post(connection, **asked, actor="worker-2", metadata={"trace": 2})
        assert (again.journal_id, again.replayed, first.replayed) == (first.journal_id, True, False)
        assert balance(connection, BOB) == 900


@pytest.mark.parametrize(
    "other",
    [
        {"legs": [Leg(ANN, BOB, 2)]},
        {"legs": [Leg(BOB, ANN, 1)]},
        {"op": "gift"},
        {"reason": "another one"},
    ],
)
def test_a_key_with_another_body_is_refused(
    database: Database, tenant_id: int, other: dict[str, object]
) -> None:
    deposit(database, tenant_id, ANN, 1000)
    deposit(database, tenant_id, BOB, 1000)
    asked: dict[str, object] = {"key": "t", "op": "transfer", "legs": [Leg(ANN, BOB, 1)]}
    with database.transaction(tenant_id) as connection:
        post(connection, **asked)  # type: ignore[arg-type]  # one dictionary of unlike values
        with pytest.raises(KeyReused, match="use another key"):
            post(connection, **asked | other)  # type: ignore[arg-type]  # as above


def test_what_cannot_be_paid_is_refused_by_name_with_the_cure(database: Database, tenant_id: int) -> None:
    deposit(database, tenant_id, ANN, 300)
    with (
        database.transaction(tenant_id) as connection,
        pytest.raises(
            InsufficientFunds,
            match="player:ann/wallet/EUR holds 300 minor units and cannot pay 500: "
            "add 200, or ask for at most 300",
        ),
    ):
        post(connection, key="t", op="transfer", legs=[Leg(ANN, BOB, 500)])


def test_a_refused_posting_leaves_nothing_and_the_transaction_goes_on(
    database: Database, tenant_id: int
) -> None:
    deposit(database, tenant_id, ANN, 300)
    with database.transaction(tenant_id) as connection:
        before = balances(connection, "player:ann")
        with pytest.raises(InsufficientFunds):
            post(connection, key="t", op="x", legs=[Leg(CLEARING, BOB, 5), Leg(ANN, CLEARING, 400)])
        post(connection, key="t", op="x", legs=[Leg(ANN, CLEARING, 100)])
        assert before[ANN] == 300
        assert (balance(connection, ANN), balance(connection, BOB)) == (200, 0)


def test_legs_that_cancel_out_need_no_funds(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="t", op="x", legs=[Leg(ANN, BOB, 5), Leg(BOB, ANN, 5)])
        assert balance(connection, ANN) == 0


@pytest.mark.parametrize("amount", [True, 1.0, 1.5, "1", 0, -1, AMOUNT_MAX + 1, None])
def test_an_amount_that_is_not_a_whole_positive_number_is_refused(amount: object) -> None:
    with pytest.raises(InvalidInput, match="an amount is"):
        Leg(ANN, BOB, amount)  # type: ignore[arg-type]  # the law


def test_legs_across_currencies_and_to_oneself_are_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in currency"):
        Leg(ANN, player("ann", "wallet", "GBP"), 1)
    with pytest.raises(InvalidInput, match="cannot pay itself"):
        Leg(ANN, Account("player:ann", "wallet", "EUR"), 1)


@pytest.mark.parametrize("limit", ["key", "op", "actor", "reason"])
def test_text_is_limited_and_holds_no_nul(limit: str) -> None:
    given = {"key": "k", "op": "o", "legs": [Leg(ANN, BOB, 1)]}
    for bad in ("", "x" * 2001, "a\0b"):
        with pytest.raises(InvalidInput, match=limit):
            Posting(**given | {limit: bad})  # type: ignore[arg-type]  # one dictionary of unlike values


def test_a_posting_has_between_one_and_a_thousand_legs() -> None:
    for count in (0, 1001):
        with pytest.raises(InvalidInput, match="give 1 to 1000"):
            Posting(key="k", op="o", legs=[Leg(ANN, BOB, 1)] * count)


def test_an_account_cannot_grow_beyond_what_a_column_holds(database: Database, tenant_id: int) -> None:
    legs = [Leg(CLEARING, ANN, AMOUNT_MAX)] * 1000
    with database.transaction(tenant_id) as connection:
        for number in range(9):
            post(connection, key=f"k{number}", op="x", legs=legs)
    with pytest.raises(InvalidInput), database.transaction(tenant_id) as connection:
        post(connection, key="k9", op="x", legs=legs)


def test_a_posting_without_a_tenant_or_a_transaction_is_refused(database: Database, tenant_id: int) -> None:
    with database.owner() as connection, pytest.raises(TenantBreach, match="tenant's connection"):
        post(connection, key="t", op="x", legs=[Leg(CLEARING, ANN, 1)])
    with (
        database.engine_of(tenant_id).connect() as connection,
        pytest.raises(TenantBreach, match="open transaction"),
    ):
        post(connection, key="t", op="x", legs=[Leg(CLEARING, ANN, 1)])


def test_two_tenants_share_keys_and_names_but_no_money(database: Database, tenant_id: int) -> None:
    other = tenant_id + 500_000
    deposit(database, tenant_id, ANN, 1000)
    deposit(database, other, ANN, 7)
    with database.transaction(other) as connection:
        assert balance(connection, ANN) == 7
        with pytest.raises(InsufficientFunds):
            post(connection, key="t", op="x", legs=[Leg(ANN, CLEARING, 8)])


def test_the_house_is_numbered_above_the_players(database: Database, tenant_id: int) -> None:
    jackpot = pool("jackpot:1", "EUR")
    with database.transaction(tenant_id) as connection:
        post(connection, key="t", op="x", legs=[Leg(CLEARING, jackpot, 5), Leg(CLEARING, ANN, 5)])
        ids = dict(connection.execute(select(ACCOUNT.c.owner, ACCOUNT.c.id)).all())
    assert ids["player:ann"] < HOUSE_ID_MIN <= ids["jackpot:1"] < DERIVED_ID_MIN <= ids["house"]


def test_a_pool_of_the_house_cannot_be_overspent(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection, pytest.raises(InsufficientFunds):
        post(connection, key="t", op="x", legs=[Leg(house("budget:summer", "EUR"), ANN, 1)])


def test_a_number_that_was_rolled_back_is_not_remembered(database: Database, tenant_id: int) -> None:
    with database.engine_of(tenant_id).connect() as connection:
        transaction = connection.begin()
        post(connection, key="t", op="x", legs=[Leg(CLEARING, ANN, 5)])
        post(connection, key="t2", op="x", legs=[Leg(CLEARING, ANN, 5)])
        transaction.rollback()
    deposit(database, tenant_id, BOB, 5)
    deposit(database, tenant_id, ANN, 9)
    with database.transaction(tenant_id) as connection:
        assert (balance(connection, ANN), balance(connection, BOB)) == (9, 5)


def test_committed_numbers_are_remembered_up_to_a_limit(database: Database, tenant_id: int) -> None:
    people = [player(str(number), "wallet", "EUR") for number in range(5)]
    for account in people:
        deposit(database, tenant_id, account, 1)
    directory = Directory(limit=3)
    with database.transaction(tenant_id) as connection:
        ids = directory.resolve(connection, tenant_id, people)
        known = directory_of(connection).resolve(connection, tenant_id, people)
    assert ids == known
    assert len(directory.ids) == 3


def test_a_posting_of_its_own_is_durable_and_replays(database: Database, tenant_id: int) -> None:
    posting = Posting(key="t", op="x", legs=[Leg(CLEARING, ANN, 5)])
    answers = [post_and_commit(database, tenant_id, posting) for _ in range(4)]
    assert [answer.replayed for answer in answers] == [False, True, True, True]
    with pytest.raises(InsufficientFunds):
        post_and_commit(database, tenant_id, Posting(key="u", op="x", legs=[Leg(ANN, CLEARING, 6)]))
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == 5


def test_a_statement_that_the_server_forgot_is_sent_again(database: Database, tenant_id: int) -> None:
    """A rollback makes the driver drop prepared statements, as a pooler may at any time."""
    if database.is_sqlite:
        pytest.skip("SQLite prepares nothing by name")
    for number in range(6):
        with database.transaction(tenant_id) as connection, kernel_sql(connection) as raw:
            if number == 3:
                raw.exec_driver_sql("DEALLOCATE ALL")
        posting = Posting(key=f"k{number}", op="x", legs=[Leg(CLEARING, ANN, 1)])
        assert not post_and_commit(database, tenant_id, posting).replayed


def test_a_posting_of_its_own_leaves_no_tenant_behind(database: Database, tenant_id: int) -> None:
    """The connection that it used belongs to nobody afterwards."""
    posting = Posting(key="t", op="x", legs=[Leg(CLEARING, ANN, 5)])
    for _ in range(2):
        post_and_commit(database, tenant_id, posting)
    with database.transaction(tenant_id + 500_000) as connection:
        assert connection.execute(select(func.count()).select_from(JOURNAL)).scalar_one() == 0


def test_who_why_and_when_are_kept(database: Database, tenant_id: int) -> None:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    with database.transaction(tenant_id) as connection:
        post(
            connection,
            key="t",
            op="x",
            legs=[Leg(CLEARING, ANN, 5)],
            actor='operator:"ann"',
            reason="goodwill, O'Hara \\ co",
            metadata={"ticket": [1, "é"]},
            at=at,
        )
        row = connection.execute(select(JOURNAL)).mappings().one()
    assert (row["at"], row["actor"], row["metadata"]) == (at, 'operator:"ann"', {"ticket": [1, "é"]})
    assert row["reason"] == "goodwill, O'Hara \\ co"
