"""Value is judged in exact numbers, and a stake by Kelly is never negative."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.odds.value import (
    break_even,
    expected_value,
    expected_value_of_all,
    growth_rate,
    kelly,
    kelly_exclusive,
    kelly_stake,
    value,
)
from tests.plugins.betting.samples import euros, expected, law, near, prices

EV, KELLY = expected("ev"), expected("kelly")
D = Decimal


def test_the_expected_values_of_the_oracle_are_hit() -> None:
    assert expected_value(D("0.55"), D("2.10")) == Fraction(EV["p0.55_d2.10_per_unit"])
    assert expected_value(D("0.55"), D("2.10"), stake=20) == Fraction(EV["p0.55_d2.10_stake20"])
    assert expected_value(D("0.50"), D("1.90")) == Fraction(EV["p0.50_d1.90_per_unit"])
    assert near(break_even(D("2.10")), EV["break_even_probability_d2.10"])
    free = expected_value(D("0.3"), D("3.0"), stake=10, is_free_bet=True)
    assert free == Fraction(EV["free_bet_snr_10_at_3.0_p0.3"])
    double = expected_value_of_all([(D("0.55"), D("1.91"))] * 2)
    assert double == Fraction(EV["acca_ev_two_legs_p0.55_d1.91"])


@pytest.mark.parametrize("case", EV["value_bets_seed_004"], ids=lambda case: f"{case['p']}@{case['odds']}")
def test_the_value_bets_of_the_oracle_are_flagged(case: dict[str, str]) -> None:
    found = value(D(case["p"]), D(case["odds"]))
    assert found.raw * 100 == Fraction(case["value_pct"])
    assert found.is_value == case["flag_seed_rule(p > 1.1/odds)"]
    assert (found.label or None) == case["recommendation_seed(>20 STRONG)"]


def test_value_against_the_fair_probability_is_kept_beside_the_raw_one() -> None:
    assert value(D("0.55"), D("2.00"), fair=D("0.48")).fair == Fraction(55, 48) - 1


@pytest.mark.parametrize(
    ("case", "p", "odds", "part"),
    [
        ("p0.6_d2", "0.6", "2", 1),
        ("p0.3_d3.5", "0.3", "3.5", 1),
        ("p0.55_d2.1_half", "0.55", "2.1", Fraction(1, 2)),
        ("p0.4_d1.8", "0.4", "1.8", 1),
        ("p0.5_d2", "0.5", "2", 1),
    ],
)
def test_each_kelly_stake_of_the_oracle_is_hit(case: str, p: str, odds: str, part: Fraction) -> None:
    assert kelly(D(p), D(odds), fraction=part) == Fraction(KELLY[case])


def test_the_growth_of_the_oracle_is_hit() -> None:
    assert near(growth_rate(D("0.6"), 2, D("0.2")), KELLY["growth_rate_p0.6_d2_full_kelly_nat"])
    with pytest.raises(InvalidInput, match="lose all"):
        growth_rate(D("0.6"), 2, 1)


def test_kelly_on_exclusive_selections_hits_the_published_stakes() -> None:
    stakes = kelly_exclusive([D("0.5"), D("0.3"), D("0.2")], [D("2.1"), D("3.2"), D("4.0")])
    assert [f"{100 * float(each):.2f}" for each in stakes] == ["4.93", "0.42", "0.00"]


def test_an_arbitrage_is_reported_and_not_sized() -> None:
    with pytest.raises(InvalidInput, match="arbitrage"):
        kelly_exclusive([D("0.5"), D("0.5")], [D("2.1"), D("2.1")])


def test_chances_of_exclusive_selections_sum_to_one_at_most() -> None:
    with pytest.raises(InvalidInput, match="sum to 1.1"):
        kelly_exclusive([D("0.5"), D("0.6")], [D("1.8"), D("1.8")])


@law
@given(st.decimals(0, 1, places=3), prices)
def test_kelly_is_never_negative_and_stakes_only_on_value(p: Decimal, odds: Decimal) -> None:
    part = kelly(p, odds)
    assert 0 <= part <= 1
    assert (part > 0) == (expected_value(p, odds) > 0)


@law
@given(st.lists(st.tuples(st.integers(1, 100), prices), min_size=2, max_size=6))
def test_exclusive_kelly_never_stakes_more_than_there_is(book: list[tuple[int, Decimal]]) -> None:
    total = sum(part for part, _ in book)
    try:
        stakes = kelly_exclusive([Fraction(part, total) for part, _ in book], [odds for _, odds in book])
    except InvalidInput:
        return
    assert all(each >= 0 for each in stakes)
    assert sum(stakes) <= 1


def test_a_kelly_stake_is_capped_by_each_limit_and_rounded_down() -> None:
    assert euros(kelly_stake(Fraction(31, 440), 100_000)) == "70.45"
    assert kelly_stake(Fraction(1, 5), 100_000, None, 15_000, 12_345) == 12_345
