"""Take a journal back by counter-transfers: once, and never by an edit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from pitboss.core.errors import Conflict
from pitboss.core.ledger.accounts import PLAYER_PREFIX, Account
from pitboss.core.ledger.book import submit
from pitboss.core.ledger.directory import directory_of, tenant_of
from pitboss.core.ledger.journals import find_journal
from pitboss.core.ledger.posting import Leg, Posted, Posting
from pitboss.core.ledger.tables import ACCOUNT, DERIVED_ID_MIN

OP_REVERSE = "reverse"
REVERSE_PREFIX = "reverse:"
RECEIVABLE = "receivable"

Shortfall = Literal["refuse", "receivable"]


def reverse(
    connection: Connection,
    *,
    key: str,
    shortfall: Shortfall = "refuse",
    actor: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> Posted:
    """Reverse the journal of a key; a second time gives the first answer.

    When a player has spent the money meanwhile, `refuse` raises InsufficientFunds, and `receivable`
    takes what is there and books the rest as owed on the player's receivable account.
    """
    journal = find_journal(connection, key)
    if journal.reverses is not None:
        raise Conflict(f"journal {key!r} is itself a reversal: post anew instead of reversing it")
    legs = [Leg(leg.credit, leg.debit, leg.amount) for leg in reversed(journal.legs)]
    if shortfall == "receivable":
        legs = with_debt(connection, legs)
    posting = Posting(
        key=f"{REVERSE_PREFIX}{key}",
        op=OP_REVERSE,
        legs=legs,
        reverses=journal.id,
        actor=actor,
        reason=reason,
        at=at,
        # The legs depend on what the player holds at that moment; the request does not.
        request=key,
    )
    return submit(connection, posting)


def with_debt(connection: Connection, legs: Sequence[Leg]) -> list[Leg]:
    """Return the legs so that what players cannot pay is booked as owed, and none falls below its floor.

    For what takes back a part of a journal; `reverse` takes back the whole. Their accounts stay locked.
    """
    missing = _missing(connection, legs)
    kept: list[Leg] = []
    for leg in legs:
        owed = min(missing.get(leg.debit, 0), leg.amount)
        if owed:
            missing[leg.debit] -= owed
            kept.append(Leg(leg.debit.sibling(RECEIVABLE), leg.credit, owed))
        if owed < leg.amount:
            kept.append(Leg(leg.debit, leg.credit, leg.amount - owed))
    return kept


def _missing(connection: Connection, legs: Sequence[Leg]) -> dict[Account, int]:
    loss: dict[Account, int] = {}
    for leg in legs:
        loss[leg.debit] = loss.get(leg.debit, 0) + leg.amount
        loss[leg.credit] = loss.get(leg.credit, 0) - leg.amount
    held = _locked_balances(connection, list(loss))
    return {
        account: lost - held[account]
        for account, lost in loss.items()
        if account.owner.startswith(PLAYER_PREFIX)
        and account.nature.floor is not None
        and lost > held[account]
    }


def _locked_balances(connection: Connection, accounts: Sequence[Account]) -> dict[Account, int]:
    ids = directory_of(connection).resolve(connection, tenant_of(connection), accounts)
    stored = {number: account for account, number in ids.items() if number < DERIVED_ID_MIN}
    rows = connection.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.balance)
        .where(ACCOUNT.c.id.in_(stored))
        .order_by(ACCOUNT.c.id)
        .with_for_update(key_share=True)
    )
    return {stored[number]: balance for number, balance in rows}
