"""Reckon a slip that is struck: its lines, its stake, what it may pay, and what it adds to the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from uuid import UUID

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting import exposing
from pitboss.plugins.betting.exposing import Carried
from pitboss.plugins.betting.lines import system as systems
from pitboss.plugins.betting.lines.system import System
from pitboss.plugins.betting.settling import payout
from pitboss.plugins.betting.settling.eachway import PLACES_MAX, PlaceTerms
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from pitboss.plugins.betting.slips.books import Exposure
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.problems import Problem, error_of
from pitboss.plugins.betting.slips.shaping import Shape

ANY_TERMS = PlaceTerms(Fraction(1), PLACES_MAX)
"""What the books reckon with where the terms are only known at the off: none could cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The figures of a slip; minor units."""

    slip: Slip
    system: System
    system_name: str
    unit_stake: int
    potential: int
    """What it returns if every leg wins; of a free bet without the stake."""
    odds: Decimal
    """What a unit of stake returns at best, the stake included."""
    legs: Sequence[StruckLeg]
    rules: Rules
    exposures: tuple[Exposure, ...]

    def potential_at(self, stake: int) -> int:
        """Return what it would return at best for another stake."""
        return payout.potential(replace(self.slip, stake=stake), self.rules)

    def exposures_at(self, stake: int) -> tuple[Exposure, ...]:
        """Return what it would add to the books for another stake, in the same order."""
        return exposures(replace(self.slip, stake=stake), self.legs, self.rules)

    @property
    def stake(self) -> int:
        """Return what is paid for all lines."""
        return self.slip.stake

    @property
    def line_count(self) -> int:
        """Return how many bets it is; each way counts twice."""
        return self.slip.line_count


def price(
    shape: Shape,
    legs: Sequence[StruckLeg],
    *,
    stake: int,
    is_free: bool,
    rules: Rules,
    terms: Mapping[UUID, PlaceTerms | None],
    builder_odds: Decimal | None = None,
) -> Priced:
    """Return the figures of a slip, or refuse a system or stake that does not fit."""
    system = system_of(shape)
    struck = tuple(_leg(leg, terms) for leg in legs)
    one = Slip(
        legs=struck,
        stake=0,
        sizes=system.sizes if shape.kind == "system" else (),
        is_each_way=shape.is_each_way,
        is_free_bet=is_free,
        builder_odds=builder_odds,
    )
    unit = _unit(stake, one.line_count, shape)
    slip = replace(one, stake=unit * one.line_count)
    best = payout.best(slip, rules)
    return Priced(
        slip=slip,
        system=system,
        system_name=systems.name_of(system) if shape.kind == "system" else "",
        unit_stake=unit,
        potential=payout.paid(slip, best, rules),
        odds=_of_a_unit(slip, best),
        legs=legs,
        rules=rules,
        exposures=exposures(slip, legs, rules),
    )


def system_of(shape: Shape) -> System:
    """Return the lines of a slip: all legs together, or what its system says."""
    others, bankers = shape.leg_count - len(shape.bankers), len(shape.bankers)
    if shape.kind != "system":
        return systems.lines_of(shape.leg_count, (shape.leg_count,))
    try:
        system = _read_system(shape.system, others, bankers)
    except InvalidInput as error:
        raise error_of([Problem("system", "system", str(error), "invalid")]) from error
    if system.legs != others:
        message = marked(
            f"{shape.system!r} is of {system.legs} legs and the slip has {others} that are not bankers: "
            "name another system, or change the legs"
        )
        raise error_of([Problem("system", "system", message, "invalid")])
    return system


def _of_a_unit(slip: Slip, best: Fraction) -> Decimal:
    """Return what a unit of stake returns at best, rounded down; the stake included."""
    exact = best / slip.stake + slip.is_free_bet
    return Decimal(exact.numerator * 10_000 // exact.denominator).scaleb(-4)


def exposures(slip: Slip, legs: Sequence[StruckLeg], rules: Rules) -> tuple[Exposure, ...]:
    """Return what a slip adds to the book of each of its markets, never too little.

    What is owed whether the leg wins or not (lines without it, its place part) counts against the stake.
    """
    if is_plain(slip):
        return (_single(slip, legs[0]),)
    if slip.is_each_way and rules.place_terms_at == "off":
        slip = replace(slip, legs=tuple(replace(leg, place=ANY_TERMS) for leg in slip.legs))
    parts = exposing.carried(slip, rules, [leg.offered.fixture_id for leg in legs])
    return tuple(sorted(_exposure(part, legs[part.leg]) for part in parts))


def is_plain(slip: Slip) -> bool:
    """Tell whether a slip is a single without a place part: most are, and are reckoned at once."""
    return len(slip.legs) == 1 and not slip.is_each_way and slip.builder_odds is None


def _single(slip: Slip, leg: StruckLeg) -> Exposure:
    own = 0 if slip.is_free_bet else slip.stake
    won = ceil(slip.stake * Fraction(leg.odds)) - slip.stake + own
    return Exposure(leg.offered.market_id, leg.offered.selection_id, won, own, own)


def _exposure(part: Carried, leg: StruckLeg) -> Exposure:
    return Exposure(
        leg.offered.market_id,
        leg.offered.selection_id,
        liability=part.if_won - part.if_lost,
        staked=part.stake - part.if_lost,
        refund=part.if_void - part.if_lost,
    )


def _leg(leg: StruckLeg, terms: Mapping[UUID, PlaceTerms | None]) -> Leg:
    offered = leg.offered
    return Leg(
        odds=Fraction(leg.odds),
        name=leg.name,
        is_banker=leg.is_banker,
        place=terms.get(offered.selection_id),
    )


def _unit(stake: int, line_count: int, shape: Shape) -> int:
    if not shape.is_total_stake:
        return stake
    try:
        return systems.unit_stake(stake, line_count)
    except InvalidInput as error:
        raise error_of([Problem("stake", "stake/amount", str(error), "invalid")]) from error


def _read_system(said: str, others: int, bankers: int) -> System:
    sizes, slash, of = said.partition("/")
    if not slash:
        return systems.named(said, bankers=bankers)
    smallest, _, largest = sizes.partition("-")
    numbers = (smallest, largest or smallest, of)
    if not all(number.isascii() and number.isdigit() and len(number) <= 2 for number in numbers):
        raise InvalidInput(f"the system is {said!r}: name one, such as 'trixie', or write its sizes: '2-3/5'")
    if int(of) != others:
        raise InvalidInput(f"{said!r} is of {of} legs and the slip has {others} that are not bankers")
    return systems.sized(others, int(smallest), int(largest or smallest), bankers=bankers)
