"""Progress is what qualifying events add up to, whatever order they and their rollbacks come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.loyalty.quests import goals as missions
from pitboss.plugins.loyalty.quests.goals import (
    LOCKED,
    Achievement,
    Goal,
    GoalKind,
    Mark,
    Streak,
    Tally,
    add,
    day_of,
    judge,
    missed_by,
    progress,
    streak,
    streak_of,
    take_back,
)
from tests.plugins.loyalty.samples import START, day, law

TODAY = date(2026, 3, 10)
KINDS: tuple[GoalKind, ...] = ("count", "sum", "distinct", "streak")


def goal(kind: GoalKind = "count", target: int = 10, **changes: Any) -> Goal:
    return Goal(kind=kind, target=target, **changes)


def mark(number: float = 0, amount: int = 1, key: str = "k") -> Mark:
    return Mark(at=day(number), amount=amount, key=key)


def tally(aim: Goal, *marks: Mark) -> Tally:
    counted = Tally()
    for one in marks:
        counted = add(aim, counted, one)
    return counted


def days(*back: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in back]


# -- goals -----------------------------------------------------------------------------------------

MARKS = (mark(0, 30, "a"), mark(0.1, 5, "b"), mark(1, 5, "a"), mark(3, 5, "c"))


@pytest.mark.parametrize(
    ("kind", "changes", "done"),
    [
        ("count", {}, 4),
        ("sum", {}, 45),
        ("distinct", {}, 3),
        ("streak", {}, 2),
        ("streak", {"freezes": 1}, 3),
        ("count", {"starts_at": day(0.1), "ends_at": day(3)}, 2),
        ("count", {"target": 2}, 2),
    ],
)
def test_each_kind_counts_what_it_says(kind: GoalKind, changes: Any, done: int) -> None:
    aim = goal(kind, **({"target": 100} | changes))
    assert progress(aim, tally(aim, *MARKS)).done == done


def test_progress_is_said_as_the_player_reads_it() -> None:
    reached = progress(goal(), tally(goal(), *[mark()] * 7))
    assert (reached.sentence("bets"), reached.is_complete) == ("7 of 10 bets", False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rollback_takes_progress_back_but_not_anothers(kind: GoalKind) -> None:
    aim = goal(kind, 100)
    twice = tally(aim, mark(0, 5, "a"), mark(0, 5, "a"))
    once = take_back(aim, twice, mark(0, 5, "a"))
    assert once == tally(aim, mark(0, 5, "a"))
    assert progress(aim, take_back(aim, once, mark(0, 5, "a"))).done == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_rollback_is_refused(kind: GoalKind) -> None:
    with pytest.raises(Conflict, match="rolled back before"):
        take_back(goal(kind), Tally(), mark(amount=5))


def test_what_lies_outside_the_time_of_a_goal_changes_nothing() -> None:
    aim = goal(starts_at=day(1), ends_at=day(2))
    for at in (0.99, 2):
        assert add(aim, Tally(), mark(at)) == take_back(aim, Tally(), mark(at)) == Tally()


def test_a_goal_is_missed_when_its_time_is_over() -> None:
    aim = goal(target=1, ends_at=day(2))
    assert [missed_by(aim, Tally(), at=at) for at in (day(1), day(2))] == [False, True]
    assert not missed_by(aim, tally(aim, mark(1)), at=day(9))
    assert not missed_by(goal(), Tally(), at=day(9))


@pytest.mark.parametrize("changes", [{"target": 0}, {"target": 1.5}, {"freezes": -1}])
def test_a_goal_that_cannot_be_is_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        goal(**changes)


def test_a_tally_remembers_no_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missions, "DISTINCT_MAX", 2)
    aim = goal("distinct")
    full = tally(aim, mark(key="a"), mark(key="b"), mark(key="a"))
    with pytest.raises(InvalidInput, match="one key too many"):
        add(aim, full, mark(key="c"))


@law
@given(
    kind=st.sampled_from(KINDS),
    drawn=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50), st.sampled_from("abc")), max_size=10),
    data=st.data(),
)
def test_order_and_rollbacks_leave_what_would_have_been_without_them(
    kind: GoalKind, drawn: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    aim = goal(kind, 40)
    marks = [mark(*one) for one in drawn]
    gone = data.draw(st.lists(st.sampled_from(range(len(marks))), unique=True)) if marks else []
    counted = tally(aim, *data.draw(st.permutations(marks)))
    for place in gone:
        counted = take_back(aim, counted, marks[place])
    kept = [one for place, one in enumerate(marks) if place not in gone]
    assert counted == tally(aim, *kept)
    assert 0 <= progress(aim, counted).done <= aim.target


# -- streaks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "freezes", "length", "best", "left", "breaks_in"),
    [
        ((), 0, 0, 0, 0, None),
        ((0,), 0, 1, 1, 0, 1),
        ((1,), 0, 1, 1, 0, 0),
        ((2,), 0, 0, 1, 0, None),
        ((2,), 1, 1, 1, 0, 0),
        ((2, 1, 0), 0, 3, 3, 0, 1),
        ((4, 2, 1, 0), 0, 3, 3, 0, 1),
        ((4, 2, 1, 0), 1, 4, 4, 0, 1),
        ((9, 8, 7, 6, 1, 0), 1, 2, 4, 1, 2),
        ((0, -1), 0, 1, 1, 0, 1),
    ],
)
def test_a_streak_lives_while_no_day_but_a_frozen_one_is_missed(
    back: tuple[int, ...], freezes: int, length: int, best: int, left: int, breaks_in: int | None
) -> None:
    found = streak(days(*back), today=TODAY, freezes=freezes)
    assert (found.length, found.best, found.freezes_left) == (length, best, left)
    assert found.breaks_on == (None if breaks_in is None else TODAY + timedelta(days=breaks_in))
    assert found.is_today_done is (0 in back)


def test_a_day_begins_at_midnight_of_the_goals_zone() -> None:
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert (day_of(late, "UTC"), day_of(late, "Europe/Berlin")) == (date(2026, 3, 10), date(2026, 3, 11))


@pytest.mark.parametrize("at", [time(0, 5), time(23, 55)])
@pytest.mark.parametrize("first", [date(2026, 3, 28), date(2026, 10, 24)])
def test_days_follow_each_other_when_the_clocks_change(first: date, at: time) -> None:
    """29 March 2026 has 23 hours in Berlin, and 25 October 25."""
    aim = goal("streak", zone="Europe/Berlin")
    played = [first + timedelta(days=number) for number in range(3)]
    marks = [Mark(at=datetime.combine(on, at, ZoneInfo(aim.zone)).astimezone(UTC)) for on in played]
    assert streak_of(aim, tally(aim, *marks), at=marks[-1].at).length == 3


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="aware"):
        day_of(datetime(2026, 3, 10), "UTC")  # noqa: DTZ001 - what is refused


def test_a_goal_without_days_has_no_streak() -> None:
    with pytest.raises(InvalidInput, match="'count'"):
        streak_of(goal(), Tally(), at=START)


def slow_streak(played: set[date], freezes: int) -> tuple[int, int]:
    """Walk day by day, as a calendar would: return the length today, and the best."""
    length = best = left = 0
    for back in range(40, -1, -1):
        now = TODAY - timedelta(days=back)
        if now in played:
            left = left if length else freezes
            length += 1
            best = max(best, length)
        elif length and now != TODAY:
            left, length = (left - 1, length) if left else (0, 0)
    return length, best


@law
@given(back=st.sets(st.integers(0, 40)), freezes=st.integers(0, 3))
def test_a_streak_agrees_with_a_walk_through_the_calendar(back: set[int], freezes: int) -> None:
    found = streak(days(*back), today=TODAY, freezes=freezes)
    assert (found.length, found.best) == slow_streak(set(days(*back)), freezes)
    assert 0 <= found.freezes_left <= freezes


@law
@given(back=st.sets(st.integers(0, 30)), freezes=st.integers(0, 3))
def test_a_streak_ends_with_the_day_that_it_names(back: set[int], freezes: int) -> None:
    found = streak(days(*back), today=TODAY, freezes=freezes)
    if found.breaks_on is not None:
        on_the_day = streak(days(*back), today=found.breaks_on, freezes=freezes)
        after = streak(days(*back), today=found.breaks_on + timedelta(days=1), freezes=freezes)
        assert on_the_day.length == found.length
        assert after == Streak(length=0, best=found.best, freezes_left=freezes, is_today_done=False)


# -- achievements ----------------------------------------------------------------------------------


def test_an_achievement_is_unlocked_once() -> None:
    badge = Achievement(code="ten", goal=goal(target=1))
    reached = tally(badge.goal, mark())
    first = judge(badge, reached, at=day(1))
    assert (first.unlocked_at, first.times) == (day(1), 1)
    assert judge(badge, add(badge.goal, reached, mark()), first, at=day(2)) is first
    assert judge(badge, Tally(), at=day(1)) is LOCKED


def test_a_rollback_revokes_it_and_reaching_it_again_has_another_number() -> None:
    badge = Achievement(code="ten", goal=goal(target=1))
    reached = tally(badge.goal, mark())
    revoked = judge(badge, Tally(), judge(badge, reached, at=day(1)), at=day(2))
    again = judge(badge, reached, revoked, at=day(3))
    assert (revoked.unlocked_at, revoked.times) == (None, 1)
    assert (again.unlocked_at, again.times) == (day(3), 2)


def test_what_is_not_revocable_stays() -> None:
    badge = Achievement(code="ten", goal=goal(target=1), is_revocable=False)
    first = judge(badge, tally(badge.goal, mark()), at=day(1))
    assert judge(badge, Tally(), first, at=day(2)) is first
