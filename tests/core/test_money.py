"""Money is exact: what is parsed is what is written, and nothing is lost in splitting or rounding."""

from __future__ import annotations

import math
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.core.money import CURRENCIES, MINOR_UNITS_MAX, ROUNDING_RULES, Currencies, Money, whole

ALL = Currencies({"GEM": 6})
minors = st.integers(-MINOR_UNITS_MAX, MINOR_UNITS_MAX)
codes = st.sampled_from([*sorted(CURRENCIES), "GEM"])
rules = st.sampled_from(sorted(ROUNDING_RULES))
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)
amounts = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=12)


@given(minors, codes)
def test_what_is_written_is_read_again(minor: int, code: str) -> None:
    money = Money(minor, code)
    assert ALL.parse(ALL.text(money), code) == money


@given(minors, codes)
def test_an_amount_is_written_with_all_its_decimals(minor: int, code: str) -> None:
    _, _, decimals = ALL.text(Money(minor, code)).partition(".")
    assert len(decimals) == ALL.places(code)


@given(minors, weights)
def test_parts_and_rest_make_the_whole(minor: int, shares: list[int]) -> None:
    parts, rest = Money(minor, "EUR").split(shares)
    assert sum(part.minor for part in parts) + rest.minor == minor


@given(minors, weights)
def test_the_rest_is_less_than_one_unit_a_part(minor: int, shares: list[int]) -> None:
    _, rest = Money(minor, "EUR").split(shares)
    assert abs(rest.minor) < len(shares)
    assert rest.minor * minor >= 0


@given(st.integers(0, MINOR_UNITS_MAX), weights)
def test_a_loss_splits_as_a_gain_does(minor: int, shares: list[int]) -> None:
    gains, losses = Money(minor, "EUR").split(shares)[0], Money(-minor, "EUR").split(shares)[0]
    assert losses == [-gain for gain in gains]


@given(amounts, codes, rules)
def test_rounding_tells_exactly_what_it_added(value: Decimal, code: str, rule: str) -> None:
    money, added = ALL.round(value, code, rule)
    assert Decimal(money.minor) - added == value.scaleb(ALL.places(code))
    assert abs(added) < 1


@given(amounts, codes)
def test_rounding_down_never_gives_more_and_up_never_less(value: Decimal, code: str) -> None:
    exact = value.scaleb(ALL.places(code))
    assert abs(ALL.round(value, code, "down")[0].minor) <= abs(exact)
    assert abs(ALL.round(value, code, "up")[0].minor) >= abs(exact)


@given(minors, codes, rules)
def test_a_whole_amount_is_not_rounded(minor: int, code: str, rule: str) -> None:
    value = Decimal(minor).scaleb(-ALL.places(code))
    assert ALL.round(value, code, rule) == (Money(minor, code), 0)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("half_up", [3, -3, 4, 2]),
        ("half_even", [2, -2, 4, 2]),
        ("half_down", [2, -2, 3, 2]),
        ("down", [2, -2, 3, 2]),
        ("up", [3, -3, 4, 3]),
        ("floor", [2, -3, 3, 2]),
        ("ceiling", [3, -2, 4, 3]),
    ],
)
def test_each_rule_rounds_as_it_is_named(rule: str, expected: list[int]) -> None:
    values = [Decimal(text) for text in ("2.5", "-2.5", "3.5", "2.4")]
    assert [ALL.round(value, "JPY", rule)[0].minor for value in values] == expected


@given(st.floats())
def test_a_float_is_never_money(value: float) -> None:
    with pytest.raises(InvalidInput, match="whole number of minor units"):
        Money(value, "EUR")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvalidInput, match='an amount is text such as "10.50"'):
        ALL.parse(value, "EUR")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("value", [0.1, 1.0, float("nan"), 10])
def test_a_float_is_never_rounded_to_money(value: Any) -> None:
    with pytest.raises(InvalidInput, match="is rounded from an exact decimal"):
        ALL.round(value, "EUR")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_not_finite_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        ALL.parse(value, "EUR")
    with pytest.raises(InvalidInput):
        ALL.round(Decimal(value), "EUR")


@pytest.mark.parametrize("value", [True, False, None, "1", Decimal(1)])
def test_only_a_whole_number_is_minor_units(value: Any) -> None:
    with pytest.raises(InvalidInput):
        Money(value, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "message"),
    [
        ("10.505", "EUR", "'10.505' has more than the 2 decimals of EUR"),
        ("1.5", "JPY", "'1.5' has more than the 0 decimals of JPY"),
        ("ten", "EUR", "'ten' is not an amount: write it as \"10.50\""),
        ("", "EUR", "'' is not an amount"),
        ("1,50", "EUR", "'1,50' is not an amount"),
        ("10", "EURO", "unknown currency 'EURO': did you mean 'EUR'?"),
        ("92233720368547758.08", "EUR", "more than an account holds"),
        ("1e30", "EUR", "is more than an account can hold"),
    ],
)
def test_a_wrong_amount_is_named_with_its_cure(text: str, currency: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ALL.parse(text, currency)
    assert message in str(refusal.value)


@given(st.text(max_size=30), codes)
def test_any_text_is_an_amount_or_refused(text: str, code: str) -> None:
    with suppress(InvalidInput):
        assert abs(ALL.parse(text, code).minor) <= MINOR_UNITS_MAX


def test_currencies_do_not_mix() -> None:
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(InvalidInput, match="EUR and GBP do not mix: convert first"):
            operation(Money(1, "EUR"), Money(1, "GBP"))


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="unknown rounding rule 'halfup': did you mean 'half_up'"):
        ALL.round(Decimal(1), "EUR", "halfup")


@pytest.mark.parametrize("shares", [[], [0], [0, 0], [1, -1], [-1]])
def test_weights_that_cannot_split_are_refused(shares: list[int]) -> None:
    with pytest.raises(InvalidInput, match="cannot split an amount: give positive ones"):
        Money(100, "EUR").split(shares)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [True, True], ["1"]])
def test_weights_are_whole_numbers(shares: list[Any]) -> None:
    with pytest.raises(InvalidInput, match="cannot split an amount"):
        Money(100, "EUR").split(shares)


@given(st.integers(-(10**6), 10**6), st.sampled_from([1, 2, 3, 4, 8, 10, 7_000]), rules)
def test_a_fraction_is_rounded_as_its_decimal_is(over: int, under: int, rule: str) -> None:
    exact = Fraction(over, under)
    near = Decimal(math.floor(exact * 1000)) / 1000 + Decimal((exact * 1000).denominator > 1) / 10_000
    assert whole(exact, rule) == int(near.to_integral_value(ROUNDING_RULES[rule]))


def test_a_fraction_is_rounded_by_a_known_rule_only() -> None:
    with pytest.raises(InvalidInput, match="half_up"):
        whole(Fraction(1, 2), "halfup")
