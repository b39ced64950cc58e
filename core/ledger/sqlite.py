"""Post on SQLite: whoever holds the write lock is alone, so it looks first and then writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import PoolProxiedConnection

from pitboss.core.clock import SystemClock
from pitboss.core.errors import InvalidInput
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.posting import Posting, net_of
from pitboss.core.money import MINOR_UNITS_MAX

# CROSS JOIN keeps the order that is written: look each one up, and build no set of what is wanted.
_SEEN = (
    "SELECT j.key, j.id, j.hash FROM json_each(?) wanted"
    " CROSS JOIN ledger_journal j ON j.tenant_id = ? AND j.key = wanted.value"
)
_REVERSED = "SELECT 1 FROM ledger_journal WHERE tenant_id = ? AND reverses = ?"
_BALANCES = (
    "SELECT a.id, a.balance, a.floor FROM json_each(?) wanted"
    " CROSS JOIN ledger_account a ON a.tenant_id = ? AND a.id = wanted.value"
)
_LAST = "SELECT id FROM ledger_journal WHERE tenant_id = ? ORDER BY id DESC LIMIT 1"
_JOURNAL = (
    "INSERT INTO ledger_journal (tenant_id, id, key, op, hash, at, reverses, actor, reason, metadata)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PLAIN_JOURNAL = "INSERT INTO ledger_journal (tenant_id, id, key, op, hash, at) VALUES (?, ?, ?, ?, ?, ?)"
_TRANSFER = (
    "INSERT INTO ledger_transfer (tenant_id, journal_id, line, debit, credit, currency, amount)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_NONE = (None,) * 4
_BALANCE = "UPDATE ledger_account SET balance = balance + ? WHERE tenant_id = ? AND id = ?"


@dataclass(slots=True)
class _Book:
    """What the database holds, and what will be written to it."""

    last_journal: int
    seen: dict[str, tuple[int, bytes]]
    balances: dict[int, tuple[int, int | None]]
    now: str = field(default_factory=lambda: _instant(SystemClock().now()))
    gains: dict[int, int] = field(default_factory=dict)
    plain_journals: list[tuple[Any, ...]] = field(default_factory=list)
    """Those without optional columns, because the driver asks of each None how it is written."""
    journals: list[tuple[Any, ...]] = field(default_factory=list)
    transfers: list[tuple[Any, ...]] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)


def post_all(
    raw: PoolProxiedConnection, tenant_id: int, postings: Sequence[Posting], ids: Mapping[Account, int]
) -> list[list[int]]:
    """Post each that can be posted, in order; answer each as PostgreSQL's `ledger_post` does."""
    cursor: Any = raw.cursor()
    nets = [net_of(posting, ids) for posting in postings]
    book = _read(cursor, tenant_id, postings, {number for net in nets for number in net})
    answers = [
        _decide(cursor, tenant_id, book, posting, net, ids)
        for posting, net in zip(postings, nets, strict=True)
    ]
    gains = [(gain, tenant_id, number) for number, gain in book.gains.items() if gain]
    cursor.executemany(_BALANCE, gains)
    cursor.executemany(_PLAIN_JOURNAL, book.plain_journals)
    cursor.executemany(_JOURNAL, book.journals)
    cursor.executemany(_TRANSFER, book.transfers)
    return answers


def _read(cursor: Any, tenant_id: int, postings: Sequence[Posting], numbers: Iterable[int]) -> _Book:
    keys = _array(posting.key for posting in postings)
    seen = {key: (number, hash_) for key, number, hash_ in cursor.execute(_SEEN, (keys, tenant_id))}
    found = cursor.execute(_BALANCES, (_array(numbers), tenant_id)).fetchall()
    balances = {number: (balance, floor) for number, balance, floor in found}
    last = cursor.execute(_LAST, (tenant_id,)).fetchone()
    return _Book(last[0] if last else 0, seen, balances)


def _array(values: Iterable[str | int]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _decide(
    cursor: Any,
    tenant_id: int,
    book: _Book,
    posting: Posting,
    net: Mapping[int, int],
    ids: Mapping[Account, int],
) -> list[int]:
    hash_ = posting.hash()
    if posting.key in book.seen:
        journal, hash_then = book.seen[posting.key]
        return [2 if hash_then == hash_ else 3, journal]
    for number, gain in net.items():
        if number not in book.balances:
            return [6, 0, number]
        balance, floor = book.balances[number]
        if floor is not None and balance + gain < floor:
            return [4, 0, number, balance]
        if abs(balance + gain) > MINOR_UNITS_MAX:
            raise InvalidInput(f"an account would hold {balance + gain} minor units, more than it can")
    if posting.reverses is not None and _is_reversed(cursor, tenant_id, book, posting.reverses):
        return [5]
    return [1, _write(tenant_id, book, posting, hash_, net, ids)]


def _is_reversed(cursor: Any, tenant_id: int, book: _Book, journal: int) -> bool:
    if journal in book.reversed or cursor.execute(_REVERSED, (tenant_id, journal)).fetchone():
        return True
    book.reversed.add(journal)
    return False


def _write(
    tenant_id: int,
    book: _Book,
    posting: Posting,
    hash_: bytes,
    net: Mapping[int, int],
    ids: Mapping[Account, int],
) -> int:
    book.last_journal += 1
    journal = book.last_journal
    book.seen[posting.key] = (journal, hash_)
    for number, gain in net.items():
        balance, floor = book.balances[number]
        book.balances[number] = (balance + gain, floor)
        book.gains[number] = book.gains.get(number, 0) + gain
    at = book.now if posting.at is None else _instant(posting.at)
    # A bytearray, because of bytes the driver asks it too.
    row = (tenant_id, journal, posting.key, posting.op, bytearray(hash_), at)
    metadata = None if posting.metadata is None else json.dumps(posting.metadata)
    optional = (posting.reverses, posting.actor, posting.reason, metadata)
    if optional == _NONE:
        book.plain_journals.append(row)
    else:
        book.journals.append(row + optional)
    for line, leg in enumerate(posting.legs, 1):
        accounts = (ids[leg.debit], ids[leg.credit])
        book.transfers.append((tenant_id, journal, line, *accounts, leg.currency, leg.amount))
    return journal


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
