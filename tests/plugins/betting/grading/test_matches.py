"""From a score to what each selection came to, by template; and what a match that was cut short decides."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.grading.grade import grade, grade_all
from pitboss.plugins.betting.grading.graders import GRADERS
from pitboss.plugins.betting.grading.question import Grader, Question
from pitboss.plugins.betting.grading.results import COUNT_MAX, statistic
from pitboss.plugins.betting.grading.templates import LINE_MAX, Template
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.settling.rules import Rules
from tests.plugins.betting.samples import law

PLAIN = Rules()
FOOTBALL = Rules(periods={"": ("1h", "2h"), "1h": ("1h",), "2h": ("2h",)})
TENNIS = Rules(retirement="after_periods")
SIDES, THREE = ("home", "away"), ("home", "draw", "away")

RESULT = Template(code="result", title="Result", grader="three_way", selections=THREE)
CHANCE = Template(code="chance", title="Double chance", grader="double_chance")
NO_DRAW = Template(code="no_draw", title="Draw no bet", grader="draw_no_bet", selections=SIDES)
TOTAL = Template(code="total", title="Goals", grader="total", selections=("over", "under"), line="quarter")
HANDICAP = Template(code="ah", title="Handicap", grader="asian_handicap", selections=SIDES, line="quarter")
EUROPEAN = Template(code="eh", title="Handicap", grader="european_handicap", selections=THREE, line="whole")
BOTH = Template(code="both", title="Both score", grader="both_to_score", selections=("yes", "no"))
SCORE = Template(code="score", title="Score", grader="correct_score")
HALVES = Template(code="halves", title="Half/full", grader="half_time_full_time")
ODD = Template(code="odd", title="Odd/even", grader="odd_even", selections=("odd", "even"))
WINNER = Template(code="winner", title="Winner", grader="winner", selections=SIDES, score="periods")
goals = st.integers(0, 5)


def score(*periods: tuple[str, int, int], **more: Any) -> dict[str, Any]:
    return {"periods": [{"code": code, "home": home, "away": away} for code, home, away in periods], **more}


def ended(home: int, away: int, half: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    return score(("1h", *half), ("2h", home - half[0], away - half[1]))


def states(template: Template, line: str | None, codes: Any, result: Mapping[str, Any]) -> list[str]:
    exact = None if line is None else Decimal(line)
    return [found.state for found in grade_all(template, exact, codes, result, FOOTBALL).values()]


@pytest.mark.parametrize(
    ("template", "line", "codes", "home_away", "came"),
    [
        (RESULT, None, THREE, (2, 1), "won lost lost"),
        (RESULT, None, THREE, (1, 1), "lost won lost"),
        (CHANCE, None, ("home_or_draw", "home_or_away", "draw_or_away"), (1, 1), "won lost won"),
        (CHANCE, None, ("home_or_draw", "home_or_away", "draw_or_away"), (0, 1), "lost won won"),
        (NO_DRAW, None, SIDES, (1, 1), "push push"),
        (NO_DRAW, None, SIDES, (0, 1), "lost won"),
        (TOTAL, "2.5", ("over", "under"), (2, 1), "won lost"),
        (TOTAL, "3", ("over", "under"), (2, 1), "push push"),
        (TOTAL, "2.75", ("over", "under"), (2, 1), "half_won half_lost"),
        (HANDICAP, "-0.75", SIDES, (2, 1), "half_won half_lost"),
        (HANDICAP, "0", SIDES, (1, 1), "push push"),
        (HANDICAP, "1.25", SIDES, (0, 1), "half_won half_lost"),
        (EUROPEAN, "-1", THREE, (2, 1), "lost won lost"),
        (EUROPEAN, "1", THREE, (1, 1), "won lost lost"),
        (BOTH, None, ("yes", "no"), (2, 1), "won lost"),
        (BOTH, None, ("yes", "no"), (2, 0), "lost won"),
        (SCORE, None, ("2-1", "1-2", "other:2-1,1-2"), (2, 1), "won lost lost"),
        (SCORE, None, ("2-1", "other:2-1,1-2", "0-0,3-3"), (3, 3), "lost won won"),
        (ODD, None, ("odd", "even"), (2, 1), "won lost"),
        (ODD, None, ("odd", "even"), (0, 0), "lost won"),
    ],
)
def test_each_template_grades_its_selections(
    template: Template, line: str | None, codes: Any, home_away: tuple[int, int], came: str
) -> None:
    assert states(template, line, codes, ended(*home_away)) == came.split()


def test_half_time_and_full_time_go_together() -> None:
    result = ended(2, 1, half=(0, 1))
    assert states(HALVES, None, ("away/home", "home/home", "away/draw"), result) == ["won", "lost", "lost"]


def test_a_period_is_graded_by_its_own_score() -> None:
    assert states(RESULT.during("1h"), None, THREE, ended(2, 1, half=(0, 1))) == ["lost", "lost", "won"]


def test_regular_time_is_graded_without_overtime_unless_everything_is_asked() -> None:
    result = score(("1h", 1, 0), ("2h", 0, 1), ("et1", 1, 0), ("pens", 4, 3))
    assert states(RESULT, None, THREE, result) == ["lost", "won", "lost"]
    assert states(RESULT.during("all"), None, THREE, result) == ["won", "lost", "lost"]


def test_corners_are_counted_instead_of_goals() -> None:
    corners = Template(code="corners", title="Corners", grader="total", line="quarter", statistic="corners")
    result = {**ended(0, 0), "statistics": {"corners": {"home": 5, "away": 4}}}
    assert states(corners, "8.5", ("over", "under"), result) == ["won", "lost"]
    with pytest.raises(InvalidInput, match="no corners"):
        states(corners, "8.5", ("over",), ended(0, 0))


def test_a_statistic_of_one_period_is_read_from_that_period() -> None:
    half = {"code": "1h", "home": 0, "away": 0, "statistics": {"corners": {"home": 2, "away": 1}}}
    assert statistic({"periods": [half]}, "corners", "1h") == (2, 1)
    with pytest.raises(InvalidInput, match="no corners in 2h"):
        statistic({"periods": [half]}, "corners", "2h")


def test_a_side_has_its_own_total() -> None:
    own = {side: Template(code=side, title=side, grader=f"{side}_total", line="quarter") for side in SIDES}
    assert states(own["home"], "1.5", ("over",), ended(2, 0)) == ["won"]
    assert states(own["away"], "1.5", ("over",), ended(2, 0)) == ["lost"]


def test_a_line_in_running_counts_from_the_score_of_its_moment() -> None:
    assert states(HANDICAP.after(1, 0), "-0.5", SIDES, ended(1, 0)) == ["lost", "won"]
    with pytest.raises(InvalidInput, match="below the score at the start"):
        states(HANDICAP.after(1, 0), "-0.5", SIDES, ended(0, 0))


@law
@given(goals, goals, st.integers(-8, 8))
def test_handicaps_total_and_result_agree_with_one_another(home: int, away: int, quarters: int) -> None:
    result, line = ended(home, away), str(Decimal(quarters) / 4)
    assert states(NO_DRAW, None, SIDES, result) == states(HANDICAP, "0", SIDES, result)
    assert states(RESULT, None, THREE, result) == states(EUROPEAN, "0", THREE, result)
    opposite = {
        "won": "lost",
        "half_won": "half_lost",
        "push": "push",
        "half_lost": "half_won",
        "lost": "won",
    }
    one, other = states(HANDICAP, line, SIDES, result)
    assert opposite[one] == other


# Cut short


def abandoned(home: int, away: int, **more: Any) -> dict[str, Any]:
    return score(("1h", home, away), ("2h", 0, 0), abandoned_at=60, **more)


@pytest.mark.parametrize(
    ("template", "line", "selection", "state"),
    [
        (RESULT, None, "home", "void"),
        (TOTAL, "2.5", "over", "won"),
        (TOTAL, "2.5", "under", "lost"),
        (TOTAL, "2.75", "over", "void"),
        (TOTAL, "3.5", "over", "void"),
        (BOTH, None, "yes", "won"),
        (RESULT.during("1h"), None, "home", "won"),
        (RESULT.during("2h"), None, "draw", "void"),
        (SCORE, None, "2-1", "void"),
    ],
)
def test_an_abandoned_match_stands_where_nothing_could_change_any_more(
    template: Template, line: str | None, selection: str, state: str
) -> None:
    assert states(template, line, (selection,), abandoned(2, 1)) == [state]


@pytest.mark.parametrize(
    ("policy", "came"), [("void", "void"), ("decided_stands", "won"), ("result_stands", "won")]
)
def test_an_abandoned_match_goes_by_the_written_policy(policy: Any, came: str) -> None:
    found = grade(TOTAL, Decimal("2.5"), "over", abandoned(2, 1), Rules(abandoned=policy))
    assert found.state == came


@pytest.mark.parametrize("field", ["walkover", "cancelled"])
def test_a_match_that_was_not_played_is_void(field: str) -> None:
    assert states(RESULT, None, THREE, {field: "home"}) == ["void"] * 3


ONE_SET = score(("s1", 6, 4), ("s2", 2, 3), retired="home")
NO_SET = score(("s1", 2, 3), retired="home")


@pytest.mark.parametrize(
    ("rules", "result", "came"),
    [
        (TENNIS, ONE_SET, ["lost", "won"]),
        (TENNIS, NO_SET, ["void", "void"]),
        (Rules(retirement="void"), ONE_SET, ["void", "void"]),
        (Rules(retirement="winner_stands"), NO_SET, ["lost", "won"]),
        (Rules(retirement_periods_min=2), ONE_SET, ["void", "void"]),
    ],
)
def test_who_retires_loses_by_the_written_policy(rules: Rules, result: Any, came: list[str]) -> None:
    assert [each.state for each in grade_all(WINNER, None, SIDES, result, rules).values()] == came


def test_after_a_retirement_only_what_was_decided_stands() -> None:
    games = Template(code="games", title="Games", grader="total", line="quarter")
    assert grade(games, Decimal("14.5"), "over", ONE_SET, TENNIS).state == "won"
    assert grade(games, Decimal("20.5"), "over", ONE_SET, TENNIS).state == "void"
    assert grade(RESULT.during("s1"), None, "home", ONE_SET, TENNIS).state == "won"


def test_a_match_by_sets_is_won_by_sets_and_not_by_games() -> None:
    result = score(("s1", 7, 6), ("s2", 0, 6), ("s3", 7, 6))
    assert [each.state for each in grade_all(WINNER, None, SIDES, result, TENNIS).values()] == ["won", "lost"]


# What cannot be graded is refused


@pytest.mark.parametrize(
    ("template", "line", "selection", "result", "cure"),
    [
        (RESULT, None, "home", {}, "record the score by period"),
        (RESULT, None, "home", score(("1h", -1, 0)), "whole number"),
        (RESULT, None, "home", score(("1h", COUNT_MAX + 1, 0)), str(COUNT_MAX)),
        (RESULT.during("q4"), None, "home", ended(1, 0), "none of the periods q4"),
        (RESULT, None, "hom", ended(1, 0), "home"),
        (RESULT, "1.5", "home", ended(1, 0), "has no line"),
        (TOTAL, None, "over", ended(1, 0), "needs a line"),
        (TOTAL, "2.6", "over", ended(1, 0), "multiple of 1/4"),
        (EUROPEAN, "0.5", "home", ended(1, 0), "multiple of 1"),
        (TOTAL, str(LINE_MAX + 1), "over", ended(1, 0), "needs a line"),
        (SCORE, None, "two-one", ended(2, 1), "no score"),
        (WINNER, None, "home", score(("s1", 6, 4), ("s2", 1, 0), retired="x"), "name the side"),
    ],
)
def test_what_cannot_be_graded_says_why(
    template: Template, line: str | None, selection: str, result: Any, cure: str
) -> None:
    with pytest.raises(InvalidInput, match=cure):
        grade(template, None if line is None else Decimal(line), selection, result, PLAIN)


@pytest.mark.parametrize("wrong", [{"line": "third"}, {"score": "sets"}, {"places": 0}])
def test_a_template_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        Template(**{"code": "x", "title": "X", "grader": "total", **wrong})


# Of third parties


def test_a_third_party_brings_a_grader_of_its_own() -> None:
    def clean_sheet(question: Question) -> Outcome:
        conceded = sum(period["away"] for period in question.result["periods"])
        return Outcome(state="lost" if conceded else "won", reason=f"{conceded} conceded")

    template = Template(code="clean", title="Clean sheet", grader="acme.clean_sheet")
    own = {**GRADERS, "acme.clean_sheet": Grader(grade=clean_sheet)}
    assert grade(template, None, "home", ended(1, 0), PLAIN, own) == Outcome(state="won", reason="0 conceded")
    with pytest.raises(InvalidInput, match="needs the grader 'acme.clean_sheet'"):
        grade(template, None, "home", ended(1, 0), PLAIN)


def test_the_dead_heat_policy_of_the_rules_goes_with_the_outcome() -> None:
    found = grade(RESULT, None, "home", ended(1, 0), Rules(dead_heat="odds"))
    assert (found.dead_heat, found.share) == ("odds", Fraction(1))
