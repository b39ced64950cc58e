"""Rates are exact, rounding is the tenant's, and what is divided sums."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.core.money import MINOR_UNITS_MAX, ROUNDING_RULES
from pitboss.plugins.loyalty.amounts import RATE_MAX, divide, minor, rate, rounded
from tests.plugins.loyalty.samples import law


@law
@given(value=st.decimals(-1000, 1000, places=3), rule=st.sampled_from(sorted(ROUNDING_RULES)))
def test_rounding_agrees_with_the_named_rules_of_the_core(value: Decimal, rule: str) -> None:
    assert rounded(Fraction(value), rule) == int(value.to_integral_value(rounding=ROUNDING_RULES[rule]))


@pytest.mark.parametrize("rule", sorted(ROUNDING_RULES))
@pytest.mark.parametrize("text", ["-2.5", "-1.5", "-0.5", "0", "0.5", "1.5", "2.5", "2", "-2"])
def test_halves_and_whole_numbers_round_as_the_core_does(text: str, rule: str) -> None:
    value = Decimal(text)
    assert rounded(Fraction(value), rule) == int(value.to_integral_value(rounding=ROUNDING_RULES[rule]))


def test_a_misspelt_rounding_rule_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="half_up"):
        rounded(Fraction(1), "halfup")


@pytest.mark.parametrize(
    "value", [0.5, True, "0.5", Decimal("-0.1"), Decimal("NaN"), Decimal("0.0000001"), RATE_MAX + 1]
)
def test_what_is_no_exact_rate_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="the share"):
        rate(value, "the share")  # type: ignore[arg-type]  # what a caller may get wrong


@pytest.mark.parametrize("value", [-1, 1.0, True, "1", MINOR_UNITS_MAX + 1])
def test_what_is_no_whole_amount_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="the stake"):
        minor(value, "the stake")  # type: ignore[arg-type]  # what a caller may get wrong


@law
@given(
    amount=st.integers(0, MINOR_UNITS_MAX), weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=8)
)
def test_what_is_divided_sums_and_no_part_is_off_by_a_unit(amount: int, weights: list[int]) -> None:
    total = sum(weights)
    if not total:
        with pytest.raises(InvalidInput):
            divide(amount, weights)
        return
    parts = divide(amount, weights)
    assert sum(parts) == amount
    exact = [Fraction(amount * weight, total) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


@law
@given(amount=st.integers(0, 10**6), weights=st.lists(st.integers(1, 1000), min_size=2, max_size=6))
def test_who_has_more_never_gets_less(amount: int, weights: list[int]) -> None:
    parts = divide(amount, sorted(weights, reverse=True))
    assert parts == sorted(parts, reverse=True)
