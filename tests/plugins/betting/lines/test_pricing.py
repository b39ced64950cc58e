"""The sum over all lines is what adding them one by one gives, at the cost of the legs alone."""

from __future__ import annotations

import sys
from fractions import Fraction
from itertools import combinations
from math import prod
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.plugins.betting.lines import System, pricing
from pitboss.plugins.betting.settling import payout
from pitboss.plugins.betting.settling.rules import Rules
from tests.plugins.betting.samples import TEN_LEGS, law

multipliers = st.sampled_from([Fraction(x) for x in ("0", "1/2", "2/3", "1", "1.5", "2", "7/3", "10")])


def one_by_one(system: System, others: list[Fraction], bankers: list[Fraction], stake: int) -> list[Fraction]:
    return [
        sum(
            (max(Fraction(0), prod((*line, *bankers)) - stake) for line in combinations(others, size)),
            Fraction(0),
        )
        for size in system.sizes
    ]


@law
@given(st.lists(multipliers, min_size=1, max_size=6), st.lists(multipliers, max_size=2))
def test_sums_are_those_of_the_lines_one_by_one(others: list[Fraction], bankers: list[Fraction]) -> None:
    system = System(legs=len(others), sizes=tuple(range(1, len(others) + 1)), bankers=len(bankers))
    assert pricing.returned_by_size(system, others, bankers) == one_by_one(system, others, bankers, 0)
    assert pricing.won_by_size(system, others, bankers) == one_by_one(system, others, bankers, 1)


@law
@given(st.lists(st.fractions("1.01", 20, max_denominator=100), min_size=2, max_size=9))
def test_a_full_cover_that_won_pays_the_product_of_one_and_each_less_one(odds: list[Fraction]) -> None:
    system = System(legs=len(odds), sizes=tuple(range(1, len(odds) + 1)))
    whole = prod((1 + each for each in odds), start=Fraction(1)) - 1
    assert sum(pricing.returned_by_size(system, odds)) == whole
    without_singles = System(legs=len(odds), sizes=tuple(range(2, len(odds) + 1)))
    assert sum(pricing.returned_by_size(without_singles, odds)) == whole - sum(odds)


def steps_of(work: Any) -> int:
    """Count the lines of Python that some work runs in the module of sums."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename != pricing.__file__:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("lines", [TEN_LEGS.line_count])
def test_a_system_of_ten_legs_is_priced_in_fewer_steps_than_it_has_lines(lines: int) -> None:
    assert lines == 1013
    assert steps_of(lambda: payout.potential(TEN_LEGS, Rules())) < lines / 2
