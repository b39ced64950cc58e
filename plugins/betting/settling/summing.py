"""The exact return of a slip: each leg to a multiplier, each line to a product, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import exact
from pitboss.plugins.betting.lines import System, pricing
from pitboss.plugins.betting.settling import bonuses
from pitboss.plugins.betting.settling.eachway import place_odds, place_outcome
from pitboss.plugins.betting.settling.outcomes import Outcome, State, multiplier
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip

_NONE = Fraction(0)
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """One leg of one part: the odds that count, what it came to, and what a unit becomes."""

    odds: Fraction
    outcome: Outcome
    multiplier: Fraction
    is_banker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The win part or the place part of a slip; totals are for a stake of one on each line."""

    name: str
    legs: tuple[Priced, ...]
    by_size: tuple[Fraction, ...]

    @property
    def total(self) -> Fraction:
        """Return the sum over all its lines."""
        return sum(self.by_size, start=_NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The exact return in minor units, and what it is made of."""

    exact: Fraction
    unit_stake: Fraction
    parts: tuple[Part, ...] = ()
    bonus: Fraction = _NONE
    """What an extra of the operator adds, for a stake of one on each line."""
    void_because: str = ""
    """Why the whole slip is void; empty where it is not."""


def summed(slip: Slip, outcomes: Sequence[Outcome], rules: Rules) -> Sums:
    """Return the exact return of a slip and the parts that it comes from."""
    if len(outcomes) != len(slip.legs):
        raise InvalidInput(f"{len(outcomes)} outcomes for {len(slip.legs)} legs: give one for each")
    system = slip.system
    unit = Fraction(slip.stake, slip.line_count_of(system))
    if why := _void_because(slip, outcomes, rules):
        return Sums(
            exact=_NONE if slip.is_free_bet else Fraction(slip.stake), unit_stake=unit, void_because=why
        )
    if slip.builder_odds is not None:
        return _built(slip, outcomes, unit)
    parts = [_part("win", slip, system, _win_legs(slip, outcomes))]
    if slip.is_each_way:
        parts.append(_part("place", slip, system, _place_legs(slip, outcomes)))
    bonus = _bonus(slip, outcomes, parts[0], rules)
    total = sum((part.total for part in parts), start=bonus)
    return Sums(exact=unit * total, unit_stake=unit, parts=tuple(parts), bonus=bonus)


def _void_because(slip: Slip, outcomes: Sequence[Outcome], rules: Rules) -> str:
    """Look for a leg that makes the slip void: also beside a loser, so that their order cannot matter."""
    is_builder = slip.builder_odds is not None
    policy = rules.builder_void if is_builder else rules.void_leg
    ends = ("void", "push") if is_builder else ("void",)
    if policy != "void_slip":
        return ""
    gone = [place for place, outcome in enumerate(outcomes) if outcome.state in ends]
    return marked(f"leg {gone[0] + 1} is {outcomes[gone[0]].state}") if gone else ""


def _priced(leg: Leg, odds: Fraction, outcome: Outcome) -> Priced:
    return Priced(odds=odds, outcome=outcome, multiplier=multiplier(outcome, odds), is_banker=leg.is_banker)


def _odds(leg: Leg) -> Fraction:
    return exact(leg.odds, marked("the odds"))


def _win_legs(slip: Slip, outcomes: Sequence[Outcome]) -> list[Priced]:
    return [_priced(leg, _odds(leg), o) for leg, o in zip(slip.legs, outcomes, strict=True)]


def _place_legs(slip: Slip, outcomes: Sequence[Outcome]) -> list[Priced]:
    """Price the place part: where a leg pays no place, this half went on its win as well."""
    return [
        _priced(leg, _odds(leg), o)
        if leg.place is None
        else _priced(leg, place_odds(leg.odds, leg.place), place_outcome(o, leg.place))
        for leg, o in zip(slip.legs, outcomes, strict=True)
    ]


def _part(name: str, slip: Slip, system: System, legs: list[Priced]) -> Part:
    return Part(name=name, legs=tuple(legs), by_size=by_size(system, legs, is_free_bet=slip.is_free_bet))


def by_size(system: System, legs: Sequence[Priced], *, is_free_bet: bool) -> tuple[Fraction, ...]:
    """Return what the lines of each size pay; of a free bet what each line pays above its stake."""
    pay = pricing.won_by_size if is_free_bet else pricing.returned_by_size
    others = [leg.multiplier for leg in legs if not leg.is_banker]
    bankers = [leg.multiplier for leg in legs if leg.is_banker]
    return tuple(pay(system, others, bankers))


def _bonus(slip: Slip, outcomes: Sequence[Outcome], win: Part, rules: Rules) -> Fraction:
    if rules.bonus is None or slip.is_free_bet or not slip.system.is_full_cover:
        return _NONE
    return bonuses.added(rules.bonus, outcomes, returned=win.total)


def _built(slip: Slip, outcomes: Sequence[Outcome], unit: Fraction) -> Sums:
    """Settle a bet builder: one price, that all legs have to win."""
    state: State = "lost" if any(outcome.state == "lost" for outcome in outcomes) else "won"
    for place, outcome in enumerate(outcomes, 1):
        if state == "won" and (outcome.state != "won" or outcome.share != 1):
            raise InvalidInput(
                f"leg {place} of the bet builder is {outcome.state} for a share of {outcome.share}: "
                "settle it without that leg, at the price of the others"
            )
    odds = Fraction(slip.builder_odds or 0)
    leg = _priced(
        slip.legs[0], odds, Outcome(state=state, reason=marked(f"all {len(outcomes)} legs together"))
    )
    if slip.is_free_bet:
        leg = replace(leg, multiplier=max(_NONE, leg.multiplier - 1))
    part = Part(name="builder", legs=(leg,), by_size=(leg.multiplier,))
    return Sums(exact=unit * part.total, unit_stake=unit, parts=(part,))
