"""A run of bets is measured by its money, its worst fall and its prices against the closing ones."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.measuring import (
    BETS_FEW,
    BETS_MAX,
    Graded,
    closing_values,
    drawdown,
    interval,
    measure,
    student_quantile,
)
from tests.plugins.betting.samples import law, near

WON, LOST = Graded(stake=100, returned=190), Graded(stake=100, returned=0)
run = st.lists(st.builds(Graded, stake=st.integers(0, 10**4), returned=st.integers(0, 10**5)), max_size=30)


def test_many_winners_can_still_lose_money() -> None:
    """Three of four won at 1.24: an accuracy of 75% with a return on stakes of -7%."""
    figures = measure([Graded(stake=100, returned=124)] * 3 + [LOST])
    assert (figures.won_count, figures.profit, figures.roi) == (3, -28, Fraction(-7, 100))


def test_drawdown_and_losing_run_are_the_worst_of_all() -> None:
    figures = measure([WON, LOST, LOST, WON, LOST, LOST, LOST, WON])
    assert (figures.drawdown_max, figures.losing_run_max) == (410, 3)


def test_a_return_of_the_stake_is_no_loss() -> None:
    assert measure([LOST, Graded(stake=100, returned=100), LOST]).losing_run_max == 1


def test_closing_value_counts_the_bets_that_know_both_prices() -> None:
    bets = [
        Graded(stake=100, returned=0, odds=Decimal("2.10"), closing_odds=Decimal("2.00")),
        Graded(stake=100, returned=0, odds=Decimal("1.90"), closing_odds=Decimal("2.00")),
        Graded(stake=100, returned=0, odds=Decimal("2.20"), closing_odds=Decimal("2.00")),
        Graded(stake=100, returned=0, odds=Decimal("2.20")),
    ]
    assert closing_values(bets) == [Fraction(1, 20), Fraction(-1, 20), Fraction(1, 10)]
    found = measure(bets).closing_value
    assert found is not None
    assert (found.count, near(found.mean, "1/30", 20)) == (3, True)
    assert found.low < 0 < found.high


def test_an_interval_is_that_of_student() -> None:
    """The values 1 to 5: mean 3, standard error sqrt(0.5), t of 4 degrees 2.776."""
    found = interval([Fraction(each) for each in range(1, 6)])
    assert found is not None
    assert (f"{found.low:.2f}", f"{found.mean:.2f}", f"{found.high:.2f}") == ("1.04", "3.00", "4.96")


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (10, 2.228), (30, 2.042), (1000, 1.962)],
)
def test_quantiles_are_those_of_the_table(freedom: int, quantile: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(quantile, rel=2e-3)


def test_without_bets_there_is_no_return_and_no_interval() -> None:
    figures = measure([])
    assert (figures.count, figures.roi, figures.roi_interval, figures.closing_value) == (0, None, None, None)
    assert measure([WON]).roi_interval is None


@pytest.mark.parametrize(("count", "is_few"), [(BETS_FEW - 1, True), (BETS_FEW, False)])
def test_few_bets_are_said_to_be_few(count: int, is_few: bool) -> None:
    assert measure([WON] * count).is_few == is_few


@pytest.mark.parametrize("confidence", [Decimal(0), Decimal(1), Decimal(95)])
def test_a_confidence_is_a_share(confidence: Decimal) -> None:
    with pytest.raises(InvalidInput):
        measure([WON, LOST], confidence=confidence)


def test_too_many_bets_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match=str(BETS_MAX)):
        measure([WON] * (BETS_MAX + 1))


@law
@given(run)
def test_a_run_falls_no_deeper_than_all_that_was_staked(bets: list[Graded]) -> None:
    figures = measure(bets)
    assert max(0, -figures.profit) <= figures.drawdown_max <= figures.staked
    assert figures.drawdown_max == drawdown([bet.returned - bet.stake for bet in bets])
