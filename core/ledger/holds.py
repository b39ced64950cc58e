"""Set money aside for something that is not decided yet, then take it or give it back, once.

A hold is the journal that moved the money from a purse to its hold account. It is closed by one more
journal, `close:<key>`: so a hold that was captured cannot be released, nor the other way round. To
take a part now and the rest later, capture the part and authorise the rest in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pitboss.core.errors import Conflict, InvalidInput, KeyReused
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.book import post
from pitboss.core.ledger.journals import Journal, find_journal
from pitboss.core.ledger.posting import Leg, Posted

OP_AUTHORISE = "hold.authorise"
OP_CAPTURE = "hold.capture"
OP_RELEASE = "hold.release"
CLOSE_PREFIX = "close:"


def authorise(
    connection: Connection,
    *,
    key: str,
    amounts: Mapping[Account, int],
    actor: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Posted:
    """Set amounts aside from one purse or several, in the order given.

    Each purse has its own hold: `wallet` pays into `hold`, `bonus:7` into `bonus_hold:7`.
    """
    legs = [Leg(purse, hold_of(purse), amount) for purse, amount in amounts.items()]
    return post(connection, key=key, op=OP_AUTHORISE, legs=legs, actor=actor, metadata=metadata, at=at)


def capture(
    connection: Connection,
    *,
    key: str,
    target: Account,
    amount: int | None = None,
    also: Sequence[Leg] = (),
    actor: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> Posted:
    """Pay what is held under a key to a target, and give back what is above the amount.

    Without an amount all of it is taken, purse by purse in the order in which they were authorised.
    The legs in `also` (winnings, a fee) belong to the same journal.
    """
    hold = _hold(connection, key)
    held = sum(leg.amount for leg in hold.legs)
    taken = held if amount is None else amount
    if type(taken) is not int or not 0 < taken <= held:
        raise InvalidInput(f"hold {key!r} is of {held} minor units: capture 1 to {held}, not {taken!r}")
    legs = []
    for leg in hold.legs:
        part = min(taken, leg.amount)
        taken -= part
        if part:
            legs.append(Leg(leg.credit, target, part))
        if part < leg.amount:
            legs.append(Leg(leg.credit, leg.debit, leg.amount - part))
    return _close(connection, key, OP_CAPTURE, [*legs, *also], actor, reason, at)


def release(
    connection: Connection,
    *,
    key: str,
    actor: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> Posted:
    """Give back all that is held under a key."""
    hold = _hold(connection, key)
    legs = [Leg(leg.credit, leg.debit, leg.amount) for leg in hold.legs]
    return _close(connection, key, OP_RELEASE, legs, actor, reason, at)


def hold_of(purse: Account) -> Account:
    """Return the account that holds what is set aside from a purse.

    >>> hold_of(Account("player:7", "bonus:3", "EUR")).kind
    'bonus_hold:3'
    """
    head, colon, rest = purse.kind.partition(":")
    return purse.sibling("hold" if head == "wallet" else f"{head}_hold{colon}{rest}")


def _hold(connection: Connection, key: str) -> Journal:
    journal = find_journal(connection, key)
    if journal.op != OP_AUTHORISE:
        raise InvalidInput(f"key {key!r} is a {journal.op}, not a hold: name a key given to authorise")
    return journal


def _close(
    connection: Connection,
    key: str,
    op: str,
    legs: Sequence[Leg],
    actor: str | None,
    reason: str | None,
    at: datetime | None,
) -> Posted:
    closing = f"{CLOSE_PREFIX}{key}"
    try:
        return post(connection, key=closing, op=op, legs=legs, actor=actor, reason=reason, at=at)
    except KeyReused as error:
        raise Conflict(
            f"hold {key!r} was closed in another way already: look at journal {closing}"
        ) from error
