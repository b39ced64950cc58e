"""Which limit binds, and how much of it is used: the decision record of a bet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pitboss.core.texts import marked
from pitboss.plugins.betting.slips.problems import Problem

Place = tuple[str, str]
"""A scope with its subject: `("sport", "football")`, `("platform", "")`."""

STAKE_MIN, STAKE_MAX, PAYOUT_MAX = "stake_min", "stake_max", "payout_max"
EXPOSURE_MAX, DAY_STAKE_MAX = "exposure_max", "day_stake_max"
_EVERYWHERE = frozenset(("platform", "sport", "competition", "template", "fixture", "market"))

MEASURES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        STAKE_MIN: _EVERYWHERE,
        STAKE_MAX: _EVERYWHERE | {"player"},
        PAYOUT_MAX: _EVERYWHERE | {"player"},
        EXPOSURE_MAX: _EVERYWHERE,
        DAY_STAKE_MAX: frozenset(("platform", "player")),
    }
)
"""In which scopes each measure can be set.

The exposure is that of any one market, but of a fixture that of all its markets together. The stakes of
a day are those of one player, also where the limit is set for the platform.
"""
SCOPES = ("platform", "sport", "competition", "template", "fixture", "market", "player")

HUGE = 10**9

_WORDS = MappingProxyType(
    {
        STAKE_MIN: marked("the smallest stake"),
        STAKE_MAX: marked("the highest stake"),
        PAYOUT_MAX: marked("the highest payout of a bet"),
        EXPOSURE_MAX: marked("the exposure"),
        DAY_STAKE_MAX: marked("the stakes of a day"),
    }
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that applies."""

    measure: str
    scope: str
    subject: str
    amount: int

    @property
    def what(self) -> str:
        """Return what it limits, in words."""
        return _WORDS[self.measure]

    @property
    def where(self) -> str:
        """Return where it was set."""
        return self.scope if not self.subject else f"{self.scope} {self.subject}"


Grows = Callable[[int], int]
"""What a slip takes of a limit, by its stake."""


@dataclass(frozen=True, slots=True)
class Check:
    """A limit with what was used of it, what the bet adds, and whether that fits."""

    bound: Bound
    used: int
    added: int
    fits: bool
    line_count: int = 1
    grows: Grows | None = None
    """None where a higher stake takes no more."""

    @property
    def stake_max(self) -> int | None:
        """Return the highest stake of this slip that would fit; None where the limit sets none."""
        return (
            None
            if self.grows is None
            else largest(self.grows, self.bound.amount - self.used, self.line_count)
        )

    def recorded(self) -> dict[str, Any]:
        """Return it for the decision record; money in minor units."""
        bound = self.bound
        return {
            "measure": bound.measure,
            "scope": bound.scope,
            "subject": bound.subject,
            "limit": bound.amount,
            "used": self.used,
            "added": self.added,
            "fits": self.fits,
        }


def tightest(bounds: Iterable[Bound], measure: str) -> Bound | None:
    """Return the limit of a measure that binds: the lowest, or the highest of the least stakes."""
    found = [bound for bound in bounds if bound.measure == measure]
    if not found:
        return None
    choose = max if measure == STAKE_MIN else min
    return choose(found, key=lambda bound: bound.amount)


def applying(rows: Iterable[Bound], places: Iterable[Place], *, defaults: Mapping[str, int]) -> list[Bound]:
    """Return the limits of the places of a slip; the tenant's settings are those of the platform."""
    wanted = set(places)
    found = [bound for bound in rows if (bound.scope, bound.subject) in wanted]
    said = {bound.measure for bound in found if bound.scope == "platform"}
    return [
        *(Bound(name, "platform", "", amount) for name, amount in defaults.items() if name not in said),
        *found,
    ]


def check_stake(bounds: Sequence[Bound], *, stake: int, line_count: int) -> list[Check]:
    """Check a stake against the least and the highest one."""
    checks = []
    least, most = tightest(bounds, STAKE_MIN), tightest(bounds, STAKE_MAX)
    if least is not None:
        checks.append(Check(least, 0, stake, stake >= least.amount, line_count))
    if most is not None:
        checks.append(Check(most, 0, stake, stake <= most.amount, line_count, _itself))
    return checks


def check_payout(bounds: Sequence[Bound], *, potential: int, line_count: int, grows: Grows) -> list[Check]:
    """Check what a slip may pay against the highest payout."""
    most = tightest(bounds, PAYOUT_MAX)
    return [] if most is None else [Check(most, 0, potential, potential <= most.amount, line_count, grows)]


def check_day(bounds: Sequence[Bound], *, stake: int, used: int, line_count: int) -> list[Check]:
    """Check the stakes of a player's day, this one included."""
    most = tightest(bounds, DAY_STAKE_MAX)
    if most is None:
        return []
    return [Check(most, used, stake, used + stake <= most.amount, line_count, _itself)]


def check_exposure(bound: Bound, *, before: int, added: int, line_count: int, grows: Grows) -> Check:
    """Check what an answer would cost the house; a negative exposure is what it would gain."""
    fits = added <= 0 or before + added <= bound.amount
    return Check(bound, before, added, fits, line_count, grows if added > 0 else None)


def largest(grows: Grows, room: int, line_count: int) -> int:
    """Return the highest stake, whole over its lines, that takes no more than the room.

    >>> largest(lambda stake: -(-stake * 95 // 100), 365_00, 1)
    38421
    """
    if room < grows(line_count):
        return 0
    # What is taken is rounded up: by a stake so large that it does not matter, one comes just below.
    huge = line_count * HUGE
    stake = huge * room // max(1, grows(huge)) // line_count * line_count
    while grows(stake + line_count) <= room:
        stake += line_count
    return stake


def _itself(stake: int) -> int:
    return stake


def problems_of(checks: Iterable[Check], text: Any) -> list[Problem]:
    """Return a problem for each check that does not fit; `text` writes minor units as money."""
    return [_problem(check, text) for check in checks if not check.fits]


def _problem(check: Check, text: Any) -> Problem:
    bound = check.bound
    if bound.measure == STAKE_MIN:
        message = marked(
            f"the stake {text(check.added)} is below {bound.what} ({bound.where}) "
            f"of {text(bound.amount)}: stake more"
        )
        return Problem("under_limit", "stake", message, "limit", {"stake_min": text(bound.amount)})
    most = check.stake_max or 0
    cure = marked(f"stake at most {text(most)}") if most else marked("no further stake is taken now")
    added, whole, used = text(check.added), text(bound.amount), text(check.used)
    message = (
        marked(
            f"{added} more would pass {bound.what} ({bound.where}) of {whole}, "
            f"of which {used} is used: {cure}"
        )
        if check.used
        else marked(f"{added} more would pass {bound.what} ({bound.where}) of {whole}: {cure}")
    )
    return Problem(
        "over_limit", "stake", message, "limit", {"stake_max": text(most), "measure": bound.measure}
    )
