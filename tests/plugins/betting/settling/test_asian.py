"""Every row of both grids of lines comes to what the oracle says; a quarter is the mean of its halves."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.settling import asian
from pitboss.plugins.betting.settling.outcomes import Outcome, State, multiplier
from tests.plugins.betting.samples import ORACLES, euros, law, prices

HANDICAPS = ORACLES["asian.handicap_grid"]
TOTALS = ORACLES["asian.totals_grid"]["expected"]["grid"]
lines = st.integers(-20, 20).map(lambda quarters: Fraction(quarters, 4))


def returned(state: State, odds: Fraction, stake: Fraction) -> Fraction:
    return stake * multiplier(Outcome(state=state), odds)


def test_each_handicap_of_the_oracle_comes_to_its_state_and_return() -> None:
    stake, odds = Fraction(HANDICAPS["inputs"]["stake"]), Fraction(HANDICAPS["inputs"]["odds"])
    for line, margin, state, back in HANDICAPS["expected"]["grid"]:
        found = asian.handicap(Fraction(line), margin)
        assert (line, margin, found) == (line, margin, state)
        assert euros(int(returned(found, odds, stake) * 100)) == back


def test_each_total_of_the_oracle_comes_to_its_state() -> None:
    found = [
        [line, goals, side, asian.total(Fraction(line), goals, is_over=side == "over")]
        for line, goals, side, _ in TOTALS
    ]
    assert found == TOTALS
    assert len(found) == 108


@pytest.mark.parametrize(
    ("line", "margin", "odds", "stake", "back"),
    [
        ("-0.75", 0, "1.825", 100, "0"),
        ("0.75", 0, "2.075", 100, "207.5"),
        ("-0.75", 1, "1.825", 100, "141.25"),
        ("0.75", -1, "2.075", 100, "50"),
        ("-0.25", 0, "1.32", 2000, "1000"),
        ("-0.25", 1, "1.32", 2000, "2640"),
    ],
)
def test_the_published_handicaps_return_what_they_say(
    line: str, margin: int, odds: str, stake: int, back: str
) -> None:
    state = asian.handicap(Fraction(line), margin)
    assert returned(state, Fraction(odds), Fraction(stake)) == Fraction(back)


@law
@given(lines, st.integers(-6, 6), prices)
def test_a_quarter_line_pays_the_mean_of_its_halves(line: Fraction, margin: int, odds: Fraction) -> None:
    halves = [asian.handicap(half, margin) for half in asian.halves(line)]
    whole = returned(asian.handicap(line, margin), Fraction(odds), Fraction(1))
    assert whole == sum(returned(half, Fraction(odds), Fraction(1, 2)) for half in halves)


@law
@given(lines, st.integers(-6, 6))
def test_what_one_side_wins_the_other_loses(line: Fraction, margin: int) -> None:
    opposite = {
        "won": "lost",
        "half_won": "half_lost",
        "push": "push",
        "half_lost": "half_won",
        "lost": "won",
    }
    assert asian.handicap(-line, -margin) == opposite[asian.handicap(line, margin)]


def test_a_line_between_quarters_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"multiple of 0\.25"):
        asian.handicap(Fraction("0.1"), 0)
