"""Many at once: nothing lost, nothing twice, nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pitboss.core.database import Database
from pitboss.core.errors import InsufficientFunds
from pitboss.core.ledger import Leg, Posting, balance, house, player, post, post_and_commit, reconcile

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")
BOB = player("bob", "wallet", "EUR")

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def funded(database: Database, tenant_id: int) -> None:
    """Ann and Bob have 1000 each."""
    with database.transaction(tenant_id) as connection:
        post(connection, key="f", op="x", legs=[Leg(CLEARING, ANN, 1000), Leg(CLEARING, BOB, 1000)])


@pytest.mark.usefixtures("funded")
def test_64_clients_on_one_wallet_take_what_is_there_and_no_more(database: Database, tenant_id: int) -> None:
    def take(number: int) -> bool:
        try:
            with database.transaction(tenant_id) as connection:
                post(connection, key=f"take:{number}", op="x", legs=[Leg(ANN, CLEARING, 100)])
        except InsufficientFunds:
            return False
        return True

    with ThreadPoolExecutor(64) as clients:
        taken = list(clients.map(take, range(64)))
    assert sum(taken) == 10
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == 0


@pytest.mark.usefixtures("funded")
def test_payments_in_both_directions_do_not_deadlock(database: Database, tenant_id: int) -> None:
    def pay(number: int) -> None:
        payer, payee = (ANN, BOB) if number % 2 else (BOB, ANN)
        posting = Posting(key=f"pay:{number}", op="x", legs=[Leg(payer, payee, 1)])
        post_and_commit(database, tenant_id, posting)

    with ThreadPoolExecutor(16) as clients:
        list(clients.map(pay, range(200)))
    with database.transaction(tenant_id) as connection:
        assert (balance(connection, ANN), balance(connection, BOB)) == (1000, 1000)


@pytest.mark.usefixtures("funded")
def test_what_16_workers_deliver_again_and_again_is_posted_once(database: Database, tenant_id: int) -> None:
    deliveries = [f"win:{number % 20}" for number in range(320)]

    def deliver(key: str) -> bool:
        with database.transaction(tenant_id) as connection:
            return post(connection, key=key, op="win", legs=[Leg(CLEARING, ANN, 7)]).replayed

    with ThreadPoolExecutor(16) as workers:
        replayed = list(workers.map(deliver, deliveries))
    assert replayed.count(False) == 20
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == 1000 + 20 * 7
        assert reconcile(connection, {"f", *deliveries}) == {"missing": [], "unexpected": []}


def test_accounts_are_opened_once_however_many_come_first(database: Database, tenant_id: int) -> None:
    def arrive(number: int) -> None:
        posting = Posting(key=f"first:{number}", op="x", legs=[Leg(CLEARING, ANN, 1)])
        post_and_commit(database, tenant_id, posting)

    with ThreadPoolExecutor(16) as clients:
        list(clients.map(arrive, range(16)))
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == 16
