"""A result is read in one shape, and refused where it cannot be true."""

from __future__ import annotations

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.catalogue.sports import shipped
from pitboss.plugins.sports.results import scores
from pitboss.plugins.sports.results.outcome import end_of, read
from tests.plugins.sports.samples import football


def sport(code):
    return {"code": code, **shipped()[code]}


def periods(*scored):
    return {"periods": [{"code": code, "home": home, "away": away} for code, home, away in scored]}


FIELD = [{"id": name, "name": name, "status": "active"} for name in "ABCD"]
ORDER = [{"participant": "A", "position": 1}, {"participant": "B", "position": 2}]


def test_a_score_counts_by_parts_of_the_match():
    cup = read(
        periods(("1h", 1, 0), ("2h", 0, 1), ("et1", 1, 0), ("et2", 0, 1), ("pens", 3, 4)),
        sport("football"),
        [],
    )

    assert scores.summary(cup, sport("football")) == {
        "home": 2,
        "away": 2,
        "regular": {"home": 1, "away": 1},
        "shootout": {"home": 3, "away": 4},
        "winner": "away",
    }


@pytest.mark.parametrize(
    ("code", "told", "winner"),
    [
        ("football", football(2, 1), "home"),
        ("football", football(1, 1), "draw"),
        ("football", periods(("regular", 2, 1)), "home"),
        ("football", periods(("regular", 1, 1), ("et1", 0, 0), ("et2", 0, 1)), "away"),
        ("football", {"walkover": "away"}, "away"),
        ("football", {**football(3, 0), "winner": "away"}, "away"),
        ("tennis", periods(("s1", 6, 4), ("s2", 3, 6), ("s3", 7, 6)), "home"),
        ("tennis", {**periods(("s1", 6, 4)), "retired": "home"}, "away"),
        (
            "basketball",
            periods(("q1", 20, 20), ("q2", 20, 20), ("q3", 9, 9), ("q4", 9, 9), ("ot1", 5, 4)),
            "home",
        ),
        ("ice-hockey", periods(("p1", 1, 0), ("p2", 0, 1), ("p3", 0, 0), ("ot", 0, 0), ("so", 0, 1)), "away"),
        ("cricket", periods(("i1", 250, 249)), "home"),
        ("esports", periods(("m1", 16, 9), ("m2", 13, 16), ("m3", 16, 3)), "home"),
    ],
)
def test_the_winner_is_whom_the_sport_says(code, told, winner):
    assert scores.winner(read(told, sport(code), []), sport(code)) == winner


@pytest.mark.parametrize(
    ("code", "told", "message"),
    [
        ("football", [], "Must be an object"),
        ("football", periods(("1h", 1, 0)), r"Second half \(2h\) is missing"),
        ("football", periods(("regular", 1, 0), ("1h", 1, 0)), "in place of 1h, 2h"),
        ("football", {**periods(("regular", 1, 0)), "abandoned_at": 60}, "of 1h, 2h"),
        ("tennis", periods(("regular", 6, 4)), "no period 'regular'"),
        ("football", periods(("1h", 1, 0), ("2h", 1, 0), ("2h", 1, 0)), "stands here twice"),
        ("football", periods(("2h", 1, 0), ("1h", 0, 0)), "Not in the order of play: 1h, 2h"),
        ("football", periods(("h1", 1, 0), ("2h", 0, 0)), "no period 'h1'"),
        ("football", periods(("1h", -1, 0), ("2h", 0, 0)), "greater than or equal"),
        ("football", periods(("1h", 1.5, 0), ("2h", 0, 0)), "Not a valid integer"),
        ("football", periods(("1h", True, 0), ("2h", 0, 0)), "Not a valid integer"),
        ("football", periods(("1h", 0, 0), ("2h", 0, 0), ("pens", 3, 3)), "shoot-out does not end level"),
        ("football", football(1, 0, statistics={"corner": {"home": 1, "away": 2}}), "did you mean 'corners'"),
        (
            "football",
            football(1, 0, scorers=[{"side": "away", "name": "X"}]),
            "1 scorers of the away side, but 0",
        ),
        ("football", football(1, 0, retired="home", walkover="away"), "Cannot be said together"),
        ("football", football(1, 0, goals=3), "Unknown field"),
        ("tennis", periods(("s1", 6, 4), ("s2", 4, 6)), "Tennis does not end level"),
        ("horse-racing", {"positions": ORDER}, "C is missing"),
        ("horse-racing", {"positions": ORDER, "unplaced": ["A", "C", "D"]}, "A stands here twice"),
        ("horse-racing", {"positions": ORDER, "unplaced": ["C", "D", "E"]}, "E takes no part"),
        ("horse-racing", {"unplaced": list("ABCD")}, "Nobody came in"),
        (
            "horse-racing",
            {"positions": [*ORDER, {"participant": "C", "position": 2}, {"participant": "D", "position": 3}]},
            "Position 4 is missing",
        ),
    ],
)
def test_what_cannot_be_true_is_refused_with_its_cure(code, told, message):
    with pytest.raises(InvalidInput, match=message):
        read(told, sport(code), FIELD)


def test_a_dead_heat_leaves_the_next_positions_free():
    heat = [("A", 1), ("B", 1), ("C", 3)]
    told = {
        "positions": [{"participant": who, "position": position} for who, position in heat],
        "did_not_finish": ["D"],
    }

    summary = scores.summary(read(told, sport("horse-racing"), FIELD), sport("horse-racing"))

    assert summary == {"winners": ["A", "B"], "is_dead_heat": True}


def test_a_withdrawn_runner_cannot_have_come_in():
    field = [*FIELD[:3], {**FIELD[3], "status": "withdrawn"}]
    told = {"positions": [*ORDER, {"participant": "D", "position": 3}], "unplaced": ["C"]}

    with pytest.raises(InvalidInput, match="D is withdrawn"):
        read(told, sport("horse-racing"), field)
    assert read({"positions": ORDER, "unplaced": ["C"]}, sport("horse-racing"), field)


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (football(1, 0), "finished"),
        ({"walkover": "home"}, "walkover"),
        ({**periods(("1h", 1, 0)), "abandoned_at": 60}, "abandoned"),
    ],
)
def test_a_result_says_in_which_state_it_leaves_the_fixture(told, end):
    assert end_of(read(told, sport("football"), [])) == end


def test_what_is_read_reads_the_same_again():
    scorers = [{"side": "home", "name": "Saka", "minute": 9}]
    told = football(2, 1, (1, 0), scorers=scorers, statistics={"corners": {"home": 5, "away": 3}})

    once = read(told, sport("football"), [])

    assert read(once, sport("football"), []) == once
