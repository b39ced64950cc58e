"""Prove that the books are in order: each law is one statement that counts what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, exists, func, or_, select

from pitboss.core.ledger.balances import accounts, balance_now, counted_balance, moves_of
from pitboss.core.ledger.tables import ACCOUNT, JOURNAL, TRANSFER


def verify(connection: Connection) -> dict[str, int]:
    """Return how often each law is broken for the tenant of the connection: all 0 in good order.

    Run it per tenant: row-level security hides the others, even from the owner of the tables.
    """
    return {name: connection.execute(law).scalar_one() for name, law in _statements().items()}


@cache
def _statements() -> Mapping[str, Select[int]]:
    return {name: law() for name, law in LAWS.items()}


def reconcile(connection: Connection, acknowledged: Iterable[str]) -> dict[str, list[str]]:
    """Compare the tenant's journals with the keys that were acknowledged to those who asked.

    `missing` were acknowledged and are not in the books; `unexpected` are there and nobody knows them,
    as when one request was posted under two keys.
    """
    posted = set(connection.execute(select(JOURNAL.c.key)).scalars())
    known = set(acknowledged)
    return {"missing": sorted(known - posted), "unexpected": sorted(posted - known)}


def _sum_is_zero() -> Select[int]:
    """The balances of a tenant in one currency sum to zero."""
    broken = (
        select(ACCOUNT.c.tenant_id)
        .select_from(accounts())
        .group_by(ACCOUNT.c.tenant_id, ACCOUNT.c.currency)
        .having(func.sum(balance_now()) != 0)
    )
    return _count(broken)


def _no_drift() -> Select[int]:
    """A stored balance is the sum of the account's transfers."""
    return _count(select(ACCOUNT.c.id).where(~ACCOUNT.c.is_derived, ACCOUNT.c.balance != counted_balance()))


def _no_checkpoint_drift() -> Select[int]:
    """A derived balance by checkpoint and tail is the sum of the account's transfers."""
    drifting = select(ACCOUNT.c.id).select_from(accounts()).where(balance_now() != counted_balance())
    return _count(drifting.where(ACCOUNT.c.is_derived))


def _none_below_floor() -> Select[int]:
    """No account is below its floor."""
    return _count(select(ACCOUNT.c.id).where(ACCOUNT.c.balance < ACCOUNT.c.floor))


def _derived_store_nothing() -> Select[int]:
    """A derived account stores no balance and has no floor."""
    has_either = or_(ACCOUNT.c.balance != 0, ACCOUNT.c.floor.is_not(None))
    return _count(select(ACCOUNT.c.id).where(ACCOUNT.c.is_derived, has_either))


def _no_empty_journal() -> Select[int]:
    """Every journal has transfers."""
    return _count(select(JOURNAL.c.id).where(~exists().where(_of_journal())))


def _no_orphan_transfer() -> Select[int]:
    """Every transfer has its journal."""
    return _count(select(TRANSFER.c.line).where(~exists().where(_of_journal()).correlate(TRANSFER)))


def _one_journal_a_key() -> Select[int]:
    """A key has one journal."""
    return _count(_twice(JOURNAL.c.key))


def _one_account_a_name() -> Select[int]:
    """An owner has one account of a kind and currency."""
    columns = (ACCOUNT.c.tenant_id, ACCOUNT.c.owner, ACCOUNT.c.kind, ACCOUNT.c.currency)
    return _count(select(ACCOUNT.c.tenant_id).group_by(*columns).having(func.count() > 1))


def _both_accounts_are_the_tenants() -> Select[int]:
    """A transfer's accounts belong to its tenant."""
    return _count(_moves_without())


def _one_currency() -> Select[int]:
    """A transfer's accounts are in its currency."""
    return _count(_moves_without("currency"))


def _amounts_are_whole_and_positive() -> Select[int]:
    """A transfer moves a positive amount between two accounts."""
    is_whole = TRANSFER.c.amount == cast(TRANSFER.c.amount, BigInteger)
    broken = or_(TRANSFER.c.amount <= 0, ~is_whole, TRANSFER.c.debit == TRANSFER.c.credit)
    return _count(select(TRANSFER.c.line).where(broken))


def _reversed_once() -> Select[int]:
    """A journal is reversed at most once."""
    return _count(_twice(JOURNAL.c.reverses).where(JOURNAL.c.reverses.is_not(None)))


def _reversals_mirror() -> Select[int]:
    """A reversal gives each owner, in each currency, the opposite of what it reverses."""
    back = JOURNAL.alias("back")
    pairs = (
        select(back.c.tenant_id, back.c.id.label("pair"), back.c.id.label("journal_id")),
        select(back.c.tenant_id, back.c.id, back.c.reverses),
    )
    pair = (
        pairs[0].where(back.c.reverses.is_not(None)).union_all(pairs[1].where(back.c.reverses.is_not(None)))
    )
    both, moves = pair.subquery(), moves_of()
    unequal = (
        select(both.c.pair)
        .join(moves, and_(moves.c.tenant_id == both.c.tenant_id, moves.c.journal_id == both.c.journal_id))
        .join(ACCOUNT, and_(ACCOUNT.c.tenant_id == moves.c.tenant_id, ACCOUNT.c.id == moves.c.account_id))
        .group_by(both.c.tenant_id, both.c.pair, ACCOUNT.c.owner, ACCOUNT.c.currency)
        .having(func.sum(moves.c.gain) != 0)
    )
    return _count(unequal)


LAWS: Mapping[str, Callable[[], Select[int]]] = MappingProxyType(
    {
        "sum_not_zero": _sum_is_zero,
        "drift": _no_drift,
        "checkpoint_drift": _no_checkpoint_drift,
        "below_floor": _none_below_floor,
        "derived_with_balance": _derived_store_nothing,
        "empty_journal": _no_empty_journal,
        "orphan_transfer": _no_orphan_transfer,
        "duplicate_key": _one_journal_a_key,
        "duplicate_account": _one_account_a_name,
        "cross_tenant": _both_accounts_are_the_tenants,
        "cross_currency": _one_currency,
        "amount_not_whole_or_positive": _amounts_are_whole_and_positive,
        "reversed_twice": _reversed_once,
        "reversal_mismatch": _reversals_mirror,
    }
)
"""The name of each violation, and the statement that counts it."""


def _count(broken: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(broken.subquery())


def _twice(column: ColumnElement[Any]) -> Select[Any]:
    return select(column).group_by(JOURNAL.c.tenant_id, column).having(func.count() > 1)


def _of_journal() -> ColumnElement[bool]:
    return and_(TRANSFER.c.tenant_id == JOURNAL.c.tenant_id, TRANSFER.c.journal_id == JOURNAL.c.id)


def _moves_without(*same: str) -> Select[Any]:
    moves = moves_of()
    agree = [ACCOUNT.c[name] == moves.c[name] for name in ("tenant_id", *same)]
    account = exists().where(ACCOUNT.c.id == moves.c.account_id, *agree)
    return select(moves.c.line).where(~account)
