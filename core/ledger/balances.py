"""Say what accounts hold: now, at an instant, and counted again from the transfers."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    select,
    union_all,
    update,
)

from pitboss.core.ledger.accounts import HOUSE, Account
from pitboss.core.ledger.tables import ACCOUNT, CHECKPOINT, JOURNAL, TRANSFER


def balance(connection: Connection, account: Account) -> int:
    """Return what an account holds now; 0 where it was never posted to."""
    named = {"owner": account.owner, "kind": account.kind, "currency": account.currency}
    return int(connection.scalar(_balance_of_one(), named) or 0)


def balances(connection: Connection, owner: str) -> dict[Account, int]:
    """Return every account of an owner with what it holds now, in one query."""
    found = connection.execute(_balances_of_owner(), {"owner": owner})
    return {Account(*named): int(held) for *named, held in found}


def owed(connection: Connection, currency: str) -> int:
    """Return what players and pools hold: what the house lacks, as all accounts come to nothing."""
    held = balances(connection, HOUSE)
    return -sum(amount for account, amount in held.items() if account.currency == currency)


def balance_at(connection: Connection, account: Account, at: datetime) -> int:
    """Return what an account held at an instant, after the journals of that instant."""
    moves = moves_of()
    found = connection.execute(
        select(total_of(func.sum(moves.c.gain)))
        .select_from(ACCOUNT)
        .join(moves, and_(moves.c.tenant_id == ACCOUNT.c.tenant_id, moves.c.account_id == ACCOUNT.c.id))
        .join(JOURNAL, and_(JOURNAL.c.tenant_id == moves.c.tenant_id, JOURNAL.c.id == moves.c.journal_id))
        .where(_named(account), JOURNAL.c.at <= at)
    )
    return int(found.scalar() or 0)


def rebuild(connection: Connection) -> dict[Account, int]:
    """Count every stored balance again from its transfers; return what was wrong, and by how much.

    All accounts of the tenant are locked meanwhile: a repair, for when `verify` reports drift.
    """
    lock = select(ACCOUNT.c.id).where(~ACCOUNT.c.is_derived).order_by(ACCOUNT.c.id)
    connection.execute(lock.with_for_update(key_share=True)).all()
    counted = counted_balance()
    wrong = connection.execute(
        select(
            ACCOUNT.c.id, ACCOUNT.c.owner, ACCOUNT.c.kind, ACCOUNT.c.currency, ACCOUNT.c.balance, counted
        ).where(~ACCOUNT.c.is_derived, ACCOUNT.c.balance != counted)
    ).all()
    for number, *_, right in wrong:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == number).values(balance=int(right)))
    return {Account(*named): int(right) - stored for _, *named, stored, right in wrong}


# -- statements, written once: that takes longer than to run them -------------------------------------


@cache
def _balance_of_one() -> Select[Any]:
    names = ("owner", "kind", "currency")
    return select(balance_now()).select_from(accounts()).where(*(ACCOUNT.c[n] == bindparam(n) for n in names))


@cache
def _balances_of_owner() -> Select[Any]:
    columns = (ACCOUNT.c.owner, ACCOUNT.c.kind, ACCOUNT.c.currency, balance_now())
    return select(*columns).select_from(accounts()).where(ACCOUNT.c.owner == bindparam("owner"))


# -- expressions ----------------------------------------------------------------------------------


def accounts() -> FromClause:
    """Return the accounts with their checkpoints: what `balance_now` reads from."""
    joined = and_(CHECKPOINT.c.tenant_id == ACCOUNT.c.tenant_id, CHECKPOINT.c.account_id == ACCOUNT.c.id)
    return ACCOUNT.outerjoin(CHECKPOINT, joined)


def balance_now() -> ColumnElement[int]:
    """Return the balance: stored, or for a derived account its checkpoint and the transfers since."""
    since = TRANSFER.c.journal_id > func.coalesce(CHECKPOINT.c.journal_id, 0)
    tail = _sum_of(TRANSFER.c.credit, since) - _sum_of(TRANSFER.c.debit, since)
    derived = func.coalesce(CHECKPOINT.c.balance, 0) + tail
    return case((ACCOUNT.c.is_derived, derived), else_=ACCOUNT.c.balance)


def counted_balance() -> ColumnElement[int]:
    """Return the balance counted from all the transfers of an account."""
    return _sum_of(TRANSFER.c.credit) - _sum_of(TRANSFER.c.debit)


def moves_of(*conditions: ColumnElement[bool]) -> Subquery:
    """Return each transfer twice: as a loss of one account and a gain of the other."""
    return union_all(
        _moves("debit", "credit", -1, conditions), _moves("credit", "debit", 1, conditions)
    ).subquery()


def _moves(side: str, other: str, sign: int, conditions: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return select(
        TRANSFER.c.tenant_id,
        TRANSFER.c.journal_id,
        TRANSFER.c.line,
        TRANSFER.c.currency,
        TRANSFER.c[side].label("account_id"),
        TRANSFER.c[other].label("other_id"),
        (TRANSFER.c.amount * sign).label("gain"),
    ).where(*conditions)


def total_of(sum_: ColumnElement[Any]) -> ColumnElement[int]:
    """Return a sum, 0 for none; PostgreSQL gives a NUMERIC, which never overflows."""
    return func.coalesce(sum_, 0)


def _sum_of(side: ColumnElement[int], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(total_of(func.sum(TRANSFER.c.amount)))
        .where(TRANSFER.c.tenant_id == ACCOUNT.c.tenant_id, side == ACCOUNT.c.id, *conditions)
        .correlate(ACCOUNT, CHECKPOINT)
        .scalar_subquery()
    )


def _named(account: Account) -> ColumnElement[bool]:
    return and_(
        ACCOUNT.c.owner == account.owner,
        ACCOUNT.c.kind == account.kind,
        ACCOUNT.c.currency == account.currency,
    )
