"""Free bets pay the profit alone, and free spins are used before they expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput
from pitboss.plugins.loyalty.freeplay.law import (
    FreeBet,
    Result,
    Spins,
    check_use,
    expire_spins,
    give_back,
    multiplier,
    profit,
    settle,
    spin,
)
from tests.plugins.loyalty.samples import ORACLES, START, day, law

TEN = FreeBet(id="f", stake=1000)


def test_the_oracle_formula_is_the_one_in_use() -> None:
    assert ORACLES["freebet"]["formula"] == "stake not returned: pay max(0, stake*(multiplier-1))"


@pytest.mark.parametrize(
    ("result", "odds", "pays"),
    [
        ("won", "3.0", 2000),
        ("won", "1.95", 950),
        ("half_won", "1.95", 475),
        ("push", "1.95", 0),
        ("half_lost", "1.95", 0),
        ("lost", "1.95", 0),
        ("won", "1.0", 0),
    ],
)
def test_a_free_bet_pays_the_profit_alone(result: Result, odds: str, pays: int) -> None:
    assert profit(1000, multiplier(result, Decimal(odds))) == pays


def test_a_void_free_bet_is_given_back_and_pays_nothing() -> None:
    settled = settle(TEN, Fraction(1), is_void=True)
    assert (settled.pays, settled.is_given_back) == (0, True)


def test_a_dead_heat_that_returns_just_the_stake_is_decided() -> None:
    settled = settle(TEN, Fraction(1))
    assert (settled.pays, settled.is_given_back) == (0, False)


def test_a_free_bet_pays_no_more_than_its_limit() -> None:
    assert settle(replace(TEN, payout_max=1500), Fraction(3)).pays == 1500


@pytest.mark.parametrize(("rule", "pays"), [("half_up", 1), ("half_even", 0), ("down", 0)])
def test_a_half_cent_is_rounded_by_the_named_rule(rule: str, pays: int) -> None:
    assert profit(1, Fraction(3, 2), rounding=rule) == pays


@pytest.mark.parametrize(
    ("at", "odds", "match"), [(day(1), "2", "expired at"), (START, "1.49", "at least 1.5")]
)
def test_a_free_bet_that_may_not_be_used_is_refused(at: datetime, odds: str, match: str) -> None:
    bet = FreeBet(id="f", stake=1000, expires_at=day(1), odds_min=Decimal("1.5"))
    check_use(bet, at=START, odds=Decimal("1.5"))
    with pytest.raises(Conflict, match=match):
        check_use(bet, at=at, odds=Decimal(odds))


@pytest.mark.parametrize(("result", "odds"), [("win", "2"), ("won", "0.99"), ("won", "NaN"), ("won", 2.0)])
def test_what_is_no_result_or_no_odds_is_refused(result: Any, odds: Any) -> None:
    with pytest.raises(InvalidInput):
        multiplier(result, Decimal(odds) if isinstance(odds, str) else odds)


@law
@given(stake=st.integers(0, 10**7), times=st.fractions(0, 1000, max_denominator=100))
def test_a_free_bet_never_costs_and_is_worth_less_than_cash(stake: int, times: Fraction) -> None:
    pays = profit(stake, times)
    assert 0 <= pays <= stake * times
    assert pays == profit(stake, times, rounding="half_up")


# -- free spins ------------------------------------------------------------------------------------


def spins(id: str = "s", left: int = 2, **changes: Any) -> Spins:
    return Spins(**({"id": id, "left": left, "value": 20, "granted_at": START} | changes))


def test_the_soonest_to_expire_is_spun_first_then_the_oldest() -> None:
    grants = [
        spins("old", granted_at=day(-9)),
        spins("late", expires_at=day(9)),
        spins("soon", expires_at=day(2)),
        spins("empty", left=0, expires_at=day(1)),
        spins("elsewhere", expires_at=day(1), games=frozenset({"other"})),
    ]
    assert spin(grants, game="gems", at=START) == spins("soon", left=1, expires_at=day(2))
    assert spin(grants, game="gems", at=day(2)).id == "late"
    assert spin(grants, game="gems", at=day(9)).id == "old"


def test_without_a_usable_spin_none_is_spun() -> None:
    with pytest.raises(InsufficientFunds, match="'gems'"):
        spin([spins(left=0), spins(expires_at=START), spins(games=frozenset({"x"}))], game="gems", at=START)


def test_a_rolled_back_spin_comes_back() -> None:
    grant = spins(left=3)
    assert give_back(spin([grant], game="gems", at=START)) == grant


def test_the_rest_of_each_grant_expires_at_its_instant() -> None:
    grants = [spins("a", expires_at=day(1)), spins("b", expires_at=day(2)), spins("c", left=0), spins("d")]
    assert [grant.id for grant in expire_spins(grants, at=day(1))] == ["a"]
    assert [grant.worth for grant in expire_spins(grants, at=day(2))] == [40, 40]


@pytest.mark.parametrize("changes", [{"left": -1}, {"value": 0.2}])
def test_spins_are_counted_whole(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        spins(**changes)


@law
@given(
    lefts=st.lists(st.integers(0, 3), max_size=4),
    expiries=st.lists(st.integers(1, 3), min_size=4, max_size=4),
    tries=st.integers(0, 12),
)
def test_no_more_spins_are_spun_than_were_granted(lefts: list[int], expiries: list[int], tries: int) -> None:
    grants = {
        str(number): spins(str(number), left, expires_at=day(expiries[number]))
        for number, left in enumerate(lefts)
    }
    spun = 0
    for _ in range(tries):
        try:
            used = spin(grants.values(), game="gems", at=START)
        except InsufficientFunds:
            break
        grants[used.id] = used
        spun += 1
    assert spun == min(tries, sum(lefts))
    assert spun + sum(grant.left for grant in expire_spins(list(grants.values()), at=day(9))) == sum(lefts)
