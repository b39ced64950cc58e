"""A bet builder is priced by the scores at which all of its picks win, or it is not sold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import exp, factorial
from typing import Any

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.builder import CELLS_MAX, PICKS_MAX, Pick, build, grid_of
from pitboss.plugins.betting.grading.templates import Template

RESULT = Template(code="result", title="Result", grader="three_way")
TOTAL = Template(code="total", title="Goals", grader="total", line="quarter")
BOTH = Template(code="both", title="Both score", grader="both_to_score")
HOME = Pick(template=RESULT, selection="home")
OVER = Pick(template=TOTAL, selection="over", line=Decimal("2.5"))
BOTH_SCORE = Pick(template=BOTH, selection="yes")


def poisson(home: float, away: float, size: int = 16) -> list[list[Decimal]]:
    def chance(mean: float, goals: int) -> float:
        return exp(-mean) * mean**goals / factorial(goals)

    cells = [[chance(home, h) * chance(away, a) for a in range(size)] for h in range(size)]
    return [[Decimal(f"{each:.12f}") for each in row] for row in cells]


GRID = grid_of(poisson(1.90, 0.56))


def test_picks_that_hang_together_are_priced_together() -> None:
    """Home and over 2.5 at 1.90 to 0.56: .379 together, .310 multiplied; fair odds 2.64 and not 3.23."""
    built = build(GRID, [HOME, OVER], book_sum=1)
    assert f"{float(built.probability):.3f}" == "0.379"
    assert f"{float(built.alone[0] * built.alone[1]):.3f}" == "0.310"
    assert f"{float(built.fair_odds):.2f}" == "2.64"
    assert built.correlation > 1


def test_the_margin_comes_on_the_joint_price_which_then_goes_down() -> None:
    built = build(GRID, [HOME, OVER], book_sum=Decimal("1.10"))
    assert built.odds == Decimal("2.39")
    assert Fraction(built.odds) <= built.fair_odds / Fraction("1.10")


def test_a_void_pick_leaves_the_price_of_the_others() -> None:
    assert build(GRID, [HOME], book_sum=1).probability == build(GRID, [HOME, OVER], book_sum=1).alone[0]


@pytest.mark.parametrize(
    ("picks", "cure"),
    [
        ([], "give 1 to 12"),
        ([HOME] * (PICKS_MAX + 1), "give 1 to 12"),
        ([HOME, Pick(template=RESULT, selection="away")], "cannot win together"),
        ([BOTH_SCORE, Pick(template=TOTAL, selection="over", line=Decimal("1.5"))], "follows from"),
        ([HOME, Pick(template=TOTAL, selection="over", line=Decimal(3))], "only wins or loses"),
        ([HOME, Pick(template=TOTAL, selection="over", line=Decimal("2.75"))], "only wins or loses"),
        ([Pick(template=RESULT.during("1h"), selection="home")], "not told by the final score"),
    ],
)
def test_what_cannot_be_priced_together_is_refused(picks: Any, cure: str) -> None:
    with pytest.raises(InvalidInput, match=cure):
        build(GRID, picks, book_sum=1)


@pytest.mark.parametrize(
    ("rows", "cure"),
    [
        (None, "no joint model"),
        ([], "no joint model"),
        ([[Decimal("0.9")]], "make it 1"),
        ([[Decimal("1.2"), Decimal("-0.2")]], "from 0 to 1"),
        ([[0.5, 0.5]], "exact number"),
        ([[Decimal(0)] * (CELLS_MAX + 1)], str(CELLS_MAX)),
    ],
)
def test_without_a_joint_model_nothing_is_multiplied(rows: Any, cure: str) -> None:
    with pytest.raises(InvalidInput, match=cure):
        grid_of(rows)


@pytest.mark.parametrize("target", [Decimal("0.9"), 106])
def test_a_target_that_is_a_mistake_is_refused(target: Any) -> None:
    with pytest.raises(InvalidInput, match="target of the book"):
        build(GRID, [HOME], book_sum=target)
