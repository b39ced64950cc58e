"""Each outcome turns a unit of stake into what the trade says it does."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.settling.outcomes import (
    STATES,
    TIED_MAX,
    Outcome,
    State,
    arithmetic,
    multiplier,
    outcome_as_json,
    outcome_from_json,
)
from tests.plugins.betting.samples import ORACLES, cents, law, outcomes, prices

SINGLE = ORACLES["settle.single"]


@pytest.mark.parametrize("state", STATES)
def test_a_single_returns_what_the_oracle_says(state: State) -> None:
    stake, odds = Fraction(SINGLE["inputs"]["stake"]), Fraction(SINGLE["inputs"]["odds"])
    said = SINGLE["expected"][state]
    returned = stake * multiplier(Outcome(state=state), odds)
    assert returned == Fraction(said["return_exact"])
    assert cents(said["return"]) - cents(said["profit"]) == stake * 100


@law
@given(outcomes, prices)
def test_a_multiplier_lies_between_nothing_and_the_odds(outcome: Outcome, odds: Any) -> None:
    assert 0 <= multiplier(outcome, odds) <= Fraction(odds)


@law
@given(outcomes)
def test_an_outcome_reads_back_from_json(outcome: Outcome) -> None:
    assert outcome_from_json(outcome_as_json(outcome)) == outcome


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Outcome(state="won"), "6 = 6"),
        (Outcome(state="lost"), "lost = 0"),
        (Outcome(state="void"), "void = 1"),
        (Outcome(state="half_won"), "(1 + 6) / 2 = 3.5"),
        (Outcome(state="half_lost"), "half the stake back, half lost = 0.5"),
        (Outcome(state="won", deduction=Fraction(1, 5)), "1 + 5 x (1 - 0.2) = 5"),
        (Outcome(state="won", share=Fraction(1, 3)), "1/3 of the stake x 6 = 2"),
        (Outcome(state="won", share=Fraction(1, 3), dead_heat="odds"), "the greater of 1 and 6 x 1/3 = 2"),
    ],
)
def test_the_arithmetic_is_written_as_one_reads_it(outcome: Outcome, shown: str) -> None:
    assert arithmetic(outcome, 6) == shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "wun"},
        {"state": "won", "share": Fraction(3, 2)},
        {"state": "won", "deduction": Fraction(-1, 5)},
        {"state": "won", "deduction": 0.2},
        {"state": "won", "position": 0},
        {"state": "won", "tied": 0},
        {"state": "won", "tied": TIED_MAX + 1},
    ],
)
def test_an_outcome_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Outcome(**wrong)
