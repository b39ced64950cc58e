"""What one leg came to, and what each unit of stake on it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, get_args

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, price, read, share, text
from pitboss.plugins.betting.settling import deadheat

State = Literal["won", "lost", "void", "push", "half_won", "half_lost"]
STATES: tuple[State, ...] = get_args(State)
TIED_MAX = 1_000
"""More that share one position are a mistake of the result."""

_HALF = Fraction(1, 2)
_ONE = Fraction(1)
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a selection came to; of a field also where it finished, so that the place part can be told."""

    state: State
    reason: str = ""
    """Why, in words and figures of the result: `2-1: home won`."""
    share: Fraction = _ONE
    """The part of the stake that is alive after a dead heat: places over tied."""
    dead_heat: deadheat.Policy = "stake"
    """What a dead heat divides."""
    deduction: Fraction = _NONE
    """The part of the winnings that withdrawn runners take: 20p in the pound is 1/5."""
    position: int | None = None
    tied: int = 1
    """How many share the position, this one included."""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise InvalidInput(f"the outcome {self.state!r} is unknown: {nearest(self.state, list(STATES))}")
        share(self.share, marked("the share of a dead heat"))
        share(self.deduction, marked("the deduction"))
        if self.position is not None and self.position < 1:
            raise InvalidInput(f"the position is {self.position}: give 1 or more")
        if not 1 <= self.tied <= TIED_MAX:
            raise InvalidInput(f"{self.tied} share a position: give 1 to {TIED_MAX}")

    def deducted(self, part: Exact) -> Outcome:
        """Return the same outcome with a deduction from its winnings."""
        return replace(self, deduction=share(part, marked("the deduction")))


VOID = Outcome(state="void", reason="void")
"""The outcome of a leg that did not take place: its odds count as 1."""


def multiplier(outcome: Outcome, odds: Exact) -> Fraction:
    """Return what one unit of stake becomes, the stake included.

    >>> multiplier(Outcome(state="half_won"), Fraction(5, 2))
    Fraction(7, 4)
    """
    if outcome.state == "lost":
        return _NONE
    if outcome.state in ("void", "push"):
        return _ONE
    if outcome.state == "half_lost":
        return _HALF
    full = deadheat.divided(price(odds), outcome.share, outcome.dead_heat)
    won = _deducted(full, outcome)
    return won if outcome.state == "won" else (won + 1) / 2


def _deducted(full: Fraction, outcome: Outcome) -> Fraction:
    """Take the deduction from the winnings of the part that is alive, never from its stake."""
    if not outcome.deduction:
        return full
    stake = outcome.share if outcome.dead_heat == "stake" else min(_ONE, full)
    return stake + max(_NONE, full - stake) * (1 - outcome.deduction)


def arithmetic(outcome: Outcome, odds: Exact) -> str:
    """Write the sum of `multiplier` as one reads it, to be read again by a person.

    >>> arithmetic(Outcome(state="won", share=Fraction(1, 2), deduction=Fraction(1, 5)), 6)
    '0.5 of the stake x (1 + 5 x (1 - 0.2)) = 2.5'
    """
    result = text(multiplier(outcome, odds))
    if outcome.state in ("lost", "void", "push"):
        return f"{outcome.state} = {result}"
    if outcome.state == "half_lost":
        return marked(f"half the stake back, half lost = {result}")
    shown = _won_arithmetic(outcome, price(odds))
    return f"{shown} = {result}" if outcome.state == "won" else f"(1 + {shown}) / 2 = {result}"


def _won_arithmetic(outcome: Outcome, odds: Fraction) -> str:
    net = f" x (1 - {text(outcome.deduction)})" if outcome.deduction else ""
    if outcome.share == 1:
        return f"1 + {text(odds - 1)}{net}" if net else text(odds)
    if outcome.dead_heat == "stake":
        paid = f"(1 + {text(odds - 1)}{net})" if net else text(odds)
        return marked(f"{text(outcome.share)} of the stake x {paid}")
    divided = marked(f"the greater of 1 and {text(odds)} x {text(outcome.share)}")
    return f"1 + ({divided} - 1){net}" if net else divided


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    """Write an outcome down so that `outcome_from_json` reads the same one."""
    return {
        "state": outcome.state,
        "reason": outcome.reason,
        "share": text(outcome.share),
        "dead_heat": outcome.dead_heat,
        "deduction": text(outcome.deduction),
        "position": outcome.position,
        "tied": outcome.tied,
    }


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    """Read what `outcome_as_json` wrote."""
    return Outcome(
        state=data["state"],
        reason=data.get("reason", ""),
        share=read(data.get("share", "1"), marked("the share")),
        dead_heat=data.get("dead_heat", "stake"),
        deduction=read(data.get("deduction", "0"), marked("the deduction")),
        position=data.get("position"),
        tied=data.get("tied", 1),
    )
