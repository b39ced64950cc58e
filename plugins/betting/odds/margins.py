"""The margin of a book: its size, and how it is taken out of the prices to tell the probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from pitboss.core.errors import InvalidInput, nearest
from pitboss.plugins.betting.exact import Exact, price, real, reals
from pitboss.plugins.betting.odds.roots import decreasing_root

SELECTIONS_MAX = 500
"""Selections of one book."""
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Fair:
    """Probabilities that sum to 1, and the number that the method found on the way."""

    method: str
    probabilities: tuple[Decimal, ...]
    parameter: Decimal | None = None
    """Of power its exponent, of Shin the share of insiders, of odds ratio the ratio."""


def inverses(odds: Sequence[Exact]) -> list[Fraction]:
    """Return what each price says the probability is, the margin included."""
    if not 2 <= len(odds) <= SELECTIONS_MAX:
        raise InvalidInput(
            f"the book has {len(odds)} prices: give 2 to {SELECTIONS_MAX}, one for each selection"
        )
    return [1 / price(each) for each in odds]


def book_sum(odds: Sequence[Exact]) -> Fraction:
    """Return the sum of the implied probabilities: 1 and the margin.

    >>> book_sum([Decimal("1.6"), Decimal("2")])
    Fraction(9, 8)
    """
    return sum(inverses(odds), start=Fraction(0))


def margin(odds: Sequence[Exact]) -> Fraction:
    """Return by how much the book is above 1; negative: who backs all of it wins."""
    return book_sum(odds) - 1


def payout_rate(odds: Sequence[Exact]) -> Fraction:
    """Return the part of stakes that a balanced book returns."""
    return 1 / book_sum(odds)


def remove_margin(odds: Sequence[Exact], method: str = "multiplicative", *, otherwise: str = "") -> Fair:
    """Return the probabilities behind prices; refuse a negative one, or take another method then.

    >>> [round(p, 3) for p in remove_margin([Decimal("1.8"), Decimal("1.8")], "shin").probabilities]
    [Decimal('0.500'), Decimal('0.500')]
    """
    return remove_margin_of(inverses(odds), method, otherwise=otherwise)


def remove_margin_of(implied: Sequence[Fraction], method: str, *, otherwise: str = "") -> Fair:
    """Do the same for implied probabilities."""
    if method not in METHODS:
        raise InvalidInput(f"no method {method!r} takes a margin out: {nearest(method, list(METHODS))}")
    with reals():
        fair = METHODS[method](implied)
    negative = [place for place, each in enumerate(fair.probabilities) if each <= 0]
    if not negative:
        return fair
    if otherwise and otherwise != method:
        return remove_margin_of(implied, otherwise)
    raise InvalidInput(
        f"the {method} method gives the selections {negative} (counted from 0) no probability above 0: "
        "take power or shin"
    )


def _multiplicative(implied: Sequence[Fraction]) -> Fair:
    """Divide each by the sum: the margin is as large a part of each."""
    total = sum(implied)
    return Fair("multiplicative", tuple(real(each / total) for each in implied))


def _additive(implied: Sequence[Fraction]) -> Fair:
    """Take the same from each: the margin in proportion to the odds. It can take too much of a long shot."""
    part = sum(implied, start=Fraction(-1)) / len(implied)
    return Fair("additive", tuple(real(each - part) for each in implied))


def _power(implied: Sequence[Fraction]) -> Fair:
    """Raise each to one power."""
    logs = [real(each).ln() for each in implied]

    def at(power: Decimal) -> list[Decimal]:
        return [(power * log).exp() for log in logs]

    found = decreasing_root(lambda power: sum(at(power), start=-_ONE), Decimal(0), guess=_ONE)
    return Fair("power", tuple(at(found)), found)


def _odds_ratio(implied: Sequence[Fraction]) -> Fair:
    """Divide the odds for each by one ratio: the logarithmic method."""
    values = [real(each) for each in implied]

    def at(ratio: Decimal) -> list[Decimal]:
        return [each / (ratio + each - ratio * each) for each in values]

    found = decreasing_root(lambda ratio: sum(at(ratio), start=-_ONE), Decimal(0), guess=_ONE)
    return Fair("odds_ratio", tuple(at(found)), found)


def _shin(implied: Sequence[Fraction]) -> Fair:
    """Take the margin for a guard against a share of bettors who know the winner."""
    total = sum(implied)
    if total < 1:
        raise InvalidInput(
            f"the book sums to {real(total):.6f}: Shin's method needs a margin to explain, take power"
        )
    squares = [4 * real(each * each / total) for each in implied]

    def at(insiders: Decimal) -> list[Decimal]:
        rest = _ONE - insiders
        return [((insiders**2 + rest * square).sqrt() - insiders) / (2 * rest) for square in squares]

    found = decreasing_root(lambda insiders: sum(at(insiders), start=-_ONE), Decimal(0), limit=_ONE)
    return Fair("shin", tuple(at(found)), found)


def _goto(implied: Sequence[Fraction]) -> Fair:
    """Take from each in proportion to its standard error: a long shot loses the larger part."""
    errors = [real(1 - each).sqrt() for each in implied]
    step = real(sum(implied) - 1) / sum(errors, start=Decimal(0))
    pairs = zip(implied, errors, strict=True)
    return Fair("goto", tuple(real(each) - error * step for each, error in pairs))


METHODS: Mapping[str, Callable[[Sequence[Fraction]], Fair]] = MappingProxyType(
    {
        "multiplicative": _multiplicative,
        "additive": _additive,
        "power": _power,
        "shin": _shin,
        "odds_ratio": _odds_ratio,
        "goto": _goto,
        "logarithmic": _odds_ratio,
        "margin_weights_proportional_to_odds": _additive,
    }
)
"""By name; the last two are other names for what stands above them."""
