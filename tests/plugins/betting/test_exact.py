"""Numbers are read and written exactly, and what is not exact is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.core.money import MINOR_UNITS_MAX
from pitboss.plugins.betting.exact import (
    EXPONENT_MAX,
    ODDS_MAX,
    TEXT_LENGTH_MAX,
    chance,
    exact,
    minor,
    price,
    read,
    share,
    text,
)
from tests.plugins.betting.samples import law


@law
@given(st.fractions() | st.decimals(allow_nan=False, allow_infinity=False, places=6).map(Fraction))
def test_what_is_written_is_read_again(value: Fraction) -> None:
    assert read(text(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("8.85", "8.85"),
        ("-0.05", "-0.05"),
        ("100", "100"),
        ("0", "0"),
        ("1/3", "1/3"),
        ("-7/6", "-7/6"),
        ("1/8", "0.125"),
    ],
)
def test_a_number_that_ends_is_written_as_a_decimal(value: str, written: str) -> None:
    assert text(Fraction(value)) == written


@pytest.mark.parametrize("written", ["", "x", "1/0", "1e9", "1" * (TEXT_LENGTH_MAX + 1), 1.5, None])
def test_what_is_no_number_is_refused(written: Any) -> None:
    with pytest.raises(InvalidInput):
        read(written)


@pytest.mark.parametrize("value", [0.5, True, "0.5", None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="the odds"):
        exact(value, "the odds")


def test_a_giant_of_few_digits_is_refused() -> None:
    assert exact(Decimal(f"1e-{EXPONENT_MAX}"), "it") == Fraction(1, 10**EXPONENT_MAX)
    for giant in (f"1e{EXPONENT_MAX + 1}", f"1e-{EXPONENT_MAX + 1}", "1e999999"):
        with pytest.raises(InvalidInput, match=str(EXPONENT_MAX)):
            exact(Decimal(giant), "it")


@pytest.mark.parametrize(
    ("check", "lowest", "highest"),
    [
        (price, Fraction(101, 100), ODDS_MAX),
        (lambda value: share(value, "it"), 0, 1),
        (chance, Fraction(1, 1000), Fraction(999, 1000)),
    ],
)
def test_each_kind_of_number_has_its_bounds(check: Any, lowest: Any, highest: Any) -> None:
    assert (check(lowest), check(highest)) == (lowest, highest)
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises(InvalidInput):
            check(beyond)


@pytest.mark.parametrize("value", [-1, 1.0, True, MINOR_UNITS_MAX + 1])
def test_money_is_whole_and_not_negative(value: Any) -> None:
    assert minor(MINOR_UNITS_MAX, "the stake") == MINOR_UNITS_MAX
    with pytest.raises(InvalidInput, match="the stake"):
        minor(value, "the stake")
