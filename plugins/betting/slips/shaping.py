"""The shape of a slip: its kind, its lines and what is wrong with it whatever is offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pitboss.core.texts import marked
from pitboss.plugins.betting.slips.asked import AskedSlip, Kind, kind_of
from pitboss.plugins.betting.slips.problems import Problem, error_of


@dataclass(frozen=True, slots=True)
class Shape:
    """What a slip is, apart from its prices."""

    kind: Kind
    leg_count: int
    system: str = ""
    bankers: tuple[int, ...] = ()
    is_each_way: bool = False
    is_total_stake: bool = False


def shape(asked: AskedSlip, *, legs_max: int, currency: str) -> Shape:
    """Return the shape of a slip, or refuse it with all that is wrong."""
    count = len(asked.legs)
    if count > legs_max:
        message = marked(f"the slip has {count} legs: give at most {legs_max}")
        raise error_of([Problem("too_many_legs", "legs", message, "invalid")])
    kind = kind_of(asked)
    bankers = tuple(number for number, leg in enumerate(asked.legs) if leg.is_banker)
    problems = list(_misfits(asked, kind, count, bankers))
    if asked.stake.currency != currency:
        message = marked(
            f"the stake is in {asked.stake.currency}, and bets are taken in {currency}: stake in {currency}"
        )
        problems.append(Problem("currency", "stake/currency", message, "invalid"))
    if problems:
        raise error_of(problems)
    return Shape(kind, count, asked.system, bankers, asked.is_each_way, asked.stake_of == "bet")


def _misfits(asked: AskedSlip, kind: Kind, count: int, bankers: tuple[int, ...]) -> Iterator[Problem]:
    if count == 0:
        yield Problem("no_legs", "legs", "the slip has no legs: give at least one", "invalid")
    elif kind == "single" and count != 1:
        message = marked(f"a single has one leg, not {count}: ask for a multiple, or place {count} singles")
        yield Problem("kind", "kind", message, "invalid")
    elif kind in ("multiple", "builder", "system") and count < 2:
        yield Problem(
            "kind", "kind", marked(f"a {kind} has at least 2 legs, not {count}: ask for a single"), "invalid"
        )
    if kind == "system" and not asked.system:
        message = marked("a system needs its name or sizes: give system, such as 'trixie' or '2/4'")
        yield Problem("system", "system", message, "invalid")
    if kind != "system" and asked.system:
        message = marked(f"{asked.system!r} is a system, and the slip a {kind}: leave one of them out")
        yield Problem("system", "system", message, "invalid")
    if bankers and kind != "system":
        message = marked(f"a {kind} has no bankers, because all of its legs must win: leave is_banker out")
        yield Problem("banker", f"legs/{bankers[0]}/is_banker", message, "invalid")
    if asked.is_each_way and kind == "builder":
        yield Problem(
            "each_way",
            "is_each_way",
            marked("a bet builder has no place part: leave is_each_way out"),
            "invalid",
        )
    if asked.is_each_way and asked.free_bet_id is not None:
        message = marked("a free bet is not taken each way: leave is_each_way or free_bet_id out")
        yield Problem("each_way", "is_each_way", message, "invalid")
