"""Balances, histories and wallets say what the transfers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from pitboss.core.clock import ManualClock
from pitboss.core.database import Database
from pitboss.core.database.engine import kernel_sql
from pitboss.core.errors import InvalidInput
from pitboss.core.ledger import (
    Account,
    Leg,
    Page,
    adjust,
    authorise,
    balance,
    balance_at,
    history,
    house,
    player,
    pool,
    post,
    purse,
    read_history,
    read_wallet,
    rebuild,
    roll_up,
    split,
    verify,
)
from pitboss.core.ledger.history import PAGE_ENTRIES_MAX
from pitboss.core.ledger.wallet import purse_name
from pitboss.core.money import Currencies, Money

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")
BOB = player("bob", "wallet", "EUR")

pytestmark = pytest.mark.usefixtures("books")


def fill(database: Database, tenant_id: int, count: int) -> None:
    """Ann gets 1, 2, 3 ... and gives half of each third one to Bob."""
    with database.transaction(tenant_id) as connection:
        for number in range(1, count + 1):
            legs = [Leg(CLEARING, ANN, number)]
            if number % 3 == 0:
                legs.append(Leg(ANN, BOB, (number + 1) // 2))
            post(connection, key=f"fill:{number}", op="fill", legs=legs)


def walk(database: Database, tenant_id: int, account: Account, limit: int) -> list[Page]:
    pages: list[Page] = []
    while not pages or pages[-1].cursor:
        with database.transaction(tenant_id) as connection:
            cursor = pages[-1].cursor if pages else None
            pages.append(history(connection, account, cursor=cursor, limit=limit))
            # What happens between two pages must not disturb them.
            post(connection, key=f"noise:{len(pages)}", op="x", legs=[Leg(CLEARING, ANN, 5)])
    return pages


@pytest.mark.parametrize("account", [ANN, BOB, CLEARING], ids=str)
@pytest.mark.parametrize("limit", [1, 4, 200])
def test_a_history_runs_back_to_zero_without_gap(
    database: Database, tenant_id: int, account: Account, limit: int
) -> None:
    fill(database, tenant_id, 12)
    with database.transaction(tenant_id) as connection:
        now = balance(connection, account)
    entries = [entry for page in walk(database, tenant_id, account, limit) for entry in page.entries]
    assert entries[0].after == now
    assert entries[-1].before == 0
    assert all(entry.after == entry.before + entry.amount for entry in entries)
    assert all(newer.before == older.after for newer, older in zip(entries, entries[1:], strict=False))
    assert len({(entry.journal_id, entry.line) for entry in entries}) == len(entries)


def test_a_history_of_all_purses_keeps_each_purse_running(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="d", op="deposit", legs=[Leg(CLEARING, ANN, 1000)])
        authorise(connection, key="bet", amounts={ANN: 300}, actor="player:ann")
    with database.transaction(tenant_id) as connection:
        first = read_history(connection, "ann", limit=2)
        rest = read_history(connection, "ann", cursor=first.cursor)
    seen = [
        (purse_name(one.account), one.amount, one.before, one.after)
        for one in [*first.entries, *rest.entries]
    ]
    assert sorted(seen[:2]) == [("cash", -300, 1000, 700), ("locked", 300, 0, 300)]
    assert seen[2:] == [("cash", 1000, 0, 1000)]
    assert rest.cursor is None


def test_a_foreign_cursor_or_limit_is_refused(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        with pytest.raises(InvalidInput, match="cursor"):
            history(connection, ANN, cursor="1;DROP TABLE")
        with pytest.raises(InvalidInput, match="ask for 1 to"):
            history(connection, ANN, limit=PAGE_ENTRIES_MAX + 1)


def test_an_account_that_was_never_used_holds_nothing(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == 0
        assert history(connection, ANN) == Page([], None)
        assert read_wallet(connection, "ann", "EUR").withdrawable == 0


def test_a_balance_can_be_asked_for_any_instant(database: Database, tenant_id: int) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with database.transaction(tenant_id) as connection:
        for number in range(5):
            legs = [Leg(CLEARING, ANN, 10)]
            post(connection, key=f"{number}", op="x", legs=legs, at=clock.now())
            clock.advance(hours=1)
        for hours, held in ((-1, 0), (0, 10), (2, 30), (99, 50)):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
            assert balance_at(connection, ANN, at) == held
            assert balance_at(connection, CLEARING, at) == -held


def test_a_derived_balance_is_the_same_before_and_after_each_roll_up(
    database: Database, tenant_id: int
) -> None:
    for number in range(4):
        fill_one = Leg(CLEARING, ANN, 10 + number)
        with database.transaction(tenant_id) as connection:
            post(connection, key=f"{number}", op="x", legs=[fill_one])
            before = balance(connection, CLEARING)
        with database.transaction(tenant_id) as connection:
            roll_up(connection)
            assert balance(connection, CLEARING) == before
            assert verify(connection)["checkpoint_drift"] == 0


def test_a_roll_up_waits_for_a_transaction_that_is_still_writing(database: Database, tenant_id: int) -> None:
    """A journal may commit after one with a higher number, and must not be lost."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer: nobody else can be writing")

    def pay(key: str) -> None:
        with database.transaction(tenant_id) as connection:
            post(connection, key=key, op="x", legs=[Leg(CLEARING, ANN, 1)])

    def roll() -> None:
        with database.transaction(tenant_id) as connection:
            roll_up(connection)

    pay("first")
    with database.transaction(tenant_id) as slow:
        post(slow, key="slow", op="x", legs=[Leg(CLEARING, BOB, 100)])
        pay("fast")
        for _ in range(3):
            roll()
    for number in range(3):
        roll()
        pay(f"after:{number}")
    with database.transaction(tenant_id) as connection:
        assert balance(connection, CLEARING) == -105
        assert verify(connection)["checkpoint_drift"] == 0


def test_a_roll_up_after_a_write_is_refused(database: Database, tenant_id: int) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    with database.engine_of(tenant_id).connect() as connection, connection.begin():
        post(connection, key="k", op="x", legs=[Leg(CLEARING, ANN, 1)])
        with pytest.raises(DBAPIError, match="nothing was written"):
            roll_up(connection)


def test_balances_are_rebuilt_from_the_transfers(database: Database, tenant_id: int) -> None:
    fill(database, tenant_id, 6)
    with database.transaction(tenant_id) as connection:
        right = balance(connection, ANN)
        with kernel_sql(connection) as raw:
            raw.exec_driver_sql(
                "UPDATE ledger_account SET balance = 1"
                f" WHERE tenant_id = {tenant_id} AND owner = 'player:ann'"
            )
        assert verify(connection)["drift"] == 1
        assert rebuild(connection) == {ANN: right - 1}
        assert balance(connection, ANN) == right
        assert rebuild(connection) == {}


def test_a_split_always_sums(database: Database, tenant_id: int) -> None:
    prize = pool("jackpot:1", "EUR")
    with database.transaction(tenant_id) as connection:
        post(connection, key="seed", op="x", legs=[Leg(CLEARING, prize, 1000)])
        winners = [(player(name, "wallet", "EUR"), 1) for name in "abc"]
        post(connection, key="win", op="x", legs=split(prize, 1000, winners))
        assert [balance(connection, winner) for winner, _ in winners] == [333, 333, 333]
        assert balance(connection, house("rounding", "EUR")) == 1
        assert balance(connection, prize) == 0
    with pytest.raises(InvalidInput, match="positive"):
        split(prize, 0, winners)


def test_a_wallet_shows_each_purse_apart(database: Database, tenant_id: int) -> None:
    def give(name: str, amount: int) -> None:
        account = purse("ann", name, "EUR")
        post(connection, key=name, op="x", legs=[Leg(house("gift", account.currency), account, amount)])

    with database.transaction(tenant_id) as connection:
        for name, amount in (("cash", 1000), ("points", 70), ("reward_points", 8), ("tickets", 2)):
            give(name, amount)
        for number in (1, 2):
            bonus = player("ann", f"bonus:{number}", "EUR")
            post(connection, key=f"b{number}", op="x", legs=[Leg(house("cost", "EUR"), bonus, 50)])
        authorise(connection, key="bet", amounts={ANN: 400, player("ann", "bonus:1", "EUR"): 20})
        wallet = read_wallet(connection, "ann", "EUR")
        assert read_wallet(connection, "ann", "GBP").cash == 0
    assert (wallet.cash, wallet.locked, wallet.withdrawable) == (600, 400, 600)
    assert (wallet.bonus, wallet.bonus_locked) == (80, 20)
    assert (wallet.points, wallet.reward_points, wallet.tickets) == (70, 8, 2)


def test_each_currency_keeps_its_own_precision() -> None:
    """The ledger counts minor units; the tenant's currencies say what one is."""
    currencies = Currencies({"GEM": 1})
    assert [currencies.parse("12", code).minor for code in ("JPY", "GEM", "EUR", "KWD")] == [
        12,
        120,
        1200,
        12000,
    ]
    assert currencies.text(Money(120, "GEM")) == "12.0"


def test_an_adjustment_needs_a_reason_and_keeps_it(database: Database, tenant_id: int) -> None:
    asked = {"purse_named": "cash", "currency": "EUR", "actor": "operator:o"}
    with database.transaction(tenant_id) as connection:
        adjust(connection, "ann", key="a", amount=500, reason="goodwill", **asked)
        adjust(connection, "ann", key="b", amount=-200, reason="typed 500 for 300", **asked)
        for amount, reason in ((5, "  "), (0, "why"), (1.5, "why"), (True, "why")):
            with pytest.raises(InvalidInput, match="adjustment"):
                adjust(connection, "ann", key="c", amount=amount, reason=reason, **asked)  # type: ignore[arg-type]  # the law
        with pytest.raises(InvalidInput, match="did you mean 'cash'"):
            adjust(connection, "ann", key="c", amount=1, reason="x", **asked | {"purse_named": "cahs"})
        newest = read_history(connection, "ann").entries[0]
    assert (newest.reason, newest.actor, newest.after) == ("typed 500 for 300", "operator:o", 300)
