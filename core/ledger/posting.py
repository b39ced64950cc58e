"""What is asked of the ledger, and what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from pitboss.core.errors import InvalidInput
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.tables import (
    ACTOR_LENGTH_MAX,
    DERIVED_ID_MIN,
    KEY_LENGTH_MAX,
    OP_LENGTH_MAX,
)

LEGS_MAX = 1_000
"""The most transfers of one journal; larger work is several postings."""
AMOUNT_MAX = 10**15
"""The most of one transfer, in minor units: so that a mistake cannot fill a column."""
REASON_LENGTH_MAX = 2_000

_ENCODER = msgspec.json.Encoder()


class Leg(msgspec.Struct, frozen=True, array_like=True):
    """Move an amount of minor units from the debited account to the credited one."""

    debit: Account
    credit: Account
    amount: int

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise InvalidInput(
                f"an amount is a whole number of minor units, not {self.amount!r}: "
                "use Currencies.parse for text"
            )
        if not 0 < self.amount <= AMOUNT_MAX:
            raise InvalidInput(
                f"an amount is 1 to {AMOUNT_MAX} minor units, not {self.amount}: "
                "swap debit and credit to move money back"
            )
        if self.debit.currency != self.credit.currency:
            raise InvalidInput(
                f"{self.debit} and {self.credit} differ in currency: "
                "exchange through a pair of house accounts, one in each currency"
            )
        if self.debit == self.credit:
            raise InvalidInput(f"{self.debit} cannot pay itself: name another account")

    @property
    def currency(self) -> str:
        """Return the currency of both accounts."""
        return self.debit.currency


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Legs that apply together or not at all, under one idempotency key."""

    key: str
    """The business identity of what happens: `bet:{id}:settle`. It never expires."""
    op: str
    legs: Sequence[Leg]
    reverses: int | None = None
    actor: str | None = None
    reason: str | None = None
    metadata: Mapping[str, Any] | None = None
    at: datetime | None = None
    """When it happened; the database's clock where it is None."""
    request: str | None = None
    """What the key stands for, where the legs depend on balances; the legs themselves otherwise."""

    def __post_init__(self) -> None:
        _check_text("key", self.key, KEY_LENGTH_MAX)
        _check_text("op", self.op, OP_LENGTH_MAX)
        if self.actor is not None:
            _check_text("actor", self.actor, ACTOR_LENGTH_MAX)
        if self.reason is not None:
            _check_text("reason", self.reason, REASON_LENGTH_MAX)
        if not 0 < len(self.legs) <= LEGS_MAX:
            raise InvalidInput(f"posting {self.key!r} has {len(self.legs)} legs: give 1 to {LEGS_MAX}")
        if self.at is not None and self.at.tzinfo is None:
            raise InvalidInput(f"{self.at!r} has no time zone: give an aware datetime")

    def hash(self) -> bytes:
        """Return what tells a repeated request from another one under the same key.

        Actor, metadata and time are left out: a retry may come from another worker.
        """
        what = self.legs if self.request is None else self.request
        return hashlib.sha256(_ENCODER.encode((self.op, self.reverses, self.reason, what))).digest()


class Posted(msgspec.Struct, frozen=True):
    """The journal that holds a posting; `replayed` when an earlier call had written it."""

    journal_id: int
    replayed: bool


def net_of(posting: Posting, ids: Mapping[Account, int]) -> dict[int, int]:
    """Return what each stored account gains or loses, in the order in which all lock them."""
    net: dict[int, int] = {}
    for leg in posting.legs:
        debit, credit, amount = ids[leg.debit], ids[leg.credit], leg.amount
        if debit < DERIVED_ID_MIN:
            net[debit] = net.get(debit, 0) - amount
        if credit < DERIVED_ID_MIN:
            net[credit] = net.get(credit, 0) + amount
    return {number: net[number] for number in sorted(net) if net[number]}


def _check_text(name: str, value: object, limit: int) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= limit or "\0" in value:
        raise InvalidInput(f"{name} of a posting is text of 1 to {limit} letters, not {value!r}")
