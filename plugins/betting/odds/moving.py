"""How prices move: by a target of margin, by what the house would lose, by a market maker, by a feed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, chance, exact, price, real, reals
from pitboss.plugins.betting.odds.ladder import HUNDREDTHS, Rung, round_down
from pitboss.plugins.betting.odds.margins import SELECTIONS_MAX, remove_margin

BOOK_SUM_MAX = 3
"""A target above this is a mistake of units: 1.06, not 106."""
NEAR_ONE = Fraction(1, 10**6)
"""How far probabilities may be from 1 in sum, for they come rounded."""
_LEAST = Decimal("0.000001")
"""No probability moves below this, so that each keeps a price."""


def offered(
    probabilities: Sequence[Exact], book_sum: Exact, ladder: Sequence[Rung] = HUNDREDTHS
) -> list[Decimal]:
    """Return the prices of a book: the margin as large a part of each, then down to the ladder.

    Down, so that the margin is never below its target.

    >>> offered([Decimal("0.5"), Decimal("0.3"), Decimal("0.2")], Decimal("1.06"))
    [Decimal('1.88'), Decimal('3.14'), Decimal('4.71')]
    """
    return [round_down(each, ladder) for each in fair_offers(probabilities, book_sum)]


def fair_offers(probabilities: Sequence[Exact], book_sum: Exact) -> list[Fraction]:
    """Return those prices before they go down to a ladder."""
    target = exact(book_sum, marked("the target of the book"))
    if not 1 <= target <= BOOK_SUM_MAX:
        raise InvalidInput(f"the target of the book is {book_sum}: give 1 to {BOOK_SUM_MAX}, such as 1.06")
    return [
        price(1 / (each * target), marked("a price of so likely a selection"))
        for each in checked(probabilities)
    ]


def checked(probabilities: Sequence[Exact]) -> list[Fraction]:
    """Refuse probabilities that do not sum to 1."""
    if not 2 <= len(probabilities) <= SELECTIONS_MAX:
        raise InvalidInput(f"{len(probabilities)} probabilities: give 2 to {SELECTIONS_MAX}")
    found = [chance(each) for each in probabilities]
    if abs(sum(found, start=Fraction(-1))) > NEAR_ONE:
        raise InvalidInput(f"the probabilities sum to {real(sum(found, start=Fraction(0))):.8g}: make it 1")
    return found


def maker_prices(
    shares: Sequence[Exact], liquidity: Exact, *, prior: Sequence[Exact] | None = None
) -> list[Decimal]:
    """Return the prices of a logarithmic market maker (LMSR), after it sold so many shares of each.

    >>> [round(each, 4) for each in maker_prices([50, 0], 100)]
    [Decimal('0.6225'), Decimal('0.3775')]
    """
    weights = _weights(shares, liquidity, prior)
    with reals():
        total = sum(weights, start=Decimal(0))
        return [each / total for each in weights]


def maker_cost(shares: Sequence[Exact], bought: Sequence[Exact], liquidity: Exact) -> Decimal:
    """Return what the market maker asks for a bundle of shares.

    >>> round(maker_cost([0, 0], [50, 0], 100), 4)
    Decimal('28.0930')
    """
    after = [exact(a, "shares") + exact(b, "shares") for a, b in zip(shares, bought, strict=True)]
    return _potential(after, liquidity) - _potential(shares, liquidity)


def maker_loss_max(selections: int, liquidity: Exact) -> Decimal:
    """Return the most that the market maker can lose.

    >>> round(maker_loss_max(2, 100), 4)
    Decimal('69.3147')
    """
    with reals():
        return real(_liquidity(liquidity)) * Decimal(selections).ln()


def by_liability(probabilities: Sequence[Exact], returns: Sequence[int], *, scale: int) -> list[Decimal]:
    """Shift probabilities to where the house would pay most: the price there shortens, the others lengthen.

    `returns` are what the open bets would be paid if each selection won, `scale` is how much more of it
    multiplies the odds for a selection by e. It is the market maker's rule, with our own view as a prior.

    >>> [round(each, 3) for each in by_liability([Decimal("0.5"), Decimal("0.5")], [10000, 0], scale=100000)]
    [Decimal('0.525'), Decimal('0.475')]
    """
    if len(returns) != len(probabilities):
        raise InvalidInput(
            f"{len(returns)} returns for {len(probabilities)} probabilities: give one for each"
        )
    moved = maker_prices(returns, scale, prior=checked(probabilities))
    with reals():
        kept = [max(each, _LEAST) for each in moved]
        total = sum(kept, start=Decimal(0))
        return [each / total for each in kept]


def consensus(books: Sequence[Sequence[Exact]], method: str = "power") -> list[Decimal]:
    """Return what several bookmakers' prices say together: without their margins, the median of each.

    >>> [round(p, 2) for p in consensus([[Decimal("1.9"), Decimal("1.9")], [Decimal("1.9"), Decimal("2")]])]
    [Decimal('0.51'), Decimal('0.49')]
    """
    if not books or len({len(book) for book in books}) != 1:
        raise InvalidInput(
            "the books do not have the same selections: give at least one, and all prices of each"
        )
    fair = [remove_margin(book, method).probabilities for book in books]
    middles = [median(column) for column in zip(*fair, strict=True)]
    with reals():
        total = sum(middles, start=Decimal(0))
        return [each / total for each in middles]


def _liquidity(value: Exact) -> Fraction:
    found = exact(value, marked("the liquidity"))
    if found <= 0:
        raise InvalidInput(f"the liquidity is {value}: give more than 0")
    return found


def _weights(shares: Sequence[Exact], liquidity: Exact, prior: Sequence[Exact] | None) -> list[Decimal]:
    """Return e to the power of each part, against the largest so that none overflows."""
    parts = [exact(each, "shares") / _liquidity(liquidity) for each in shares]
    if not 2 <= len(parts) <= SELECTIONS_MAX:
        raise InvalidInput(f"{len(parts)} selections: give 2 to {SELECTIONS_MAX}")
    largest = max(parts)
    before = prior if prior is not None else [1] * len(parts)
    with reals():
        return [real(each) * real(part - largest).exp() for each, part in zip(before, parts, strict=True)]


def _potential(shares: Sequence[Exact], liquidity: Exact) -> Decimal:
    """Return b ln(sum of e^(q/b)), again against the largest."""
    weights = _weights(shares, liquidity, None)
    largest = max(exact(each, "shares") for each in shares)
    with reals():
        return real(_liquidity(liquidity)) * sum(weights, start=Decimal(0)).ln() + real(largest)
