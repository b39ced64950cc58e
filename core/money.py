"""Exact amounts: whole minor units of a named currency, and the one place where they are rounded."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from pitboss.core.errors import InvalidInput, nearest

MINOR_UNITS_MAX = 2**63 - 1
"""The most that a BIGINT column holds."""

_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT "
    "TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
CURRENCIES: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_TWO.split(), 2)
    | dict.fromkeys(_NO_MINOR.split(), 0)
    | dict.fromkeys(_THREE.split(), 3)
    | {"PTS": 0, "RWD": 0, "TKT": 0, "SPN": 0, "WGR": 2}
)
"""Decimal places by code: ISO 4217, and our own units: points, reward points, tickets, spins, wagering."""

ROUNDING_RULES: Mapping[str, str] = MappingProxyType(
    {
        "half_up": decimal.ROUND_HALF_UP,
        "half_even": decimal.ROUND_HALF_EVEN,
        "half_down": decimal.ROUND_HALF_DOWN,
        "down": decimal.ROUND_DOWN,
        "up": decimal.ROUND_UP,
        "floor": decimal.ROUND_FLOOR,
        "ceiling": decimal.ROUND_CEILING,
    }
)
_EXACT = decimal.Context(prec=60, traps=[decimal.InvalidOperation, decimal.DivisionByZero])


def whole(value: Fraction, rule: str = "half_up") -> int:
    """Round an exact number of minor units to a whole one, by a named rule.

    >>> whole(Fraction(5, 2)), whole(Fraction(5, 2), "half_even"), whole(Fraction(-5, 2), "down")
    (3, 2, -2)
    """
    even, rest = divmod(abs(value.numerator), 2 * value.denominator)
    # Rounding asks for sign, parity and the side of a half: quarters answer all three in an exact decimal.
    halves, more = divmod(2 * rest, value.denominator)
    quarters = 2 * halves + (more > 0)
    near = (Decimal(quarters) / 4).copy_sign(-1 if value < 0 else 1)
    return (-2 if value < 0 else 2) * even + int(near.to_integral_value(_mode(rule)))


def _mode(rule: str) -> str:
    try:
        return ROUNDING_RULES[rule]
    except KeyError:
        raise InvalidInput(f"unknown rounding rule {rule!r}: {nearest(rule, list(ROUNDING_RULES))}") from None


@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of minor units in a currency: `Money(1050, "EUR")` is 10.50 EUR."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidInput(
                f"money is a whole number of minor units, not {self.minor!r}: use Currencies.parse for text"
            )

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise InvalidInput(f"{self.currency} and {other.currency} do not mix: convert first")

    def split(self, weights: Sequence[int]) -> tuple[list[Money], Money]:
        """Divide by whole-number weights, each part rounded down; return the parts and the rest.

        >>> parts, rest = Money(1000, "EUR").split([1, 1, 1])
        >>> [p.minor for p in parts], rest.minor
        ([333, 333, 333], 1)
        """
        is_whole = all(type(weight) is int and weight >= 0 for weight in weights)
        if not is_whole or sum(weights) == 0:
            raise InvalidInput(f"weights {list(weights)} cannot split an amount: give positive ones")
        total = sum(weights)
        sign = -1 if self.minor < 0 else 1
        parts = [Money(sign * (abs(self.minor) * weight // total), self.currency) for weight in weights]
        rest = self.minor - sum(part.minor for part in parts)
        return parts, Money(rest, self.currency)


class Currencies:
    """The units one tenant keeps accounts in: ISO 4217, our own, and any it adds."""

    def __init__(self, extra: Mapping[str, int] | None = None) -> None:
        self.extra = dict(extra or {})
        """The tenant's own units."""
        self._places = {**CURRENCIES, **self.extra}

    def __contains__(self, code: object) -> bool:
        return code in self._places

    def places(self, code: str) -> int:
        """Return the decimal places of a currency."""
        try:
            return self._places[code]
        except KeyError:
            raise InvalidInput(f"unknown currency {code!r}: {nearest(code, list(self._places))}") from None

    def parse(self, text: str, currency: str) -> Money:
        """Read an exact amount; more decimals than the currency has are refused, not rounded.

        >>> Currencies().parse("10.50", "EUR")
        Money(minor=1050, currency='EUR')
        """
        if not isinstance(text, str):
            raise InvalidInput(f'an amount is text such as "10.50", not {text!r}')
        try:
            value = _EXACT.create_decimal(text.strip())
        except decimal.InvalidOperation:
            raise InvalidInput(f'{text!r} is not an amount: write it as "10.50"') from None
        places = self.places(currency)
        if not value.is_finite():
            raise InvalidInput(f"{text!r} is not a finite amount")
        if abs(value) > MINOR_UNITS_MAX:
            raise InvalidInput(f"{text!r} is more than an account can hold")
        scaled = value.scaleb(places, _EXACT)
        if scaled != scaled.to_integral_value():
            raise InvalidInput(f"{text!r} has more than the {places} decimals of {currency}")
        return self._bounded(int(scaled), currency)

    def round(self, value: Decimal, currency: str, rule: str = "half_up") -> tuple[Money, Decimal]:
        """Round once, by a named rule; return the amount and what the rounding added or took.

        >>> Currencies().round(Decimal("1.005"), "EUR")
        (Money(minor=101, currency='EUR'), Decimal('0.5'))
        """
        if not isinstance(value, Decimal) or not value.is_finite():
            raise InvalidInput(f"an amount is rounded from an exact decimal, not from {value!r}")
        mode = _mode(rule)
        scaled = value.scaleb(self.places(currency), _EXACT)
        whole = scaled.to_integral_value(rounding=mode)
        return self._bounded(int(whole), currency), _EXACT.subtract(whole, scaled)

    def text(self, money: Money) -> str:
        """Write an amount with all the decimals of its currency.

        >>> Currencies().text(Money(-5, "EUR"))
        '-0.05'
        """
        return str(Decimal(money.minor).scaleb(-self.places(money.currency), _EXACT))

    @staticmethod
    def _bounded(minor: int, currency: str) -> Money:
        if abs(minor) > MINOR_UNITS_MAX:
            raise InvalidInput(f"{minor} minor units of {currency} are more than an account holds")
        return Money(minor, currency)
