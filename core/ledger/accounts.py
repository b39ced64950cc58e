"""Name accounts: by owner, kind and currency, which also say how an account behaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import msgspec

from pitboss.core.errors import InvalidInput
from pitboss.core.ledger.tables import (
    CURRENCY_LENGTH_MAX,
    DERIVED_ID_MIN,
    HOUSE_ID_MIN,
    KIND_LENGTH_MAX,
    OWNER_LENGTH_MAX,
)

HOUSE = "house"
PLAYER_PREFIX = "player:"

UNFLOORED_KINDS = frozenset({"receivable"})
"""What a player owes is a balance below zero."""
POOL_KINDS = frozenset({"pool", "jackpot", "budget"})
"""Kinds of the house that must never be overspent, so their balance is stored and has a floor."""


@dataclass(frozen=True, slots=True)
class Nature:
    """How an account behaves; fixed when it is opened."""

    floor: int | None
    first_id: int
    """Where the numbers of such accounts begin: all lock accounts in the order of their numbers."""

    @property
    def is_derived(self) -> bool:
        """Tell whether it stores no balance."""
        return self.first_id == DERIVED_ID_MIN


_PURSE = Nature(floor=0, first_id=1)
_DEBT = Nature(floor=None, first_id=1)
_POOL = Nature(floor=0, first_id=HOUSE_ID_MIN)
_DERIVED = Nature(floor=None, first_id=DERIVED_ID_MIN)


# A Struct, because each leg looks its accounts up, and its hash is kept.
class Account(msgspec.Struct, frozen=True, cache_hash=True, array_like=True):
    """Refer to an account by name; it is opened when it is first posted to.

    A kind may be divided by a colon: each bonus has its own purse, `bonus:<id>`.
    """

    owner: str
    kind: str
    currency: str

    def __post_init__(self) -> None:
        _check("owner", self.owner, OWNER_LENGTH_MAX)
        _check("kind", self.kind, KIND_LENGTH_MAX)
        _check("currency", self.currency, CURRENCY_LENGTH_MAX)
        if not self.currency.isalnum():
            raise InvalidInput(f"a currency is letters and digits, such as 'EUR', not {self.currency!r}")

    def __str__(self) -> str:
        return f"{self.owner}/{self.kind}/{self.currency}"

    @property
    def nature(self) -> Nature:
        """Return how the account behaves."""
        head = self.kind.partition(":")[0]
        if self.owner.startswith(PLAYER_PREFIX):
            return _DEBT if head in UNFLOORED_KINDS else _PURSE
        if self.owner == HOUSE and head not in POOL_KINDS:
            return _DERIVED
        return _POOL

    def sibling(self, kind: str) -> Account:
        """Return the owner's account of another kind in the same currency."""
        return Account(self.owner, kind, self.currency)


def player(player_id: UUID | str, kind: str, currency: str) -> Account:
    """Name a player's account: floored at zero, but for `receivable`.

    >>> player("7f", "wallet", "EUR")
    Account(owner='player:7f', kind='wallet', currency='EUR')
    """
    return Account(f"{PLAYER_PREFIX}{player_id}", kind, currency)


@lru_cache(maxsize=256)
def house(kind: str, currency: str) -> Account:
    """Name an account of the house, such as `house`, `clearing`, `bonus_cost` or `rounding`.

    It stores no balance, so any number of postings may meet on it; pools and budgets do, and have a
    floor.
    """
    return Account(HOUSE, kind, currency)


def pool(owner: str, currency: str, kind: str = "pool") -> Account:
    """Name an account of someone else, floored at zero: `pool("jackpot:7", "EUR")`."""
    return Account(owner, kind, currency)


def rounding(currency: str) -> Account:
    """Name the tenant's account for what is left over when amounts are divided."""
    return house("rounding", currency)


def _check(name: str, value: object, limit: int) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= limit or "\0" in value:
        raise InvalidInput(f"{name} of an account is text of 1 to {limit} letters, not {value!r}")
