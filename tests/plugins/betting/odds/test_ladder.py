"""A price goes down to its ladder, and never up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.odds.ladder import (
    EXCHANGE,
    HUNDREDTHS,
    RUNGS_MAX,
    TICKS_MAX,
    Rung,
    check_ladder,
    climb,
    round_down,
)
from tests.plugins.betting.samples import law


@pytest.mark.parametrize(
    ("odds", "price"),
    [
        ("1.01", "1.01"),
        ("1.999", "1.99"),
        ("2.01", "2.00"),
        ("2.99", "2.98"),
        ("4.19", "4.1"),
        ("19.9", "19.5"),
        ("1234", "1230"),
    ],
)
def test_a_price_goes_down_to_its_rung(odds: str, price: str) -> None:
    assert round_down(Decimal(odds), EXCHANGE) == Decimal(price)


@law
@given(st.fractions(Fraction(101, 100), 500), st.sampled_from([HUNDREDTHS, EXCHANGE]))
def test_no_price_goes_up_nor_further_down_than_needed(odds: Fraction, ladder: tuple[Rung, ...]) -> None:
    price = round_down(odds, ladder)
    assert price <= odds < climb(price, 1, ladder)
    assert round_down(price, ladder) == price


@law
@given(st.integers(0, 120), st.integers(0, 120))
def test_what_climbs_up_climbs_down_again(start: int, ticks: int) -> None:
    at = climb(Decimal("1.01"), start, EXCHANGE)
    assert climb(climb(at, ticks, EXCHANGE), -ticks, EXCHANGE) == at


def test_below_the_ladder_is_no_price() -> None:
    with pytest.raises(InvalidInput, match="starts at 1.01"):
        round_down(Decimal("1.009"))
    with pytest.raises(InvalidInput, match="lowest"):
        climb(Decimal("1.01"), -1)
    with pytest.raises(InvalidInput, match=str(TICKS_MAX)):
        climb(Decimal("1.01"), TICKS_MAX + 1)


@pytest.mark.parametrize(
    "ladder",
    [
        (),
        (Rung(Decimal(1), Decimal("0.01")),),
        (Rung(Decimal(2), Decimal(0)),),
        (Rung(Decimal(2), Decimal("0.3")), Rung(Decimal(3), Decimal(1))),
        (Rung(Decimal(3), Decimal(1)), Rung(Decimal(2), Decimal(1))),
        tuple(Rung(Decimal(place + 2), Decimal(1)) for place in range(RUNGS_MAX + 1)),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(ladder: tuple[Rung, ...]) -> None:
    with pytest.raises(InvalidInput):
        check_ladder(ladder)


def test_the_shipped_ladders_can_be_climbed() -> None:
    check_ladder(HUNDREDTHS)
    check_ladder(EXCHANGE)
