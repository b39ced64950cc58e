"""What a bet is worth before its end: offers to cash it out, in full, in part, and of a free bet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, Rounding, minor, price, rounded, share
from pitboss.plugins.betting.lines.pricing import returned_by_size
from pitboss.plugins.betting.settling.eachway import place_odds, place_outcome
from pitboss.plugins.betting.settling.outcomes import Outcome, multiplier
from pitboss.plugins.betting.settling.slip import Leg, Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How a leg stands: decided, or open at a fair price."""

    outcome: Outcome | None = None
    fair_odds: Decimal | Fraction | None = None
    """To win, now; None of an open leg: it has no price, so nothing is offered."""
    fair_place_odds: Decimal | Fraction | None = None
    """To be placed, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An amount for a part of the stake, and how it was reckoned."""

    amount: int
    """In minor units."""
    stake: int
    """The part of the stake that ends with it."""
    stake_left: int
    fair: Fraction
    """What all of the bet is worth, in minor units."""
    exact: Fraction
    """The offer for that part before it was rounded."""


def worth(taken: Exact, now: Exact) -> Fraction:
    """Return what one unit is worth: the price that was taken over the fair price now."""
    return price(taken) / price(now, marked("the fair odds"))


def fair_value(slip: Slip, legs: Sequence[Now]) -> Fraction | None:
    """Return what a slip is worth in minor units, or None while an open leg has no price.

    Each leg counts with its multiplier if it is decided, and with taken over fair odds if it is open;
    the lines of a system add up as in settlement. A bet builder is one leg, at its joint price.
    """
    expected = 1 if slip.builder_odds is not None else len(slip.legs)
    if len(legs) != expected:
        raise InvalidInput(f"{len(legs)} states for {expected} legs: give one for each")
    if slip.builder_odds is not None:
        one = _win_worth(Leg(odds=slip.builder_odds), legs[0])
        return None if one is None else slip.stake * one
    parts = [_worths(slip.legs, legs, _win_worth)]
    if slip.is_each_way:
        parts.append(_worths(slip.legs, legs, _place_worth))
    total = Fraction(0)
    for worths in parts:
        if worths is None:
            return None
        total += _lines(slip, worths)
    return Fraction(slip.stake, slip.line_count) * total


def offer(
    slip: Slip,
    legs: Sequence[Now],
    *,
    margin: Exact,
    part: Exact = 1,
    potential: int,
    rounding: Rounding = "half_up",
) -> Offer | None:
    """Return what is offered for a part of a bet, or None where nothing can be: no price, or no worth.

    The house keeps a margin of the fair value; of a free bet the stake, which was the house's, comes off.
    """
    taken = share(part, marked("the part to cash out"))
    stake = rounded(taken * slip.stake, rounding)
    if not 0 < stake <= slip.stake:
        raise InvalidInput(f"the part to cash out is {part}: give more than 0 of the stake, up to all of it")
    fair = fair_value(slip, legs)
    if fair is None:
        return None
    kept = fair * (1 - share(margin, marked("the margin"))) - (slip.stake if slip.is_free_bet else 0)
    # More than it could ever pay would be a gift; the limit holds for the part alike.
    exact = min(kept, Fraction(minor(potential, marked("the potential payout")))) * taken
    amount = rounded(exact, rounding)
    if amount <= 0:
        return None
    return Offer(amount=amount, stake=stake, stake_left=slip.stake - stake, fair=fair, exact=exact)


def _win_worth(leg: Leg, now: Now) -> Fraction | None:
    if now.outcome is not None:
        return multiplier(now.outcome, leg.odds)
    return None if now.fair_odds is None else worth(leg.odds, now.fair_odds)


def _place_worth(leg: Leg, now: Now) -> Fraction | None:
    if leg.place is None:
        return _win_worth(leg, now)
    odds = place_odds(leg.odds, leg.place)
    if now.outcome is not None:
        return multiplier(place_outcome(now.outcome, leg.place), odds)
    return None if now.fair_place_odds is None else worth(odds, now.fair_place_odds)


def _worths(
    legs: Sequence[Leg], states: Sequence[Now], of: Callable[[Leg, Now], Fraction | None]
) -> list[Fraction] | None:
    found = [of(leg, now) for leg, now in zip(legs, states, strict=True)]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _lines(slip: Slip, worths: Sequence[Fraction]) -> Fraction:
    bankers = [each for each, leg in zip(worths, slip.legs, strict=True) if leg.is_banker]
    others = [each for each, leg in zip(worths, slip.legs, strict=True) if not leg.is_banker]
    return sum(returned_by_size(slip.system, others, bankers), start=Fraction(0))
