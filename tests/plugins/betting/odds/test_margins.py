"""What is left when the margin is out sums to 1, by every method, and no probability is negative."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.odds.margins import (
    METHODS,
    SELECTIONS_MAX,
    book_sum,
    margin,
    payout_rate,
    remove_margin,
    remove_margin_of,
)
from tests.plugins.betting.samples import ORACLES, expected, law, near, prices

BOOKS = [
    name for name, o in ORACLES.items() if name.startswith("devig.") and "decimal_odds" in o.get("inputs", {})
]
SIX = ("multiplicative", "additive", "power", "shin", "odds_ratio", "goto")
PARAMETERS = {"power": "power_k", "shin": "shin_z", "odds_ratio": "odds_ratio_c"}
NEGATIVE = ORACLES["devig.additive_negative"]


def odds_of(name: str) -> list[Decimal]:
    return [Decimal(each) for each in ORACLES[name]["inputs"]["decimal_odds"]]


@pytest.mark.parametrize("name", BOOKS)
def test_the_margin_of_each_oracle_book_is_told(name: str) -> None:
    said, odds = expected(name), odds_of(name)
    assert near(book_sum(odds), said["booksum"])
    assert near(margin(odds), said["overround"])
    assert near(payout_rate(odds), said["payout_rate"])


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("method", SIX)
def test_each_method_hits_each_oracle_book(name: str, method: str) -> None:
    said, fair = expected(name), remove_margin(odds_of(name), method)
    assert all(near(p, text) for p, text in zip(fair.probabilities, said[method], strict=True))
    if method in PARAMETERS:
        assert fair.parameter is not None
        assert near(fair.parameter, said["parameters"][PARAMETERS[method]])


def test_shin_hits_the_published_book() -> None:
    fair = remove_margin([Decimal("2.6"), Decimal("2.4"), Decimal("4.3")], "shin")
    assert [f"{p:.6f}" for p in fair.probabilities] == ["0.372994", "0.404779", "0.222227"]
    assert f"{fair.parameter:.7f}" == "0.0169425"


def test_of_two_prices_shin_says_what_additive_says() -> None:
    odds = odds_of("devig.e_two_way")
    one, other = (remove_margin(odds, method).probabilities for method in ("shin", "additive"))
    assert all(near(a, str(b), 25) for a, b in zip(one, other, strict=True))


def test_a_negative_probability_is_refused_and_names_its_selections() -> None:
    implied = [Fraction(each) for each in NEGATIVE["inputs"]["inverse_odds"]]
    with pytest.raises(InvalidInput, match=r"\[4, 5\].*take power or shin"):
        remove_margin_of(implied, "additive")
    assert remove_margin_of(implied, "additive", otherwise="power").method == "power"


def test_shin_needs_a_margin() -> None:
    with pytest.raises(InvalidInput, match="needs a margin"):
        remove_margin([Decimal("2.1"), Decimal("2.1")], "shin")


@pytest.mark.parametrize("method", METHODS)
def test_a_book_without_margin_stays_as_it_is(method: str) -> None:
    assert remove_margin([Decimal(2), Decimal(4), Decimal(4)], method).probabilities == (
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.25"),
    )


@law
@given(st.lists(prices, min_size=2, max_size=8), st.sampled_from(sorted(METHODS)))
def test_what_is_left_sums_to_one_and_keeps_the_order(odds: list[Decimal], method: str) -> None:
    try:
        fair = remove_margin(odds, method).probabilities
    except InvalidInput:
        return
    assert abs(sum(fair) - 1) < Decimal("1e-25")
    assert all(0 < each < 1 for each in fair)
    by_odds = [p for _, p in sorted(zip(odds, fair, strict=True), key=lambda pair: (pair[0], -pair[1]))]
    assert all(a >= b - Decimal("1e-25") for a, b in zip(by_odds, by_odds[1:], strict=False))


@pytest.mark.parametrize("count", [1, SELECTIONS_MAX + 1])
def test_a_book_has_two_prices_and_not_too_many(count: int) -> None:
    with pytest.raises(InvalidInput, match=str(SELECTIONS_MAX)):
        book_sum([Decimal(2)] * count)


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="shin"):
        remove_margin([Decimal(2), Decimal(2)], "shinn")
