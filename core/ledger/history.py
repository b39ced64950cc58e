"""Read what happened to accounts, newest first, with the balance before and after each move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Connection, Row, Select, Subquery, and_, func, select, tuple_, union_all

from pitboss.core.errors import InvalidInput
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.balances import accounts, balance_now, moves_of, total_of
from pitboss.core.ledger.tables import ACCOUNT, JOURNAL, TRANSFER

PAGE_ENTRIES_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One move of one account."""

    journal_id: int
    line: int
    at: datetime
    key: str
    op: str
    account: Account
    other: Account
    """Where the money came from or went."""
    amount: int
    """Minor units gained; negative for what was paid."""
    before: int
    after: int
    actor: str | None
    reason: str | None
    metadata: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, and the cursor of the next page where there is one."""

    entries: list[Entry]
    cursor: str | None


def history(connection: Connection, account: Account, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Return a page of an account's moves; give the page's cursor back to read on."""
    named = (ACCOUNT.c.kind == account.kind, ACCOUNT.c.currency == account.currency)
    return read_page(connection, account.owner, *named, cursor=cursor, limit=limit)


def history_of(connection: Connection, owner: str, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Return a page of the moves of all accounts of an owner."""
    return read_page(connection, owner, cursor=cursor, limit=limit)


def read_page(connection: Connection, owner: str, *narrowed: Any, cursor: str | None, limit: int) -> Page:
    """Return a page of the moves of those accounts of an owner that meet the conditions."""
    if not 0 < limit <= PAGE_ENTRIES_MAX:
        raise InvalidInput(f"limit {limit}: ask for 1 to {PAGE_ENTRIES_MAX} entries")
    position = None if cursor is None else _read_cursor(cursor)
    found = connection.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.owner, ACCOUNT.c.kind, ACCOUNT.c.currency).where(
            ACCOUNT.c.owner == owner, *narrowed
        )
    )
    names = {number: Account(*named) for number, *named in found}
    rows = connection.execute(_page(list(names), position, limit + 1)).all()
    entries = _with_balances(rows[:limit], names)
    if len(rows) <= limit:
        return Page(entries, None)
    last = rows[limit - 1]
    return Page(entries, f"{last.journal_id}.{last.line}.{last.account_id}")


def _read_cursor(cursor: str) -> tuple[int, int, int]:
    try:
        journal, line, account = (int(part) for part in cursor.split("."))
    except ValueError:
        raise InvalidInput(f"cursor {cursor!r} is not one of ours: start without a cursor") from None
    return journal, line, account


def _page(numbers: Sequence[int], position: tuple[int, int, int] | None, count: int) -> Select[Any]:
    # Balances and moves come in one statement, so that they are of one moment.
    held = _held_at(numbers, position)
    moves = _newest(numbers, position, count)
    other = ACCOUNT.alias("other")
    columns = (JOURNAL.c.at, JOURNAL.c.key, JOURNAL.c.op, JOURNAL.c.actor, JOURNAL.c.reason)
    return (
        select(moves, held.c.held, *columns, JOURNAL.c["metadata"].label("details"))
        .add_columns(other.c.owner, other.c.kind)
        .join(held, held.c.id == moves.c.account_id)
        .join(JOURNAL, and_(JOURNAL.c.tenant_id == moves.c.tenant_id, JOURNAL.c.id == moves.c.journal_id))
        .join(other, and_(other.c.tenant_id == moves.c.tenant_id, other.c.id == moves.c.other_id))
        .order_by(moves.c.journal_id.desc(), moves.c.line.desc(), moves.c.account_id.desc())
        .limit(count)
    )


def _held_at(numbers: Sequence[int], position: tuple[int, int, int] | None) -> CTE:
    held = balance_now()
    if position is not None:
        newer = moves_of(TRANSFER.c.journal_id >= position[0])
        key = tuple_(newer.c.journal_id, newer.c.line, newer.c.account_id)
        undone = (
            select(total_of(func.sum(newer.c.gain)))
            .where(newer.c.tenant_id == ACCOUNT.c.tenant_id, newer.c.account_id == ACCOUNT.c.id)
            .where(key >= tuple_(*position))
            .correlate(ACCOUNT)
        )
        held = held - undone.scalar_subquery()
    return (
        select(ACCOUNT.c.id, held.label("held"))
        .select_from(accounts())
        .where(ACCOUNT.c.id.in_(numbers))
        .cte()
    )


def _newest(numbers: Sequence[int], position: tuple[int, int, int] | None, count: int) -> Subquery:
    sides = []
    for side, other, sign in (
        (TRANSFER.c.debit, TRANSFER.c.credit, -1),
        (TRANSFER.c.credit, TRANSFER.c.debit, 1),
    ):
        moves = select(
            TRANSFER.c.tenant_id,
            TRANSFER.c.journal_id,
            TRANSFER.c.line,
            side.label("account_id"),
            other.label("other_id"),
            (TRANSFER.c.amount * sign).label("gain"),
        ).where(side.in_(numbers))
        if position is not None:
            key = tuple_(TRANSFER.c.journal_id, TRANSFER.c.line, side)
            moves = moves.where(TRANSFER.c.journal_id <= position[0], key < tuple_(*position))
        newest = moves.order_by(TRANSFER.c.journal_id.desc(), TRANSFER.c.line.desc(), side.desc())
        sides.append(select(newest.limit(count).subquery()))
    return union_all(*sides).subquery()


def _with_balances(rows: Sequence[Row[Any]], names: Mapping[int, Account]) -> list[Entry]:
    held: dict[int, int] = {}
    entries = []
    for row in rows:
        account = names[row.account_id]
        after = held.get(row.account_id, int(row.held))
        held[row.account_id] = before = after - row.gain
        entries.append(
            Entry(
                journal_id=row.journal_id,
                line=row.line,
                at=row.at,
                key=row.key,
                op=row.op,
                account=account,
                other=Account(row.owner, row.kind, account.currency),
                amount=row.gain,
                before=before,
                after=after,
                actor=row.actor,
                reason=row.reason,
                metadata=row.details,
            )
        )
    return entries
