"""Posting in bulk, and in groups."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pitboss.core.database import Database
from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, KeyReused, Unavailable
from pitboss.core.ledger import (
    GroupCommit,
    Leg,
    Posted,
    Posting,
    balance,
    house,
    player,
    post,
    post_many,
    reverse,
)
from pitboss.core.ledger.book import BATCH_POSTINGS_MAX
from pitboss.core.ledger.posting import AMOUNT_MAX

CLEARING = house("clearing", "EUR")
ANN = player("ann", "wallet", "EUR")
BOB = player("bob", "wallet", "EUR")

pytestmark = pytest.mark.usefixtures("books")


def pay(key: str, *legs: Leg) -> Posting:
    return Posting(key=key, op="x", legs=legs)


def gifts(count: int, amount: int = 5) -> list[Posting]:
    return [
        pay(f"gift:{number}", Leg(CLEARING, player(str(number % 7), "wallet", "EUR"), amount))
        for number in range(count)
    ]


def test_a_batch_posts_each_posting_under_its_own_journal(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        answers = post_many(connection, gifts(100))
        assert len({answer.journal_id for answer in answers if isinstance(answer, Posted)}) == 100
        assert balance(connection, player("0", "wallet", "EUR")) == 15 * 5


def test_a_batch_again_changes_nothing(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        first = post_many(connection, gifts(30))
    with database.transaction(tenant_id) as connection:
        again = post_many(connection, gifts(40))
        assert again[:30] == [
            Posted(one.journal_id, replayed=True) for one in first if isinstance(one, Posted)
        ]
        assert [one.replayed for one in again[30:] if isinstance(one, Posted)] == [False] * 10
        assert balance(connection, CLEARING) == -200


def test_one_that_cannot_pay_does_not_stop_the_others(database: Database, tenant_id: int) -> None:
    batch = [
        pay("1", Leg(CLEARING, ANN, 100)),
        pay("2", Leg(ANN, BOB, 70)),
        pay("3", Leg(ANN, BOB, 70)),
        pay("4", Leg(CLEARING, BOB, 1)),
    ]
    with database.transaction(tenant_id) as connection:
        answers = post_many(connection, batch)
        assert [type(answer) for answer in answers] == [Posted, Posted, InsufficientFunds, Posted]
        assert (balance(connection, ANN), balance(connection, BOB)) == (30, 71)


def test_a_key_twice_in_a_batch_posts_once(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        one, two = post_many(connection, [pay("1", Leg(CLEARING, ANN, 5))] * 2)
        assert isinstance(one, Posted)
        assert two == Posted(one.journal_id, replayed=True)
        assert balance(connection, ANN) == 5


@pytest.mark.parametrize("where", ["before", "within"])
def test_a_key_with_another_body_fails_the_batch(database: Database, tenant_id: int, where: str) -> None:
    batch = [*gifts(3), pay("gift:1", Leg(CLEARING, ANN, 9))]
    if where == "before":
        batch = batch[::-1][:1] + [pay("new", Leg(CLEARING, BOB, 1))]
        with database.transaction(tenant_id) as connection:
            post_many(connection, gifts(3))
    with pytest.raises(KeyReused), database.transaction(tenant_id) as connection:
        post_many(connection, batch)
    with database.transaction(tenant_id) as connection:
        assert balance(connection, ANN) == balance(connection, BOB) == 0


def test_a_batch_may_reverse_but_each_journal_once(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="a", op="x", legs=[Leg(CLEARING, ANN, 5)])
        journal = post(connection, key="b", op="x", legs=[Leg(CLEARING, ANN, 5)]).journal_id
        reverse(connection, key="b")
        back = Posting(key="mine", op="x", legs=[Leg(ANN, CLEARING, 5)], reverses=journal)
        refused, posted = post_many(connection, [back, pay("c", Leg(CLEARING, BOB, 5))])
        assert type(refused) is Conflict
        assert isinstance(posted, Posted)
        assert balance(connection, ANN) == 5


def test_postings_of_many_legs_and_columns_travel_in_a_batch(database: Database, tenant_id: int) -> None:
    full = Posting(
        key="1",
        op="x",
        legs=[Leg(CLEARING, ANN, 5), Leg(ANN, BOB, 2)],
        actor="a",
        reason="r",
        metadata={"x": 1},
    )
    with database.transaction(tenant_id) as connection:
        post_many(connection, [full, pay("2", Leg(CLEARING, BOB, 1))])
        assert (balance(connection, ANN), balance(connection, BOB)) == (3, 3)
        assert post_many(connection, []) == []


def test_a_batch_has_a_limit(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection, pytest.raises(InvalidInput, match="at most"):
        post_many(connection, gifts(1) * (BATCH_POSTINGS_MAX + 1))


def test_batches_that_share_accounts_and_keys_do_not_collide(database: Database, tenant_id: int) -> None:
    """Eight workers post overlapping batches forwards and backwards: no deadlock, nothing twice."""
    batch = gifts(60)

    def work(number: int) -> None:
        with database.transaction(tenant_id) as connection:
            post_many(connection, batch[::-1] if number % 2 else batch)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(work, range(8)))
    with database.transaction(tenant_id) as connection:
        assert balance(connection, CLEARING) == -300


def test_a_group_gives_each_caller_its_own_answer(database: Database, tenant_id: int) -> None:
    group = GroupCommit(database)
    asked = [
        *gifts(64),
        pay("short", Leg(ANN, BOB, 1)),
        pay("gift:0", Leg(CLEARING, BOB, 1)),
        gifts(1)[0],
    ]

    def answer(one: Posting) -> Posted | Exception:
        try:
            return group.post(tenant_id, one)
        except Conflict as error:
            return error

    group.post(tenant_id, asked[0])
    with ThreadPoolExecutor(16) as workers:
        answers = list(workers.map(answer, asked))
    assert [type(one) for one in answers[64:]] == [InsufficientFunds, KeyReused, Posted]
    assert [one.replayed for one in answers if isinstance(one, Posted)] == [True, *[False] * 63, True]
    assert len({one.journal_id for one in answers if isinstance(one, Posted)}) == 64


def test_one_bad_posting_does_not_fail_its_group(database: Database, tenant_id: int) -> None:
    group = GroupCommit(database)
    much = [Leg(CLEARING, ANN, AMOUNT_MAX)] * 1000
    asked = [pay(f"full:{number}", *much) for number in range(10)] + gifts(20)

    def fails(one: Posting) -> bool:
        try:
            group.post(tenant_id, one)
        except InvalidInput:
            return True
        return False

    with ThreadPoolExecutor(30) as workers:
        failed = list(workers.map(fails, asked))
    assert (sum(failed[:10]), sum(failed[10:])) == (1, 0)


def test_a_group_of_one_serves_everyone_in_turn(database: Database, tenant_id: int) -> None:
    group = GroupCommit(database, group_max=1)
    with ThreadPoolExecutor(8) as workers:
        journals = {one.journal_id for one in workers.map(lambda one: group.post(tenant_id, one), gifts(40))}
    assert len(journals) == 40


@pytest.mark.parametrize("struck", ["writing", "waiting"])
def test_a_thread_that_is_struck_down_leaves_its_turn_to_the_next(
    database: Database, tenant_id: int, monkeypatch: pytest.MonkeyPatch, struck: str
) -> None:
    """A time limit strikes as an exception in the thread, at any moment."""

    class Struck(BaseException):
        pass

    def strike(*_: object) -> None:
        raise Struck

    def sit_down(group: GroupCommit, asked: object) -> None:
        group._is_busy, asked.has_turn = True, False  # type: ignore[attr-defined]  # as if someone wrote

    def struck_with_the_turn(group: GroupCommit, asked: object) -> None:
        asked.has_turn, asked.has_left = True, True  # type: ignore[attr-defined]  # as _wait leaves it
        group._hand_on()
        raise Struck

    group = GroupCommit(database)
    with monkeypatch.context() as patched:
        if struck == "writing":
            patched.setattr("pitboss.core.ledger.group.post_alone", strike)
        else:
            enter = GroupCommit._enter
            patched.setattr(GroupCommit, "_enter", lambda self, one: (enter(self, one), sit_down(self, one)))
            patched.setattr(GroupCommit, "_wait", struck_with_the_turn)
        with pytest.raises(Struck):
            group.post(tenant_id, pay("1", Leg(CLEARING, ANN, 5)))
    group.post(tenant_id, pay("2", Leg(CLEARING, BOB, 5)))
    with database.transaction(tenant_id) as connection:
        assert (balance(connection, ANN), balance(connection, BOB)) == (0, 5)


def test_a_full_queue_is_refused(database: Database, tenant_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pitboss.core.ledger.group.WAITING_POSTINGS_MAX", 0)
    with pytest.raises(Unavailable, match="waiting for the disk"):
        GroupCommit(database).post(tenant_id, gifts(1)[0])
