"""Several workers on one player: nothing is given, staked or claimed twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict
from pitboss.plugins.loyalty.rewards import lifecycle

WORKERS = 8


@pytest.fixture
def race(kernel, tenant, backend) -> Any:
    """Do the same at the same time, each in a transaction of its own; count what was not refused."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: there is no race")

    def attempt(what: Callable[[Any], Any]) -> bool:
        try:
            with kernel.context(tenant.id) as ctx:
                what(ctx)
        except Conflict:
            return False
        return True

    def run(what: Callable[[Any], Any]) -> int:
        with ThreadPoolExecutor(WORKERS) as pool:
            return sum(pool.map(attempt, [what] * WORKERS))

    return run


def test_the_same_reward_at_once_is_given_once(race, player, money) -> None:
    assert race(lambda ctx: ctx.of(player).act("loyalty.grant_cash", amount=100, key="once")) == WORKERS
    assert money("wallet") == "1.00"


def test_stakes_at_once_never_exceed_what_there_is(race, player, act, money) -> None:
    bonus = act("grant_bonus", amount=300, wagering_requirement=10, sticky=True)
    act("grant_cash", amount=200)
    assert race(lambda ctx: ctx.of(player).act("loyalty.pay_stake", amount=200, key=str(uuid7()))) == 2
    assert (money("bonus", bonus), money("wallet")) == ("0.00", "1.00")


def test_a_reward_claimed_at_once_is_delivered_once(race, player, act, money) -> None:
    waits = act("grant_cash", amount=100, claimable=True)
    assert race(lambda ctx: lifecycle.claim(ctx, player, waits)) == 1
    assert money("wallet") == "1.00"


def test_a_free_bet_used_at_once_is_used_once(race, player, act) -> None:
    act("grant_free_bet", amount=100)
    use = "loyalty.use_free_play"
    assert race(lambda ctx: ctx.of(player).act(use, kind="bet", key=str(uuid7()))) == 1
