"""Several at once: nothing is credited twice, overdrawn, decided both ways or locked for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.errors import PitbossError
from pitboss.core.money import Money
from pitboss.plugins.payments import book, deposits, methods, receiving, withdrawals
from pitboss.plugins.payments.ports import News
from tests.plugins.payments.flows import house
from tests.plugins.payments.flows.test_guards import gross_limit

ROUNDS = 6


@pytest.fixture
def race(kernel, tenant, backend) -> Callable[..., Any]:
    """Run pieces of work at the same time, each in a transaction of its own; None for what was refused."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: there is no race")

    def run(*works: Callable[[Any], Any]) -> Sequence[Any]:
        def one(work: Callable[[Any], Any]) -> Any:
            try:
                with kernel.context(tenant.id) as ctx:
                    ctx.actor = replace(ctx.actor, id=uuid7())
                    return work(ctx)
            except PitbossError:
                return None

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(one, works))

    return run


@pytest.fixture
def method(kernel, tenant, player) -> Any:
    """A card of the player's."""
    with kernel.context(tenant.id) as ctx:
        return methods.add(ctx, player, provider="cards", token="tok_pending")


@pytest.fixture
def ask(player, method) -> Callable[..., Callable[[Any], Any]]:
    """Return the work of asking for a deposit."""

    def work(key: str, amount: int = 60_00) -> Callable[[Any], Any]:
        def run(ctx: Any) -> Any:
            money = Money(amount, "EUR")
            made = deposits.make(ctx, player, method_id=method.id, amount=money, request_key=key)
            return deposits.start(ctx, made.id)

        return run

    return work


def test_one_key_makes_one_deposit(race, ask) -> None:
    made = race(*[ask("the same")] * ROUNDS)

    assert len({payment.id for payment in made}) == 1


def test_two_deposits_at_once_do_not_pass_a_limit_together(race, ask) -> None:
    house.refusing.append(gross_limit)

    made = race(*(ask(f"k{n}") for n in range(ROUNDS)))

    assert len([payment for payment in made if payment is not None]) == 1


def test_the_same_news_at_once_is_applied_once_while_money_is_asked_for(
    race, ask, kernel, tenant, player, wallet
) -> None:
    (first,) = race(ask("1", 100_00))
    (second,) = race(ask("2", 100_00))

    def told(id_: str, payment: Any, **said: Any) -> Callable[[Any], Any]:
        news = News(id=id_, payment_id=payment.id, **said)
        return lambda ctx: receiving.take(ctx, "cards", [news])

    def drawn(ctx: Any) -> Any:
        money = Money(60_00, "EUR")
        return withdrawals.request(ctx, player, amount=money, method_id=None, request_key="w")

    race(told("a", first, kind="completed"))
    works = [told("b", second, kind="completed"), told("c", first, kind="charged_back", reversal="d"), drawn]
    race(*works * 3)

    cash, held, owed = wallet()
    assert cash + held - owed == 100_00
    with kernel.context(tenant.id) as ctx:
        assert [book.find(ctx, p.id).state for p in (first, second)] == ["reversed", "completed"]


def test_a_withdrawal_is_decided_one_way(race, ask, kernel, tenant, player, wallet) -> None:
    (made,) = race(ask("1", 100_00))
    race(lambda ctx: receiving.take(ctx, "cards", [News(id="a", payment_id=made.id, kind="completed")]))
    money = Money(60_00, "EUR")
    (asked,) = race(
        lambda ctx: withdrawals.request(ctx, player, amount=money, method_id=None, request_key="w")
    )
    id_ = asked.items[0].id

    answers = race(
        *[lambda ctx: withdrawals.approve(ctx, id_), lambda ctx: withdrawals.reject(ctx, id_, reason="no")]
        * 3
    )

    with kernel.context(tenant.id) as ctx:
        state = book.find(ctx, id_).state
    assert state in ("approved", "rejected")
    assert wallet() == ((40_00, 60_00, 0) if state == "approved" else (100_00, 0, 0))
    assert {one.state for one in answers if one is not None} >= {state}


def test_no_more_is_asked_for_than_there_is(race, ask, player, wallet) -> None:
    (made,) = race(ask("1", 100_00))
    race(lambda ctx: receiving.take(ctx, "cards", [News(id="a", payment_id=made.id, kind="completed")]))
    money = Money(60_00, "EUR")

    def drawn(key: str) -> Callable[[Any], Any]:
        return lambda ctx: withdrawals.request(ctx, player, amount=money, method_id=None, request_key=key)

    answers = race(*(drawn(f"w{n}") for n in range(ROUNDS)))

    assert len([one for one in answers if one is not None]) == 1
    assert wallet() == (40_00, 60_00, 0)
