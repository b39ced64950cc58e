"""A pool pays what is left after takeout, down to its break point; nothing of it is lost on the way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.pools.dividends import (
    RUNNERS_MAX,
    WINNERS_MAX,
    NoWinner,
    Terms,
    approximates,
    declare,
    divided,
    shared,
)
from tests.plugins.betting.samples import ORACLES, cents, euros, expected, law, near

WIN = ORACLES["parimutuel.win"]
HALF = Decimal("0.5")
EXAMPLE = dict(zip("12345678", (3000, 7000, 1200, 5500, 11000, 4700, 15000, 4000), strict=True))
"""The pool of 514 whose approximate prices are published; its runners' amounts sum to it."""


def pool_of(name: str, break_to: str) -> Any:
    said = WIN["inputs"][name]
    on_winner = cents(said["on_winner"])
    terms = Terms(
        takeout=Decimal(said["takeout"]),
        break_to=Decimal(break_to),
        minimum=Decimal(said.get("minimum", "1")),
    )
    return declare({"winner": on_winner, "rest": cents(said["gross"]) - on_winner}, [["winner"]], terms)


@pytest.mark.parametrize(
    ("case", "name", "break_to"),
    [
        ("wv_dime_breakage", "wv", "0.10"),
        ("wv_nickel_breakage", "wv", "0.05"),
        ("minus_pool", "minus", "0.10"),
    ],
)
def test_the_win_pools_of_the_oracle_pay(case: str, name: str, break_to: str) -> None:
    said, pool = WIN["expected"][case], pool_of(name, break_to)
    winner = pool.dividends["winner"]
    assert near(winner.unbroken, said["unbroken_per_1"], 11)
    assert winner.per_unit == Fraction(said["broken_per_1"])
    assert euros(winner.pays(200)) == said["pays_per_2"]
    figures = [pool.takeout, pool.net, pool.paid, pool.breakage]
    names = ["takeout", "net_pool", "total_payout", "breakage"]
    assert [euros(each) for each in figures] == [said[each] for each in names]


def test_the_published_approximates_are_hit() -> None:
    assert sum(EXAMPLE.values()) == 51_400
    found = approximates({**EXAMPLE, "9": 0}, Terms(takeout=Decimal("0.1425")))
    assert found.pop("9") is None
    said = expected("parimutuel.win")["wikipedia_approximates"]
    assert all(value is not None and near(value, said[runner], 5) for runner, value in found.items())


def test_a_place_pool_splits_its_profit_equally_between_the_placed() -> None:
    """Net 850: 150 are above the stakes on both, 75 for each, so the less backed pays more."""
    terms = Terms(takeout=Decimal("0.15"), break_to=Decimal("0.01"))
    pool = declare({"a": 40_000, "b": 30_000, "c": 30_000}, [["a", "b"]], terms)
    assert {runner: each.unbroken for runner, each in pool.dividends.items()} == {
        "a": 1 + Fraction(7500, 40_000),
        "b": 1 + Fraction(7500, 30_000),
    }
    assert (pool.paid, pool.breakage) == (40_000 * 118 // 100 + 30_000 * 125 // 100, 300)


def test_a_dead_heat_in_a_win_pool_splits_in_the_same_way() -> None:
    pool = declare({"a": 100, "b": 200, "c": 700}, [["a", "b"]], Terms(takeout=Decimal("0.1")))
    assert {runner: each.per_unit for runner, each in pool.dividends.items()} == {
        "a": 4,
        "b": Fraction("2.5"),
    }


def test_a_placed_runner_that_nobody_backed_leaves_its_part_to_the_others() -> None:
    pool = declare({"a": 100, "b": 0, "c": 900}, [["a", "b"]], Terms(takeout=Decimal("0.1")))
    assert {runner: each.per_unit for runner, each in pool.dividends.items()} == {"a": 9}


@pytest.mark.parametrize(
    ("policy", "state", "refunded", "takeout", "carried"),
    [
        ("refund", "refunded", 1000, 0, 70),
        ("carry", "carried", 0, 100, 970),
        ("next_best", "paid", 0, 100, 0),
    ],
)
def test_a_pool_that_nobody_won_goes_by_what_was_declared(
    policy: NoWinner, state: str, refunded: int, takeout: int, carried: int
) -> None:
    terms = Terms(takeout=Decimal("0.1"), no_winner=policy)
    pool = declare({"a": 0, "b": 1000}, [["a"], ["b"]], terms, carried_in=70)
    assert (pool.state, pool.refunded, pool.takeout, pool.carried_out) == (state, refunded, takeout, carried)


def test_stakes_on_withdrawn_runners_are_refunded_before_takeout() -> None:
    stakes = {"a": 300, "b": 700, "c": 500}
    pool = declare(stakes, [["a"]], Terms(takeout=Decimal("0.1")), withdrawn=["c"])
    assert (pool.refunded, pool.gross, pool.takeout, pool.paid) == (500, 1000, 100, 900)


def test_what_was_carried_in_is_paid_without_takeout() -> None:
    pool = declare({"a": 100, "b": 900}, [["a"]], Terms(takeout=Decimal("0.1")), carried_in=100)
    assert (pool.takeout, pool.net, pool.paid) == (100, 1000, 1000)


def test_a_ticket_is_paid_in_whole_minor_units() -> None:
    pool = declare({"a": 300, "b": 700}, [["a"]], Terms(takeout=Decimal("0.155"), break_to=Decimal("0.05")))
    assert pool.dividends["a"].per_unit == Fraction("2.80")
    assert pool.dividends["a"].pays(33) == 92


@law
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**6), min_size=1),
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True),
    st.decimals(0, 1, places=3),
    st.sampled_from(["refund", "carry", "next_best"]),
    st.integers(0, 1000),
)
def test_every_minor_unit_of_a_pool_is_accounted_for(
    stakes: dict[str, int], placed: list[str], takeout: Decimal, policy: NoWinner, carried_in: int
) -> None:
    terms = Terms(takeout=takeout, no_winner=policy)
    pool = declare(stakes, [placed], terms, carried_in=carried_in)
    spent = pool.refunded + pool.takeout + pool.paid + pool.breakage + pool.carried_out
    assert spent == sum(stakes.values()) + carried_in
    assert all(each.per_unit >= terms.minimum for each in pool.dividends.values())


@pytest.mark.parametrize(
    ("stakes", "order", "withdrawn"),
    [
        ({}, [["a"]], []),
        ({"a": -1}, [["a"]], []),
        ({"a": 1}, [], []),
        ({"a": 1}, [[]], []),
        ({"a": 1}, [["a", "a"]], []),
        ({"a": 1}, [["a"]], ["a"]),
        ({str(n): 1 for n in range(RUNNERS_MAX + 1)}, [["1"]], []),
    ],
)
def test_a_pool_that_cannot_be_declared_is_refused(stakes: Any, order: Any, withdrawn: Any) -> None:
    with pytest.raises(InvalidInput):
        declare(stakes, order, Terms(takeout=Decimal("0.1")), withdrawn=withdrawn)


@pytest.mark.parametrize(
    "wrong",
    [{"takeout": Decimal("1.1")}, {"break_to": Decimal(0)}, {"minimum": Decimal(-1)}, {"no_winner": "keep"}],
)
def test_terms_that_cannot_be_kept_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        Terms(**{"takeout": Decimal("0.1"), **wrong})


# Private pools


@pytest.mark.parametrize(
    ("ranking", "paid"),
    [
        ([["a"], ["b"], ["c"]], {"a": 500, "b": 300, "c": 200}),
        ([["a"], ["b", "c"]], {"a": 500, "b": 250, "c": 250}),
        ([["a", "b"], ["c"]], {"a": 400, "b": 400, "c": 200}),
        ([["a", "b", "c", "d"]], {"a": 250, "b": 250, "c": 250, "d": 250}),
        ([["a"], ["b"]], {"a": 625, "b": 375}),
        ([["a"], ["b"], ["c"], ["d"]], {"a": 500, "b": 300, "c": 200}),
        ([["a"], ["b"], ["c", "d"]], {"a": 500, "b": 300, "c": 100, "d": 100}),
    ],
)
def test_ties_of_a_private_pool_share_the_places_that_they_take(ranking: Any, paid: Any) -> None:
    assert shared(1000, ranking, [HALF, Decimal("0.3"), Decimal("0.2")]) == paid


@law
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_a_pot_is_divided_to_the_last_minor_unit(pot: int, weights: list[int]) -> None:
    paid = divided(pot, {str(at): weight for at, weight in enumerate(weights)})
    assert sum(paid.values()) == pot
    assert all(abs(paid[str(at)] - Fraction(pot * w, sum(weights))) < 1 for at, w in enumerate(weights))


@pytest.mark.parametrize(
    ("ranking", "shares"),
    [
        ([], [1]),
        ([["a", "a"]], [1]),
        ([["a"]], []),
        ([["a"]], [HALF]),
        ([[str(n) for n in range(WINNERS_MAX + 1)]], [1]),
    ],
)
def test_a_private_pool_that_cannot_be_shared_is_refused(ranking: Any, shares: Any) -> None:
    with pytest.raises(InvalidInput):
        shared(1000, ranking, shares)


@pytest.mark.parametrize("weights", [{"a": 0}, {"a": 2, "b": -1}])
def test_weights_that_divide_nothing_are_refused(weights: Any) -> None:
    with pytest.raises(InvalidInput, match="weights"):
        divided(100, weights)
