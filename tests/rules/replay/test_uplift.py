"""Two proportions compared: against numbers that others publish, and by laws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitboss.rules.replay.projection import project
from pitboss.rules.replay.uplift import Group, cost_per_gained, uplift
from pitboss.rules.runtime.holdout import bucket, is_held_out

ORACLES = Path(__file__).parents[2] / "data" / "oracles_holdout.json"


def oracle(name):
    return next(o for o in json.loads(ORACLES.read_text("utf-8"))["oracles"] if o["id"] == name)


@pytest.mark.parametrize(
    ("treated", "held_out", "z", "p"),
    [
        # Agresti, An Introduction to Categorical Data Analysis: aspirin and heart attacks.
        (Group(11_034, 189), Group(11_037, 104), 5.0014, 5.69e-07),
        # The same as a chi-squared test with one degree of freedom: z squared is 25.01.
        (Group(11_037, 104), Group(11_034, 189), -5.0014, 5.69e-07),
        # Statsmodels: proportions_ztest([5, 12], [83, 99]).
        (Group(83, 5), Group(99, 12), -1.4078, 0.1592),
        (Group(100, 50), Group(100, 50), 0.0, 1.0),
    ],
)
def test_the_test_gives_published_values(treated, held_out, z, p):
    found = uplift(treated, held_out)
    assert found.z == pytest.approx(z, abs=2e-3)
    assert found.p == pytest.approx(p, rel=2e-2)


def test_the_formula_is_that_of_the_oracle():
    assert oracle("holdout.uplift")["formula"] == "two-proportion z test with pooled variance"
    found = uplift(Group(1_000, 120), Group(1_000, 100))
    pooled = 220 / 2_000
    assert found.z == pytest.approx(0.02 / (pooled * (1 - pooled) * 2 / 1_000) ** 0.5)
    assert not found.is_significant


def test_the_buckets_are_those_of_the_oracle():
    case = oracle("holdout.bucket")
    experiment, share = case["inputs"]["experiment"], float(case["inputs"]["holdout_share"])
    for user in case["inputs"]["users"]:
        assert bucket(experiment, user) == case["expected"]["buckets"][user]
        assert is_held_out(experiment, user, share * 100) is case["expected"]["holdout"][user]


def test_the_interval_holds_the_difference_and_gets_narrower_with_more_players():
    some, more = uplift(Group(400, 60), Group(100, 10)), uplift(Group(40_000, 6_000), Group(10_000, 1_000))
    for found in (some, more):
        assert found.low < found.absolute < found.high
        assert found.absolute == pytest.approx(0.05)
        assert found.relative_low < 0.5 < found.relative_high
        assert found.relative == pytest.approx(0.5)
    assert more.high - more.low < (some.high - some.low) / 9
    assert (some.is_significant, more.is_significant) == (False, True)


def test_a_group_without_anybody_is_not_compared():
    assert uplift(Group(0, 0), Group(10, 1)) is None


def test_nobody_converting_is_no_error_and_no_certainty():
    found = uplift(Group(50, 0), Group(50, 0))
    assert (found.absolute, found.relative, found.z, found.p) == (0.0, None, None, None)
    assert not found.is_reliable
    assert found.low < -0.05
    assert found.high > 0.05


@pytest.mark.parametrize(
    ("treated", "held_out", "low", "high"),
    [
        # Newcombe, Interval estimation for the difference between independent proportions (1998), table II.
        (Group(10, 9), Group(10, 3), 0.1705, 0.8090),
        (Group(7, 6), Group(7, 2), 0.0582, 0.8062),
        (Group(56, 5), Group(29, 0), -0.0381, 0.1926),
        (Group(10, 0), Group(20, 0), -0.1611, 0.2775),
        (Group(10, 0), Group(10, 0), -0.2775, 0.2775),
        (Group(10, 10), Group(20, 0), 0.6791, 1.0),
        (Group(10, 10), Group(10, 0), 0.6075, 1.0),
    ],
)
def test_the_interval_of_small_groups_is_the_published_one(treated, held_out, low, high):
    found = uplift(treated, held_out)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_the_cost_is_of_the_players_that_would_not_have_come():
    found = uplift(Group(1_000, 150), Group(1_000, 100))
    assert found.gained == pytest.approx(50)
    assert cost_per_gained(200_000, found) == pytest.approx(4_000)
    assert cost_per_gained(200_000, uplift(Group(1_000, 90), Group(1_000, 100))) is None


def test_a_projection_is_the_same_each_time_and_holds_the_mean():
    days = [100.0, 0.0, 250.0, 80.0, 120.0, 90.0, 400.0]
    first, second = project(days), project(days)
    assert first == second
    assert first.low < first.cost < first.high
    assert first.cost == pytest.approx(30 * sum(days) / 7)


def test_days_that_are_alike_leave_no_doubt():
    found = project([50.0] * 20)
    assert (found.cost, found.low, found.high) == (1_500.0, 1_500.0, 1_500.0)
    assert project([]) is None
    assert project([50.0]) is None
