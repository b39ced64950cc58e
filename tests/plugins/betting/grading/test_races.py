"""From an order of finish to what each runner came to: winners, places, ties, those who did not run."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.grading.grade import grade, grade_all
from pitboss.plugins.betting.grading.templates import Template
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.settling.rules import Rules
from tests.plugins.betting.samples import law

PLAIN = Rules()
WINNER = Template(code="winner", title="Winner", grader="outright")
TOP_3 = Template(code="place", title="Top 3", grader="place", places=3)
MATCH_UP = Template(code="pair", title="Best finish", grader="match_up")


def race(*positions: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {"positions": [{"participant": p, "position": at} for p, at in positions], **more}


RACE = race(("a", 1), ("b", 2), ("c", 3), ("d", 3), unplaced=["e"], did_not_finish=["f"], withdrawn=["g"])


def outcome(template: Template, selection: str, result: Any = RACE, rules: Rules = PLAIN) -> Outcome:
    return grade(template, None, selection, result, rules)


@pytest.mark.parametrize(
    ("runner", "winner", "placed"),
    [
        ("a", "won", "won"),
        ("b", "lost", "won"),
        ("c", "lost", "won"),
        ("e", "lost", "lost"),
        ("f", "lost", "lost"),
        ("g", "void", "void"),
    ],
)
def test_each_runner_comes_to_its_place(runner: str, winner: str, placed: str) -> None:
    assert (outcome(WINNER, runner).state, outcome(TOP_3, runner).state) == (winner, placed)


def test_a_tie_for_the_last_place_halves_the_stake() -> None:
    assert (outcome(TOP_3, "c").share, outcome(TOP_3, "b").share) == (Fraction(1, 2), Fraction(1))


def test_a_dead_heat_for_first_shares_the_win_and_tells_where_it_finished() -> None:
    found = outcome(WINNER, "a", race(("a", 1), ("b", 1), ("c", 3)))
    assert (found.state, found.share, found.position, found.tied) == ("won", Fraction(1, 2), 1, 2)


def test_a_runner_that_did_not_win_still_tells_where_it_finished() -> None:
    found = outcome(WINNER, "c")
    assert (found.state, found.position, found.tied) == ("lost", 3, 2)


@pytest.mark.parametrize(
    ("pair", "state"),
    [("a:b", "won"), ("b:a", "lost"), ("b:f", "won"), ("f:b", "lost"), ("e:f", "void"), ("a:g", "void")],
)
def test_of_a_pair_the_better_finish_wins(pair: str, state: str) -> None:
    assert outcome(MATCH_UP, pair).state == state


def test_a_tied_pair_is_a_dead_heat_or_void_by_rule() -> None:
    assert outcome(MATCH_UP, "c:d").share == Fraction(1, 2)
    assert outcome(MATCH_UP, "c:d", rules=Rules(is_dead_heat_draw_void=True)).state == "void"


def test_a_participant_that_no_result_names_is_not_guessed_at() -> None:
    with pytest.raises(InvalidInput, match="does not name participant z"):
        outcome(WINNER, "z")
    assert outcome(WINNER, "z", rules=Rules(unlisted="lost")).state == "lost"


@pytest.mark.parametrize("result", [{}, {"positions": []}, race(("a", 1), ("a", 2))])
def test_a_result_without_one_position_each_is_refused(result: Any) -> None:
    with pytest.raises(InvalidInput):
        outcome(WINNER, "a", result)


def test_a_pair_needs_two_names() -> None:
    with pytest.raises(InvalidInput, match="backed:other"):
        outcome(MATCH_UP, "a")


@pytest.mark.parametrize("field", ["cancelled", "abandoned_at"])
def test_a_race_that_was_not_run_is_void(field: str) -> None:
    assert outcome(WINNER, "a", {field: 1}).state == "void"


@law
@given(st.lists(st.integers(1, 4), min_size=3, max_size=8), st.integers(1, 3))
def test_a_field_has_as_many_winning_shares_as_places(drawn: list[int], places: int) -> None:
    """Positions as a judge writes them: those tied share one, and the next is below all of them."""
    ranks = sorted(drawn)
    result = race(*((str(at), 1 + ranks.index(rank)) for at, rank in enumerate(ranks)))
    template = Template(code="place", title="Place", grader="place", places=places)
    found = grade_all(template, None, [str(at) for at in range(len(ranks))], result, PLAIN)
    assert sum(each.share for each in found.values() if each.state == "won") == min(places, len(ranks))
