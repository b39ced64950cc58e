"""Exact numbers: odds, shares and amounts are checked here, and fractions are written as text."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.core.money import MINOR_UNITS_MAX, whole
from pitboss.core.texts import marked

ODDS_MAX = 99_999_999
"""Longer decimal odds than the column of prices holds are a mistake."""
TEXT_LENGTH_MAX = 1_000
"""Of a number as text: what the widest exact slip comes to has a few hundred digits."""
EXPONENT_MAX = 400
DIGITS = 34
"""Significant digits of what has no exact value: roots, exponents, logarithms."""
REAL = decimal.Context(
    prec=DIGITS, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
)

Exact = Decimal | Fraction | int
Rounding = str | Callable[[Fraction], int]
"""The name of a rounding rule of the kernel, or a function that rounds."""


def exact(value: Exact, of: str) -> Fraction:
    """Read a number exactly; a float is refused, because it is not the number that was written."""
    if type(value) is Fraction:
        return value
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int):
        raise InvalidInput(f'{of} is {value!r}: give an exact number, such as Decimal("0.5")')
    if isinstance(value, Decimal):
        _check_size(value, of)
    return Fraction(value)


def _check_size(value: Decimal, of: str) -> None:
    """Refuse what is not finite, and what few digits and an exponent would make a giant of."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise InvalidInput(f"{of} is {value}: give a finite number")
    if abs(exponent) > EXPONENT_MAX:
        raise InvalidInput(
            f"{of} is {value:.3e}: give at most {EXPONENT_MAX} digits before or after the point"
        )


def price(value: Exact, of: str = marked("the odds")) -> Fraction:
    """Read decimal odds: above 1, the stake included.

    >>> price(Decimal("2.50"))
    Fraction(5, 2)
    """
    odds = exact(value, of)
    # Whole numbers: two fractions take ten times as long to compare.
    if not odds.denominator < odds.numerator <= ODDS_MAX * odds.denominator:
        raise InvalidInput(f"{of} is {value}: decimal odds are above 1 and at most {ODDS_MAX}")
    return odds


def share(value: Exact, of: str) -> Fraction:
    """Read a part of a whole: from 0 to 1."""
    part = exact(value, of)
    if not 0 <= part <= 1:
        raise InvalidInput(f"{of} is {value}: give a share from 0 to 1")
    return part


def chance(value: Exact, of: str = marked("the probability")) -> Fraction:
    """Read a probability that can be priced: above 0 and below 1."""
    part = exact(value, of)
    if not 0 < part < 1:
        raise InvalidInput(f"{of} is {value}: give a probability between 0 and 1")
    return part


def minor(value: int, of: str) -> int:
    """Check that a value is a whole, not negative number of minor units that an account holds."""
    if type(value) is not int or not 0 <= value <= MINOR_UNITS_MAX:
        raise InvalidInput(f"{of} is {value!r}: give whole minor units from 0 to {MINOR_UNITS_MAX}")
    return value


def rounded(value: Fraction, rounding: Rounding = "half_up") -> int:
    """Round to whole minor units, by the name of a rule or by a function."""
    return whole(value, rounding) if isinstance(rounding, str) else rounding(value)


def reals() -> AbstractContextManager[decimal.Context]:
    """Reckon with decimals of `DIGITS` digits while this is open."""
    return decimal.localcontext(REAL)


def real(value: Exact) -> Decimal:
    """Return the decimal nearest to a number."""
    if isinstance(value, Fraction):
        return REAL.divide(Decimal(value.numerator), Decimal(value.denominator))
    return REAL.create_decimal(value)


def text(value: Fraction) -> str:
    """Write a number exactly: as a decimal where it ends, else as a fraction.

    >>> text(Fraction("8.85")), text(Fraction(1, 3)), text(Fraction(6))
    ('8.85', '1/3', '6')
    """
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def read(written: str, of: str = marked("the number")) -> Fraction:
    """Read what `text` wrote.

    >>> read("8.85"), read("1/3")
    (Fraction(177, 20), Fraction(1, 3))
    """
    # An exponent would make a number of any size out of few digits.
    if not isinstance(written, str) or len(written) > TEXT_LENGTH_MAX or "e" in written.lower():
        raise InvalidInput(f'{of} is {str(written)[:40]!r}: write it as "1.25" or "1/3"')
    try:
        return Fraction(written)
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(f'{of} is {written[:40]!r}: write it as "1.25" or "1/3"') from None
