"""Odds as people write them: decimal, fractional, American, Hong Kong, Malay, Indonesian, probability."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.money import whole
from pitboss.plugins.betting.exact import ODDS_MAX, REAL, Exact, price, real

Format = Literal["decimal", "fractional", "american", "hong_kong", "malay", "indonesian", "probability"]
FORMATS: tuple[Format, ...] = get_args(Format)
TEXT_LENGTH_MAX = 32
STRUCK_PLACES = 4
"""Decimals of a price that is stored and struck."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_FRACTION = re.compile(r"(\d+)\s*[/-]\s*(\d+)")
_EVENS = ("evens", "evs", "even")


def convert(odds: Exact, to: Format) -> Fraction:
    """Return decimal odds exactly in another format.

    >>> convert(Decimal("1.50"), "american"), convert(Decimal("2.50"), "malay")
    (Fraction(-200, 1), Fraction(-2, 3))
    """
    exact, net = price(odds), price(odds) - 1
    if to == "decimal":
        return exact
    if to in ("fractional", "hong_kong"):
        return net
    if to == "american":
        return 100 * net if net >= 1 else -100 / net
    if to == "malay":
        return net if net <= 1 else -1 / net
    if to == "indonesian":
        return net if net >= 1 else -1 / net
    if to == "probability":
        return 1 / exact
    raise _unknown(to)


def show(odds: Exact, to: Format) -> str:
    """Write decimal odds in a player's format.

    >>> [show(Decimal("2.5"), each) for each in FORMATS]
    ['2.50', '3/2', '+150', '1.50', '-0.67', '1.50', '40.0%']
    """
    return _written(odds, to)


# Prices are few, and each is shown again and again. By type, or a float would be taken for what it equals.
@lru_cache(maxsize=4_096, typed=True)
def _written(odds: Exact, to: Format) -> str:
    value = convert(odds, to)
    if to == "fractional":
        return f"{value.numerator}/{value.denominator}"
    if to == "american":
        return f"{whole(value):+d}"
    if to == "probability":
        return f"{_places(value * 100, 1)}%"
    return _shown(value)


def parse(text: str, written: Format) -> Fraction:
    """Read odds in a format; return the exact decimal odds.

    >>> parse("8/13", "fractional"), parse("-110", "american"), parse("evens", "fractional")
    (Fraction(21, 13), Fraction(21, 11), Fraction(2, 1))
    """
    if written not in FORMATS:
        raise _unknown(written)
    said = text.strip().lower() if isinstance(text, str) else ""
    if not said or len(said) > TEXT_LENGTH_MAX:
        raise _refused(text, written, f"write 1 to {TEXT_LENGTH_MAX} characters")
    if written == "fractional":
        return _read_fraction(said)
    value = _number(said.removesuffix("%") if written == "probability" else said, written)
    if written == "probability" and said.endswith("%"):
        value /= 100
    return _bounded(_READ[written](value), text, written)


def struck(odds: Exact, places: int = STRUCK_PLACES) -> Decimal:
    """Return odds as they are stored: rounded down, so that no price is better than what was written.

    >>> struck(Fraction(21, 11))
    Decimal('1.9090')
    """
    down = _down(price(odds), places)
    if down <= 1:
        raise InvalidInput(
            f"odds of {odds} are nothing with {places} decimals: give at least {1 + Decimal(10) ** -places}"
        )
    return down


def _down(value: Fraction, places: int) -> Decimal:
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places)


def _places(value: Fraction, places: int) -> Decimal:
    return Decimal(whole(value * 10**places)).scaleb(-places, REAL)


def _shown(value: Fraction) -> str:
    """Write exactly what has four decimals at most, with two at least; round the rest to two."""
    if (value * 10**STRUCK_PLACES).denominator != 1:
        return str(_places(value, 2))
    digits = _places(value, STRUCK_PLACES)
    shortest = digits.normalize(REAL)
    return (
        str(digits.quantize(Decimal("0.01"))) if -int(shortest.as_tuple().exponent) <= 2 else f"{shortest:f}"
    )


def _number(said: str, written: str) -> Fraction:
    if not _NUMBER.fullmatch(said):
        raise _refused(said, written, "write a number, such as 1.50")
    return Fraction(said)


def _read_fraction(said: str) -> Fraction:
    if said in _EVENS:
        return Fraction(2)
    found = _FRACTION.fullmatch(said)
    if not found or not int(found[1]) or not int(found[2]):
        raise _refused(said, "fractional", 'write two whole numbers above 0, such as "8/13"')
    return _bounded(1 + Fraction(int(found[1]), int(found[2])), said, "fractional")


def _from_american(value: Fraction) -> Fraction:
    if abs(value) < 100:
        raise _refused(value, "american", "write -100 or below, or +100 or above")
    return 1 + (value / 100 if value > 0 else -100 / value)


def _from_malay(value: Fraction) -> Fraction:
    if not value or abs(value) > 1:
        raise _refused(value, "malay", "write -1 to 1, not 0")
    return 1 + (value if value > 0 else -1 / value)


def _from_indonesian(value: Fraction) -> Fraction:
    if abs(value) < 1:
        raise _refused(value, "indonesian", "write -1 or below, or 1 or above")
    return 1 + (value if value > 0 else -1 / value)


def _from_probability(value: Fraction) -> Fraction:
    if not 0 < value < 1:
        raise _refused(value, "probability", "write a number between 0 and 1, or a percentage")
    return 1 / value


def _same(value: Fraction) -> Fraction:
    return value


def _from_net(value: Fraction) -> Fraction:
    return value + 1


_READ: Mapping[str, Callable[[Fraction], Fraction]] = MappingProxyType(
    {
        "decimal": _same,
        "hong_kong": _from_net,
        "american": _from_american,
        "malay": _from_malay,
        "indonesian": _from_indonesian,
        "probability": _from_probability,
    }
)


def _bounded(odds: Fraction, text: object, written: str) -> Fraction:
    if not 1 < odds <= ODDS_MAX:
        raise _refused(
            text, written, f"that is {real(odds):.6g} in decimal odds: write above 1, up to {ODDS_MAX}"
        )
    return odds


def _refused(value: object, written: str, cure: str) -> InvalidInput:
    return InvalidInput(f"{value!s:.40} is not {written.replace('_', ' ')} odds: {cure}")


def _unknown(written: str) -> InvalidInput:
    return InvalidInput(f"odds are not written in {written!r}: {nearest(written, FORMATS)}")
