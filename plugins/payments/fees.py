"""What a provider costs the player, and which amounts it takes: pure arithmetic on the tenant's settings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.money import Currencies, Money
from pitboss.core.texts import marked

_HUNDRED = Decimal(100)


def fee_of(
    amount: Money, provider: Mapping[str, Any], kind: str, *, currencies: Currencies, rule: str
) -> Money:
    """Return the fee of a deposit or withdrawal: a part of the amount and a fixed sum, rounded once."""
    percent = provider[f"{kind}_fee_percent"]
    exact = Decimal(amount.minor) * percent / _HUNDRED + provider[f"{kind}_fee_fixed"]
    major = exact.scaleb(-currencies.places(amount.currency))
    fee, _ = currencies.round(major, amount.currency, rule)
    return fee


def check_amount(
    amount: Money, provider: Mapping[str, Any], settings: Mapping[str, Any], kind: str, currencies: Currencies
) -> None:
    """Refuse an amount outside what the tenant and the provider take, naming the bound."""
    least, most = bounds_of(provider, settings, kind)
    if amount.minor < least:
        _refuse(
            marked(f"the least {kind} is {currencies.text(Money(least, amount.currency))} {amount.currency}")
        )
    if most is not None and amount.minor > most:
        _refuse(
            marked(
                f"the most of one {kind} is {currencies.text(Money(most, amount.currency))} {amount.currency}"
            )
        )


def bounds_of(provider: Mapping[str, Any], settings: Mapping[str, Any], kind: str) -> tuple[int, int | None]:
    """Return the least and the most of one payment: the tighter of the tenant's and the provider's."""
    least = max(settings[f"{kind}_min"], provider[f"{kind}_min"] or 0, 1)
    limits = [limit for limit in (settings[f"{kind}_max"], provider[f"{kind}_max"]) if limit is not None]
    return least, min(limits, default=None)


def check_fee(amount: Money, fee: Money, currencies: Currencies) -> None:
    """Refuse a payment of which the fee leaves nothing."""
    if fee.minor >= amount.minor:
        text = currencies.text(fee)
        _refuse(marked(f"the fee of {text} {fee.currency} leaves nothing of it: ask for more"))


def share_of(fee: int, *, before: int, part: int, whole: int) -> int:
    """Return the part of a fee that goes back with a part of a payment; the parts sum to the fee.

    >>> [share_of(100, before=b, part=p, whole=999) for b, p in ((0, 333), (333, 333), (666, 333))]
    [33, 33, 34]
    """
    return fee * (before + part) // whole - fee * before // whole


def _refuse(message: str) -> None:
    raise InvalidInput(f"amount: {message}", {"amount": [message[0].upper() + message[1:] + "."]})
