"""Prices keep their margin, a market maker's loss is bounded, and a loaded side gets shorter."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.odds.margins import book_sum
from pitboss.plugins.betting.odds.moving import (
    BOOK_SUM_MAX,
    by_liability,
    consensus,
    fair_offers,
    maker_cost,
    maker_loss_max,
    maker_prices,
    offered,
)
from tests.plugins.betting.samples import ORACLES, expected, law, near

MARGIN, MAKER = ORACLES["dynamic_odds.margin"], expected("dynamic_odds.lmsr")
CHANCES = [Decimal(p) for p in MARGIN["inputs"]["p"]]
chances = st.lists(st.integers(1, 1000), min_size=2, max_size=6).map(
    lambda parts: [Fraction(part, sum(parts)) for part in parts]
)


def test_the_oracle_of_a_margin_target_is_hit() -> None:
    said, target = MARGIN["expected"], Decimal(MARGIN["inputs"]["target_booksum"])
    assert [f"{float(each):.7f}" for each in fair_offers(CHANCES, target)] == said["odds"]
    prices = offered(CHANCES, target)
    assert [str(each) for each in prices] == said["rounded_down_2dp"]
    assert near(book_sum(prices), said["booksum_after"], 9)


def test_the_oracle_of_a_market_maker_is_hit() -> None:
    assert near(maker_cost([0, 0], [50, 0], 100), MAKER["cost"], 11)
    assert near(maker_prices([0, 0], 100)[0], MAKER["price_before"])
    assert near(maker_prices([50, 0], 100)[0], MAKER["price_after"], 11)
    assert near(maker_loss_max(2, 100), MAKER["max_loss"], 10)


@law
@given(chances, st.decimals("1", "1.2", places=2))
def test_a_margin_is_never_below_its_target(probabilities: list[Fraction], target: Decimal) -> None:
    try:
        prices = offered(probabilities, target)
    except InvalidInput:
        return
    assert book_sum(prices) >= target


@law
@given(st.lists(st.integers(0, 500), min_size=2, max_size=4), st.integers(0, 3), st.integers(1, 300))
def test_a_market_maker_loses_no_more_than_it_said(shares: list[int], place: int, liquidity: int) -> None:
    taken = maker_cost([0] * len(shares), shares, liquidity)
    owed = shares[place % len(shares)]
    assert owed - taken <= maker_loss_max(len(shares), liquidity) + Decimal("1e-20")


@law
@given(chances, st.integers(0, 5), st.integers(1, 10**9))
def test_the_side_that_would_cost_most_gets_likelier(
    probabilities: list[Fraction], place: int, owed: int
) -> None:
    place %= len(probabilities)
    returns = [owed if at == place else 0 for at in range(len(probabilities))]
    moved = by_liability(probabilities, returns, scale=10**6)
    assert abs(sum(moved) - 1) < Decimal("1e-20")
    assert Fraction(moved[place]) >= probabilities[place] - Fraction(1, 10**5)
    assert all(each > 0 for each in moved)


def test_without_liabilities_nothing_moves() -> None:
    assert by_liability(CHANCES, [700, 700, 700], scale=1000) == CHANCES


def test_a_consensus_is_the_middle_of_what_books_say_without_margin() -> None:
    books = [
        [Decimal("1.90"), Decimal("1.90")],
        [Decimal("1.95"), Decimal("1.95")],
        [Decimal("1.01"), Decimal("30")],
    ]
    assert all(near(each, "0.5", 25) for each in consensus(books))


def test_books_with_other_selections_have_no_consensus() -> None:
    with pytest.raises(InvalidInput, match="same selections"):
        consensus([[Decimal(2), Decimal(2)], [Decimal(2)] * 3])


@pytest.mark.parametrize(
    ("probabilities", "target"),
    [
        (["0.5", "0.4"], "1.06"),
        (["0.5", "0.5"], "0.99"),
        (["0.5", "0.5"], str(BOOK_SUM_MAX + 1)),
        (["0.99", "0.01"], "1.06"),
        (["1", "0"], "1.06"),
        (["1"], "1.06"),
    ],
)
def test_what_gives_no_price_is_refused(probabilities: list[str], target: str) -> None:
    with pytest.raises(InvalidInput):
        offered([Decimal(p) for p in probabilities], Decimal(target))


@pytest.mark.parametrize("liquidity", [0, -1])
def test_a_market_maker_has_liquidity(liquidity: int) -> None:
    with pytest.raises(InvalidInput, match="more than 0"):
        maker_prices([0, 0], liquidity)
