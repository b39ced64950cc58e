"""Tiers rise at once and fall only when term and grace are over, at the very instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput, NotFound
from pitboss.plugins.loyalty.tiers.law import (
    WARNING,
    Change,
    Course,
    Ladder,
    Movement,
    Standing,
    Tier,
    advance,
    downgrade_due,
    is_to_be_warned,
    join,
    progress,
    tier_of,
    warns_at,
)
from tests.plugins.loyalty.samples import ORACLES, START, day, law

ORACLE = ORACLES["tier.balance_and_window"]
TIERS = tuple(Tier(code=name.upper(), title=name, entry=entry) for name, entry in ORACLE["inputs"]["tiers"])
WINDOW = timedelta(days=ORACLE["inputs"]["window_days"])
YEAR = timedelta(days=365)
SECOND = timedelta(seconds=1)


def ladder(**changes: Any) -> Ladder:
    return Ladder(**({"tiers": TIERS} | changes))


def windowed(**changes: Any) -> Ladder:
    return ladder(mode="window", window=WINDOW, **changes)


def moves(*drawn: tuple[float, int]) -> list[Movement]:
    return [Movement(day(at), points) for at, points in drawn]


def tiers_of(changes: list[Change]) -> list[str]:
    return [change.after for change in changes]


def follow(rungs: Ladder, *drawn: tuple[float, int], until: float) -> tuple[Standing, list[Change]]:
    return advance(rungs, join(rungs, at=day(-1)), moves(*drawn), until=day(until))


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# -- the oracle ------------------------------------------------------------------------------------


def test_the_oracle_of_the_balance_is_hit() -> None:
    rungs = ladder()
    movements = [Movement(instant(at), points) for at, points in ORACLE["inputs"]["balance_events"]]
    standing = join(rungs, at=instant("2023-01-01"))
    for at, _, balance, title in ORACLE["expected"]["balance_mode"]:
        standing, _ = advance(rungs, standing, movements, until=instant(at))
        assert (Course(rungs, movements).score(instant(at)), standing.tier) == (balance, title.upper())


def test_the_oracle_of_the_window_is_hit() -> None:
    rungs = windowed()
    movements = [Movement(instant(at), points) for at, points in ORACLE["inputs"]["earned_events"]]
    standing = join(rungs, at=instant("2025-12-31"))
    for at, score, title in ORACLE["expected"]["window_mode"]:
        standing, _ = advance(rungs, standing, movements, until=instant(at))
        assert (Course(rungs, movements).score(instant(at)), standing.tier) == (score, title.upper())
        assert tier_of(rungs, score).title == title


# -- up and down -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "missed", [{}, {"term": YEAR}, {"grace": timedelta(days=9)}, {"has_soft_landing": True, "term": YEAR}]
)
def test_an_upgrade_is_immediate_and_may_skip_tiers(missed: Any) -> None:
    standing, changes = follow(ladder(**missed), (0, 99), (1, 901), until=1)
    assert (standing.tier, tiers_of(changes), changes[0].at) == ("PLATINUM", ["PLATINUM"], day(1))


def test_without_term_or_grace_a_fall_is_immediate_and_deep() -> None:
    _, changes = follow(ladder(), (0, 1000), (1, -950), until=1)
    assert [(change.at, change.after) for change in changes] == [(day(0), "PLATINUM"), (day(1), "BASIC")]


def test_a_tier_is_kept_down_to_its_retention() -> None:
    rungs = ladder(tiers=(TIERS[0], Tier(code="GOLD", title="Gold", entry=500, retention=400)))
    _, changes = follow(rungs, (0, 400), (1, 100), (2, -100), (3, -1), until=9)
    assert [(change.at, change.after) for change in changes] == [(day(1), "GOLD"), (day(3), "BASIC")]


def test_a_fall_lands_on_the_highest_tier_that_the_score_keeps() -> None:
    silver = Tier(code="SILVER", title="Silver", entry=100, retention=80)
    rungs = ladder(tiers=(TIERS[0], silver, TIERS[2]))
    assert tiers_of(follow(rungs, (0, 500), (1, -410), until=1)[1]) == ["GOLD", "SILVER"]


def test_grace_runs_from_the_instant_at_which_the_score_fell() -> None:
    rungs = windowed(grace=timedelta(days=7))
    before, _ = follow(rungs, (0, 500), until=97 - 0.001)
    after, changes = follow(rungs, (0, 500), until=97)
    assert (before.tier, before.short_since) == ("GOLD", day(90))
    assert (after.tier, changes[-1].at) == ("BASIC", day(97))


def test_points_earned_within_grace_keep_the_tier() -> None:
    standing, changes = follow(windowed(grace=timedelta(days=7)), (0, 500), (96, 500), until=180)
    assert (standing.tier, standing.short_since, tiers_of(changes)) == ("GOLD", None, ["GOLD"])


def test_a_tier_is_safe_until_its_term_ends() -> None:
    rungs = ladder(term=YEAR, grace=timedelta(days=30))
    _, changes = follow(rungs, (0, 500), (1, -500), until=800)
    assert [(change.at, change.after) for change in changes] == [(day(0), "GOLD"), (day(395), "BASIC")]


def test_a_tier_that_is_kept_at_the_end_of_its_term_gets_another() -> None:
    rungs = ladder(term=YEAR)
    standing, changes = follow(rungs, (0, 500), (366, -500), until=729)
    assert (standing.tier, standing.term_ends_at) == ("GOLD", day(730))
    assert follow(rungs, (0, 500), (366, -500), until=730)[1][-1].at == day(730)
    assert tiers_of(changes) == ["GOLD"]


def test_a_soft_landing_falls_one_tier_a_term() -> None:
    rungs = ladder(term=YEAR, has_soft_landing=True)
    _, changes = follow(rungs, (0, 1000), (1, -1000), until=5000)
    assert [(change.at, change.after) for change in changes] == [
        (day(0), "PLATINUM"),
        (day(365), "GOLD"),
        (day(730), "SILVER"),
        (day(1095), "BASIC"),
    ]


def test_without_a_term_a_soft_landing_falls_one_tier_a_grace() -> None:
    rungs = windowed(grace=timedelta(days=10), has_soft_landing=True)
    _, changes = follow(rungs, (0, 1000), until=5000)
    assert [change.at for change in changes] == [day(0), day(100), day(110), day(120)]


def test_a_late_run_dates_each_change_as_it_was_due() -> None:
    late = follow(windowed(), (0, 500), (200, 100), until=400)[1]
    assert [(change.at, change.after) for change in late] == [
        (day(0), "GOLD"),
        (day(90), "BASIC"),
        (day(200), "SILVER"),
        (day(290), "BASIC"),
    ]


def test_points_that_arrive_late_count_from_the_next_run_on() -> None:
    rungs = windowed()
    standing, _ = follow(rungs, (0, 100), until=10)
    after, changes = advance(rungs, standing, moves((0, 100), (5, 400)), until=day(11))
    assert (after.tier, changes[0].at) == ("GOLD", day(10))


# -- what is ahead ---------------------------------------------------------------------------------


def test_progress_says_what_is_missing() -> None:
    ahead = progress(ladder(), "SILVER", 260)
    assert (ahead.missing, ahead.sentence()) == (240, "240 points to Gold")
    assert progress(ladder(), "SILVER", 499).sentence() == "1 point to Gold"
    assert progress(ladder(), "PLATINUM", 5000).sentence() == ""
    assert progress(ladder(), "SILVER", 700).missing == 0


def test_a_downgrade_is_foreseen_to_the_second_and_warned_of_14_days_before() -> None:
    """Journey 8: down at the boundary second and grace, told 14 days before."""
    rungs = windowed(grace=timedelta(days=7))
    movements = moves((0, 100))
    standing, _ = follow(rungs, (0, 100), until=30)
    due = downgrade_due(rungs, standing, movements)
    assert due is not None
    assert (due.at, due.before, due.after) == (day(97), "SILVER", "BASIC")
    assert warns_at(due) == day(83)
    asked = [is_to_be_warned(due, at=at) for at in (day(83) - SECOND, day(83), day(97) - SECOND, day(97))]
    assert asked == [False, True, True, False]


@pytest.mark.parametrize(
    ("rungs", "drawn", "at"),
    [
        (ladder(), [(0, 500)], None),
        (windowed(), [(0, 50)], None),
        (ladder(term=YEAR), [(0, 500), (1, -1)], 365),
        (ladder(), [(0, 500), (50, -500)], 50),
        (windowed(term=YEAR), [(0, 500)], 365),
        (windowed(term=YEAR, grace=timedelta(days=5)), [(0, 500), (300, 500)], 735),
    ],
)
def test_the_next_downgrade_is_foreseen(
    rungs: Ladder, drawn: list[tuple[float, int]], at: int | None
) -> None:
    due = downgrade_due(rungs, join(rungs, at=day(-1)), moves(*drawn))
    assert (due and due.at) == (None if at is None else day(at))


def test_an_upgrade_is_nothing_to_warn_of() -> None:
    upgrade = Change(at=day(1), before="BASIC", after="GOLD", score=500, is_upgrade=True)
    assert not is_to_be_warned(upgrade, at=day(1) - SECOND)
    assert not is_to_be_warned(None, at=START)


# -- ladders that cannot be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers": ()},
        {"tiers": TIERS * 2},
        {"tiers": TIERS[::-1]},
        {"tiers": (TIERS[0], Tier(code="A", title="A", entry=5, retention=6))},
        {"tiers": (TIERS[2], Tier(code="A", title="A", entry=600, retention=400))},
        {"tiers": tuple(Tier(code=str(n), title="", entry=n) for n in range(51))},
        {"mode": "window"},
        {"window": WINDOW},
        {"term": timedelta(hours=23)},
        {"grace": timedelta(seconds=-1)},
        {"has_soft_landing": True},
    ],
)
def test_a_ladder_that_cannot_work_is_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        ladder(**changes)


def test_a_tier_that_was_removed_is_named() -> None:
    with pytest.raises(NotFound, match="did you mean 'GOLD'"):
        ladder().place("GOLDD")


# -- any history -----------------------------------------------------------------------------------

LADDERS = st.builds(
    lambda is_windowed, term, grace, is_soft: (windowed if is_windowed else ladder)(
        term=timedelta(days=term) if term else None,
        grace=timedelta(days=grace),
        has_soft_landing=is_soft and bool(term or grace),
    ),
    st.booleans(),
    st.sampled_from([None, 1, 30, 365]),
    st.integers(0, 20),
    st.booleans(),
)
HISTORIES = st.lists(st.tuples(st.integers(0, 300), st.integers(-600, 900)), max_size=12)
STOPS = st.lists(st.integers(0, 700), max_size=6)


@law
@given(rungs=LADDERS, history=HISTORIES)
def test_a_soft_landing_never_falls_more_than_one_tier_at_once(
    rungs: Ladder, history: list[tuple[int, int]]
) -> None:
    _, changes = follow(rungs, *history, until=700)
    falls = [change for change in changes if not change.is_upgrade]
    if rungs.has_soft_landing:
        assert all(rungs.place(fall.before) - rungs.place(fall.after) == 1 for fall in falls)
        assert len({fall.at for fall in falls}) == len(falls)


@law
@given(rungs=LADDERS, history=HISTORIES, stops=STOPS)
def test_it_does_not_matter_how_often_it_runs(
    rungs: Ladder, history: list[tuple[int, int]], stops: list[int]
) -> None:
    standing, changes = join(rungs, at=day(-1)), list[Change]()
    for stop in [*sorted(stops), 700]:
        standing, more = advance(rungs, standing, moves(*history), until=day(stop))
        changes += more
    assert (standing, changes) == follow(rungs, *history, until=700)


@law
@given(rungs=LADDERS, history=HISTORIES)
def test_every_fall_was_due_and_no_tier_that_is_reached_is_withheld(
    rungs: Ladder, history: list[tuple[int, int]]
) -> None:
    standing, changes = follow(rungs, *history, until=700)
    course = Course(rungs, moves(*history))
    for change in changes:
        here = rungs.tiers[rungs.place(change.before)]
        assert change.score == course.score(change.at)
        assert change.is_upgrade == (
            change.score >= rungs.tiers[rungs.place(change.after)].entry > here.entry
        )
        assert change.is_upgrade or change.score < here.keeps
    assert rungs.place(standing.tier) >= rungs.place(tier_of(rungs, course.score(day(700))).code)


@law
@given(rungs=LADDERS, history=HISTORIES, stop=st.integers(0, 300))
def test_what_is_foreseen_happens(rungs: Ladder, history: list[tuple[int, int]], stop: int) -> None:
    movements = moves(*history)
    standing, _ = advance(rungs, join(rungs, at=day(-1)), movements, until=day(stop))
    due = downgrade_due(rungs, standing, movements)
    _, changes = advance(rungs, standing, movements, until=day(3000))
    assert due == next((change for change in changes if not change.is_upgrade), None)


@law
@given(history=HISTORIES, at=st.integers(0, 400))
def test_the_score_of_a_window_is_the_sum_of_what_is_in_it(history: list[tuple[int, int]], at: int) -> None:
    inside = [points for when, points in history if at - WINDOW.days < when <= at]
    assert Course(windowed(), moves(*history)).score(day(at)) == sum(inside)


def test_the_notice_is_two_weeks() -> None:
    assert timedelta(days=14) == WARNING
