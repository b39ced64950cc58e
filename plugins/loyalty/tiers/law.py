"""Which tier a player is in: up at once, down only when term and grace are over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Literal

from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.texts import marked, ngettext
from pitboss.plugins.loyalty.amounts import minor

Mode = Literal["balance", "window"]

TIERS_MAX = 50
TERM_DAYS_MIN = 1
WARNING = timedelta(days=14)
"""How long before a downgrade the player is told."""
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One rung, as the tenant defines it."""

    code: str
    title: str
    entry: int
    retention: int | None = None
    """What keeps the tier; None asks for `entry` again."""
    benefits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keeps(self) -> int:
        """Return the score from which the tier is kept."""
        return self.entry if self.retention is None else self.retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """All tiers from the lowest on, and how players move between them."""

    tiers: tuple[Tier, ...]
    mode: Mode = "balance"
    """Score by what the player has, or by what was earned in a rolling window."""
    window: timedelta | None = None
    term: timedelta | None = None
    """How long a tier is safe once it is reached, and again once it is kept."""
    grace: timedelta = _NOTHING
    has_soft_landing: bool = False
    """A downgrade is one tier at most, and the next one waits for another term or grace."""

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)
        if (self.window is None) == (self.mode == "window"):
            raise InvalidInput(f"mode {self.mode!r}, window {self.window}: give a window to 'window' alone")
        for length in (self.window, self.term):
            if length is not None and length < timedelta(days=TERM_DAYS_MIN):
                raise InvalidInput(f"{length} is too short: give at least {TERM_DAYS_MIN} day")
        if self.grace < _NOTHING:
            raise InvalidInput(f"the grace is {self.grace}: give 0 or more")
        if self.has_soft_landing and self.term is None and not self.grace:
            raise InvalidInput("a soft landing needs a term or a grace: else the next fall follows at once")

    def place(self, code: str) -> int:
        """Return how many tiers are below."""
        codes = [tier.code for tier in self.tiers]
        if code not in codes:
            raise NotFound(f"unknown tier {code!r}: {nearest(code, codes)}")
        return codes.index(code)


@dataclass(frozen=True, slots=True)
class Movement:
    """Points at an instant: any change of the balance, or in mode window what was earned."""

    at: datetime
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a player stands, as of an instant."""

    tier: str
    since: datetime
    at: datetime
    """Up to when it was judged."""
    term_ends_at: datetime | None = None
    short_since: datetime | None = None
    """When the score, or the term, no longer kept the tier: the grace runs from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A move from one tier to another."""

    at: datetime
    before: str
    after: str
    score: int
    is_upgrade: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the next tier is; at the top there is none."""

    score: int
    next: Tier | None
    missing: int

    def sentence(self) -> str:
        """Say it as the player reads it: `240 points to Gold`."""
        if self.next is None:
            return ""
        values = {"count": self.missing, "tier": self.next.title}
        return ngettext("%(count)s point to %(tier)s", "%(count)s points to %(tier)s", self.missing, **values)


# -- scores ----------------------------------------------------------------------------------------


class Course:
    """The score at every instant, from movements: it changes when points come, go, or leave the window."""

    def __init__(self, ladder: Ladder, movements: Iterable[Movement]) -> None:
        steps: dict[datetime, int] = {}
        for move in movements:
            steps[move.at] = steps.get(move.at, 0) + move.points
            if ladder.window is not None:
                leaves_at = move.at + ladder.window
                steps[leaves_at] = steps.get(leaves_at, 0) - move.points
        self.instants = sorted(steps)
        self._scores = [0, *accumulate(steps[at] for at in self.instants)]

    def score(self, at: datetime) -> int:
        """Return the score at an instant: in mode window what was earned in `(at - window, at]`."""
        return self._scores[bisect_right(self.instants, at)]

    def next_change(self, at: datetime) -> datetime | None:
        """Return the first instant after `at` at which the score changes."""
        place = bisect_right(self.instants, at)
        return self.instants[place] if place < len(self.instants) else None


def tier_of(ladder: Ladder, score: int) -> Tier:
    """Return the tier that a score enters; below every entry it is the lowest."""
    return ladder.tiers[_entered(ladder, score)]


def progress(ladder: Ladder, tier: str, score: int) -> Progress:
    """Return how much is missing to the next tier."""
    above = ladder.tiers[ladder.place(tier) + 1 :]
    if not above:
        return Progress(score=score, next=None, missing=0)
    return Progress(score=score, next=above[0], missing=max(0, above[0].entry - score))


# -- moving ----------------------------------------------------------------------------------------


def join(ladder: Ladder, *, at: datetime) -> Standing:
    """Begin in the lowest tier."""
    term_ends_at = at + ladder.term if ladder.term else None
    return Standing(tier=ladder.tiers[0].code, since=at, at=at, term_ends_at=term_ends_at)


def advance(
    ladder: Ladder, standing: Standing, movements: Iterable[Movement], *, until: datetime
) -> tuple[Standing, list[Change]]:
    """Move a player through time; each change is dated at the very instant at which it was due.

    Give every movement that can still matter: in mode balance all of them, or one with the sum of the
    old ones; in mode window those of one window before `standing.at`, and later. Movements that are
    known of the future, such as lots that will expire, count as what they are. However often and late
    it runs, the changes are the same.
    """
    return _follow(ladder, standing, Course(ladder, movements), until)


def downgrade_due(ladder: Ladder, standing: Standing, movements: Iterable[Movement]) -> Change | None:
    """Return the downgrade that will happen if nothing more is earned, or None."""
    course = Course(ladder, movements)
    last = max([standing.at, *course.instants[-1:]])
    horizon = last + 2 * (ladder.term or _NOTHING) + ladder.grace
    _, changes = _follow(ladder, standing, course, horizon)
    return next((change for change in changes if not change.is_upgrade), None)


def warns_at(change: Change, *, notice: timedelta = WARNING) -> datetime:
    """Return when the player is to be told of a downgrade that is due."""
    return change.at - notice


def is_to_be_warned(change: Change | None, *, at: datetime, notice: timedelta = WARNING) -> bool:
    """Tell whether a downgrade that is due is so near that the player must know of it."""
    return change is not None and not change.is_upgrade and warns_at(change, notice=notice) <= at < change.at


# -- helpers ---------------------------------------------------------------------------------------


def _follow(
    ladder: Ladder, standing: Standing, course: Course, until: datetime
) -> tuple[Standing, list[Change]]:
    changes = []
    at: datetime | None = standing.at
    while at is not None and at <= until:
        standing, change = _judge(ladder, standing, course.score(at), at)
        if change:
            changes.append(change)
        due = (course.next_change(at), standing.term_ends_at, _deadline(ladder, standing))
        at = min((instant for instant in due if instant is not None and instant > at), default=None)
    return replace(standing, at=max(until, standing.at)), changes


def _judge(ladder: Ladder, standing: Standing, score: int, at: datetime) -> tuple[Standing, Change | None]:
    here = ladder.place(standing.tier)
    entered = _entered(ladder, score)
    if entered > here:
        return _move(ladder, standing, entered, score, at)
    standing = replace(standing, at=at)
    if here == 0 or score >= ladder.tiers[here].keeps:
        return _renewed(ladder, standing, at), None
    if standing.short_since is None:
        short_since = at if ladder.term is None else standing.term_ends_at
        if short_since is None or short_since > at:
            return standing, None
        standing = replace(standing, short_since=short_since)
    deadline = _deadline(ladder, standing)
    if deadline is None or at < deadline:
        return standing, None
    return _move(ladder, standing, _landing(ladder, here, score), score, at)


def _move(
    ladder: Ladder, standing: Standing, place: int, score: int, at: datetime
) -> tuple[Standing, Change]:
    after = ladder.tiers[place].code
    term_ends_at = at + ladder.term if ladder.term else None
    is_upgrade = place > ladder.place(standing.tier)
    change = Change(at=at, before=standing.tier, after=after, score=score, is_upgrade=is_upgrade)
    moved = Standing(tier=after, since=at, at=at, term_ends_at=term_ends_at)
    # A tier that the score does not keep either starts its own grace now, not at the next movement.
    if not is_upgrade and ladder.term is None and place and score < ladder.tiers[place].keeps:
        moved = replace(moved, short_since=at)
    return moved, change


def _renewed(ladder: Ladder, standing: Standing, at: datetime) -> Standing:
    ends = standing.term_ends_at
    while ladder.term is not None and ends is not None and ends <= at:
        ends += ladder.term
    return replace(standing, term_ends_at=ends, short_since=None)


def _landing(ladder: Ladder, here: int, score: int) -> int:
    if ladder.has_soft_landing:
        return here - 1
    kept = [place for place in range(here) if ladder.tiers[place].keeps <= score]
    return max(kept, default=0)


def _deadline(ladder: Ladder, standing: Standing) -> datetime | None:
    return None if standing.short_since is None else standing.short_since + ladder.grace


def _entered(ladder: Ladder, score: int) -> int:
    reached = [place for place, tier in enumerate(ladder.tiers) if tier.entry <= score]
    return max(reached, default=0)


def _check_tiers(tiers: Sequence[Tier]) -> None:
    if not 1 <= len(tiers) <= TIERS_MAX:
        raise InvalidInput(f"{len(tiers)} tiers: give from 1 to {TIERS_MAX}")
    if len({tier.code for tier in tiers}) < len(tiers):
        raise InvalidInput(f"tiers {[tier.code for tier in tiers]}: give each a code of its own")
    for below, above in zip(tiers, tiers[1:], strict=False):
        if above.entry <= below.entry or above.keeps < below.keeps:
            raise InvalidInput(f"tier {above.code!r} is not above {below.code!r}: give rising thresholds")
    for tier in tiers:
        if minor(tier.keeps, "a retention") > minor(tier.entry, marked("an entry")):
            raise InvalidInput(f"tier {tier.code!r} is kept from {tier.keeps}: give at most {tier.entry}")
