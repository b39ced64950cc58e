"""How far a player is on the way to a goal, and what is unlocked when it is reached.

Progress is a tally, to which each qualifying event is added and from which a rolled-back one is taken:
the order does not matter, so late events and rollbacks give what would have been without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor

GoalKind = Literal["count", "sum", "distinct", "streak"]
DISTINCT_MAX = 10_000
"""The most different keys, or days, that one tally remembers."""
_DAY = timedelta(days=1)


# -- goals -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What must be reached: so many events, so much in sum, so many different keys, so many days in a row."""

    kind: GoalKind
    target: int
    zone: str = "UTC"
    """Where a day of a streak begins."""
    freezes: int = 0
    """How many missed days a streak survives."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if minor(self.target, marked("the target")) == 0:
            raise InvalidInput("the target is 0: a goal that is reached before it begins is none")
        minor(self.freezes, marked("the freezes"))

    def allows(self, at: datetime) -> bool:
        """Tell whether an instant is inside the goal's time."""
        is_early = self.starts_at is not None and at < self.starts_at
        return not is_early and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One qualifying event: add it once, and take back the same."""

    at: datetime
    amount: int = 0
    """For goals that sum."""
    key: str = ""
    """For goals that count what is distinct, such as the game."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was added so far."""

    total: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)
    """How often each key or day came, so that one rollback does not take another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far it is; `done` never shows more than the target."""

    done: int
    target: int

    @property
    def is_complete(self) -> bool:
        """Tell whether the goal is reached."""
        return self.done >= self.target

    def sentence(self, unit: str = "") -> str:
        """Say it as the player reads it: `7 of 10 bets`."""
        return f"{self.done} of {self.target} {unit}".rstrip()


def add(goal: Goal, tally: Tally, mark: Mark) -> Tally:
    """Count an event; one outside the goal's time changes nothing."""
    return _moved(goal, tally, mark, sign=1) if goal.allows(mark.at) else tally


def take_back(goal: Goal, tally: Tally, mark: Mark) -> Tally:
    """Uncount an event that was rolled back."""
    return _moved(goal, tally, mark, sign=-1) if goal.allows(mark.at) else tally


def progress(goal: Goal, tally: Tally) -> Progress:
    """Return how far the goal is; a streak counts at its longest, so a break later takes nothing."""
    if goal.kind in ("count", "sum"):
        done = tally.total
    elif goal.kind == "distinct":
        done = len(tally.seen)
    else:
        done = max((run.length for run in _runs(_days(tally), goal.freezes)), default=0)
    return Progress(done=min(done, goal.target), target=goal.target)


def missed_by(goal: Goal, tally: Tally, *, at: datetime) -> bool:
    """Tell whether the goal's time is over without its being reached."""
    is_over = goal.ends_at is not None and at >= goal.ends_at
    return is_over and not progress(goal, tally).is_complete


# -- streaks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Days in a row, as they stand today; frozen days keep a streak alive and add nothing to it."""

    length: int
    best: int
    freezes_left: int
    is_today_done: bool
    breaks_on: date | None = None
    """The day with whose end it is lost, unless the player comes back; None when there is none."""


@dataclass(frozen=True, slots=True)
class _Run:
    last: date
    length: int
    freezes_used: int


def day_of(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in a time zone."""
    if at.tzinfo is None:
        raise InvalidInput(f"{at} has no time zone: give an aware instant")
    return at.astimezone(ZoneInfo(zone)).date()


def streak(days: Iterable[date], *, today: date, freezes: int = 0) -> Streak:
    """Return the streak of today; each run of days may be frozen on so many days.

    >>> streak([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)], today=date(2026, 1, 5), freezes=1)
    ... # doctest: +NORMALIZE_WHITESPACE
    Streak(length=3, best=3, freezes_left=0, is_today_done=False, breaks_on=datetime.date(2026, 1, 5))
    """
    runs = list(_runs(sorted({day for day in days if day <= today}), freezes))
    best = max((run.length for run in runs), default=0)
    if not runs:
        return Streak(length=0, best=0, freezes_left=freezes, is_today_done=False)
    last = runs[-1]
    left = freezes - last.freezes_used
    breaks_on = last.last + (left + 1) * _DAY
    if breaks_on < today:
        return Streak(length=0, best=best, freezes_left=freezes, is_today_done=False)
    missed = max(0, (today - last.last).days - 1)
    return Streak(
        length=last.length,
        best=best,
        freezes_left=left - missed,
        is_today_done=last.last == today,
        breaks_on=breaks_on,
    )


def streak_of(goal: Goal, tally: Tally, *, at: datetime) -> Streak:
    """Return the streak that a tally of days shows at an instant."""
    if goal.kind != "streak":
        raise InvalidInput(f"a goal of kind {goal.kind!r} has no days: ask a goal of kind 'streak'")
    return streak(_days(tally), today=day_of(at, goal.zone), freezes=goal.freezes)


# -- achievements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """Something to unlock: once, and never again while it is held."""

    code: str
    goal: Goal
    is_revocable: bool = True
    """Whether a rollback that takes the progress back takes the achievement back too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Whether it is held, and how often it was unlocked: the number belongs in the reward's key."""

    unlocked_at: datetime | None = None
    times: int = 0


LOCKED = Unlock()


def judge(achievement: Achievement, tally: Tally, unlock: Unlock = LOCKED, *, at: datetime) -> Unlock:
    """Unlock what is reached, revoke what no longer is, and else return the same."""
    is_reached = progress(achievement.goal, tally).is_complete
    if is_reached and unlock.unlocked_at is None:
        return Unlock(unlocked_at=at, times=unlock.times + 1)
    if not is_reached and unlock.unlocked_at is not None and achievement.is_revocable:
        return replace(unlock, unlocked_at=None)
    return unlock


# -- helpers ---------------------------------------------------------------------------------------


def _moved(goal: Goal, tally: Tally, mark: Mark, *, sign: int) -> Tally:
    if goal.kind in ("count", "sum"):
        step = 1 if goal.kind == "count" else minor(mark.amount, marked("the amount of a mark"))
        if tally.total + sign * step < 0:
            raise Conflict(f"{step} cannot be taken from {tally.total}: it was rolled back before")
        return replace(tally, total=tally.total + sign * step)
    key = mark.key if goal.kind == "distinct" else day_of(mark.at, goal.zone).isoformat()
    times = tally.seen.get(key, 0) + sign
    if times < 0:
        raise Conflict(f"{key!r} cannot be taken back: it was rolled back before")
    if key not in tally.seen and len(tally.seen) >= DISTINCT_MAX:
        raise InvalidInput(f"{key!r} is one key too many: a tally remembers {DISTINCT_MAX}")
    seen = {**tally.seen, key: times}
    return replace(tally, seen={name: often for name, often in seen.items() if often})


def _days(tally: Tally) -> list[date]:
    return sorted(date.fromisoformat(day) for day in tally.seen)


def _runs(days: Iterable[date], freezes: int) -> list[_Run]:
    """Return the runs of sorted days; a gap that the freezes of its run cover does not end it."""
    runs: list[_Run] = []
    for day in days:
        last = runs[-1] if runs else None
        missed = (day - last.last).days - 1 if last else 0
        if last and last.freezes_used + missed <= freezes:
            runs[-1] = _Run(day, last.length + 1, last.freezes_used + missed)
        else:
            runs.append(_Run(day, 1, 0))
    return runs
