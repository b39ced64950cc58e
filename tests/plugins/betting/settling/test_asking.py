"""Every shipped template is asked as it was written: what counts, over what, and who any other score is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pitboss.plugins.betting.markets.templates import shipped
from pitboss.plugins.betting.settling.asking import FROM, ask, ask_from
from pitboss.plugins.betting.settling.rules import Rules


def periods(*scores):
    return {"periods": [{"code": code, "home": home, "away": away} for code, home, away in scores]}


SETS = periods(("s1", 6, 4), ("s2", 3, 6), ("s3", 7, 6))
"""Two sets to one, and as many games for both."""
OVERTIME = periods(("q1", 20, 20), ("q2", 20, 20), ("q3", 20, 20), ("q4", 20, 20), ("ot1", 9, 4))
CUP = periods(("1h", 0, 0), ("2h", 1, 1), ("et1", 1, 0), ("et2", 0, 0))
FOOTBALL = Rules(periods={"": ("1h", "2h"), "1h": ("1h",), "2h": ("2h",)})


def winners(code, result, line="", rules=None):
    template = shipped()[code]
    selections = [SimpleNamespace(code=one, status="active") for one, _ in template.selections]
    found = ask(template, selections, result, rules or Rules(), line=line)
    return [one for one, outcome in found.items() if outcome["state"] == "won"]


@pytest.mark.parametrize(
    ("template", "result", "line", "won"),
    [
        ("match_winner", SETS, "", ["home"]),
        ("set_betting_3", SETS, "", ["2-1"]),
        ("total_sets", SETS, "2.5", ["over"]),
        ("total_sets", periods(("s1", 6, 4), ("s2", 6, 4)), "2.5", ["under"]),
        ("sets_handicap", SETS, "-1.5", ["away"]),
        ("total_games", SETS, "31.5", ["over"]),
        ("moneyline", OVERTIME, "", ["home"]),
        ("total_points", OVERTIME, "165.5", ["over"]),
    ],
)
def test_sets_count_where_sets_are_asked_about_and_overtime_where_all_counts(template, result, line, won):
    assert winners(template, result, line) == won


@pytest.mark.parametrize(("result", "won"), [(periods(("1h", 1, 0), ("2h", 4, 0)), "other"), (CUP, "1-1")])
def test_any_other_score_is_one_that_is_not_offered(result, won):
    assert winners("correct_score", result, rules=FOOTBALL) == [won]


def test_a_bet_from_a_score_counts_what_came_after_it_and_is_void_where_it_did_not_stand():
    template = shipped()["asian_handicap"]
    sides = [SimpleNamespace(code=code, status="active") for code in ("home", "away")]

    found = ask_from(template, sides, CUP, FOOTBALL, ["1-0", "2-0"], line="-0.5")["away"]

    assert found["state"] == "won"
    assert {score: one["state"] for score, one in found[FROM].items()} == {"1-0": "won", "2-0": "void"}
