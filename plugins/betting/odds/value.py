"""What a price is worth: expected value, value against a probability, and how much to stake on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, exact, price, real, reals, share
from pitboss.plugins.betting.odds.margins import SELECTIONS_MAX, inverses

VALUE_MIN = Decimal("0.10")
"""A price is called value above this."""
STRONG_MIN = Decimal("0.20")
"""And strong value above this; what is exactly at it is not."""


def expected_value(
    probability: Exact, odds: Exact, *, stake: Exact = 1, is_free_bet: bool = False
) -> Fraction:
    """Return what a bet wins on average: of a free bet, whose stake is lost or won back by nobody, more.

    >>> expected_value(Decimal("0.55"), Decimal("2.10"))
    Fraction(31, 200)
    """
    chance = share(probability, marked("the probability"))
    kept = chance * (price(odds) - 1) if is_free_bet else chance * price(odds) - 1
    return kept * exact(stake, marked("the stake"))


def expected_value_of_all(legs: Sequence[tuple[Exact, Exact]]) -> Fraction:
    """Return the same of one unit on an accumulator of independent legs: (probability, odds) each."""
    return (
        prod((share(p, marked("the probability")) * price(odds) for p, odds in legs), start=Fraction(1)) - 1
    )


def break_even(odds: Exact) -> Fraction:
    """Return the probability at which a price is worth nothing."""
    return 1 / price(odds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """How far a probability is above the price's own: with its margin left in, and taken out."""

    raw: Fraction
    """Against 1/odds: too low, for the margin is in it."""
    fair: Fraction | None
    """Against the fair probability, where the whole book is known."""
    is_value: bool
    label: str
    """STRONG, MODERATE or nothing."""


def value(
    probability: Exact,
    odds: Exact,
    *,
    fair: Exact | None = None,
    value_min: Exact = VALUE_MIN,
    strong_min: Exact = STRONG_MIN,
) -> Value:
    """Judge a price by a probability, in exact numbers: what is just at a bound is not above it.

    >>> value(Decimal("0.60"), Decimal("2.00")).label
    'MODERATE'
    """
    ours = share(probability, marked("the probability"))
    raw = ours * price(odds) - 1
    is_value = raw > exact(value_min, marked("the least value"))
    strong = raw > exact(strong_min, marked("the least strong value"))
    edge = None if fair is None else ours / exact(fair, marked("the fair probability")) - 1
    label = ("STRONG" if strong else "MODERATE") if is_value else ""
    return Value(raw=raw, fair=edge, is_value=is_value, label=label)


def kelly(probability: Exact, odds: Exact, *, fraction: Exact = 1) -> Fraction:
    """Return the part of a bankroll to stake for the fastest growth, or a fraction of it; never below 0.

    >>> kelly(Decimal("0.55"), Decimal("2.1"), fraction=Fraction(1, 2))
    Fraction(31, 440)
    """
    chance, net = share(probability, marked("the probability")), price(odds) - 1
    full = (net * chance - (1 - chance)) / net
    return max(Fraction(0), full) * share(fraction, marked("the fraction of Kelly"))


def kelly_stake(part: Exact, bankroll: int, *maxima: int | None) -> int:
    """Return a part of a bankroll in minor units, rounded down, and at most each of the limits given."""
    wanted = share(part, marked("the part")) * bankroll // 1
    return max(0, min([int(wanted), bankroll, *(each for each in maxima if each is not None)]))


def growth_rate(probability: Exact, odds: Exact, part: Exact) -> Decimal:
    """Return by how much the logarithm of a bankroll grows a bet, on average."""
    chance, staked = share(probability, marked("the probability")), share(part, marked("the part"))
    if staked == 1 and chance < 1:
        raise InvalidInput("who stakes all of it will lose all of it: stake a smaller part")
    with reals():
        won = real(chance) * real(1 + staked * (price(odds) - 1)).ln()
        return won + (real(1 - chance) * real(1 - staked).ln() if chance < 1 else 0)


def kelly_exclusive(
    probabilities: Sequence[Exact], odds: Sequence[Exact], *, fraction: Exact = 1
) -> list[Fraction]:
    """Return the parts to stake on selections of which only one can win.

    >>> book = [Decimal("2.1"), Decimal("3.2"), Decimal("4.0")]
    >>> [f"{float(f):.4f}" for f in kelly_exclusive([Decimal("0.5"), Decimal("0.3"), Decimal("0.2")], book)]
    ['0.0493', '0.0042', '0.0000']
    """
    chances = _chances(probabilities, odds)
    if sum(inverses(odds)) <= 1:
        raise InvalidInput("the book sums to 1 or less: it is an arbitrage, stake on all of it in proportion")
    prices = [price(each) for each in odds]
    reserve, chance_left, room = Fraction(1), Fraction(1), Fraction(1)
    taken = set()
    for place in sorted(range(len(prices)), key=lambda place: -(chances[place] * prices[place])):
        if chances[place] * prices[place] <= reserve:
            break
        taken.add(place)
        chance_left, room = chance_left - chances[place], room - 1 / prices[place]
        reserve = chance_left / room
    part = share(fraction, marked("the fraction of Kelly"))
    return [
        part * (chances[place] - reserve / prices[place]) if place in taken else Fraction(0)
        for place in range(len(prices))
    ]


def _chances(probabilities: Sequence[Exact], odds: Sequence[Exact]) -> list[Fraction]:
    if len(probabilities) != len(odds) or not 2 <= len(odds) <= SELECTIONS_MAX:
        raise InvalidInput(f"{len(probabilities)} probabilities for {len(odds)} prices: give one for each")
    found = [share(each, marked("the probability")) for each in probabilities]
    if sum(found) > 1:
        raise InvalidInput(f"the probabilities sum to {real(sum(found, start=Fraction(0))):.6g}: at most 1")
    return found
