"""Post to the ledger in the caller's transaction, singly or in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, KeyReused, Stale
from pitboss.core.ledger import postgres, sqlite
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.directory import directory_of, driver, tenant_of
from pitboss.core.ledger.posting import Leg, Posted, Posting, net_of
from pitboss.core.texts import marked

BATCH_POSTINGS_MAX = 10_000
"""The most postings of one call of `post_many`: their accounts stay locked until it commits."""

_POSTED, _REPLAYED, _REUSED, _SHORT, _REVERSED = range(1, 6)


def post(
    connection: Connection,
    *,
    key: str,
    op: str,
    legs: Sequence[Leg],
    reverses: int | None = None,
    actor: str | None = None,
    reason: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Posted:
    """Apply all legs, or none, in the caller's transaction.

    The same key with the same body gives the same answer, with another body KeyReused. When it
    raises InsufficientFunds, KeyReused or Conflict nothing was written and the transaction is usable.
    """
    posting = Posting(
        key=key,
        op=op,
        legs=legs,
        reverses=reverses,
        actor=actor,
        reason=reason,
        metadata=metadata,
        at=at,
    )
    return submit(connection, posting)


def submit(connection: Connection, posting: Posting) -> Posted:
    """Do what `post` does with a posting that is already made."""
    tenant_id = tenant_of(connection)
    ids = directory_of(connection).resolve(connection, tenant_id, accounts_of([posting]))
    with refused_is_invalid(), driver(connection) as raw:
        if connection.dialect.name == "sqlite":
            answer = sqlite.post_all(raw, tenant_id, [posting], ids)[0]
        else:
            answer = postgres.post_one(raw, tenant_id, posting, ids)
    return posted(posting, answer, ids)


def posted(posting: Posting, answer: Sequence[int], ids: Mapping[Account, int]) -> Posted:
    meaning = _meaning(posting, answer, ids)
    if isinstance(meaning, Posted):
        return meaning
    raise meaning


def post_many(connection: Connection, postings: Iterable[Posting]) -> list[Posted | Conflict]:
    """Post a batch in one statement; answer each posting in its place.

    The answer is Posted (`replayed` when the key was there), or the InsufficientFunds or Conflict that
    `post` would have raised: one posting that cannot be paid does not stop the others. Postings
    whose accounts may not suffice for the whole batch are tried after the rest, in order. A key that
    belongs to another request raises KeyReused, and the caller must roll back.
    """
    answers = answer_many(connection, list(postings))
    for answer in answers:
        if isinstance(answer, KeyReused):
            raise answer
    return answers


def answer_many(connection: Connection, postings: Sequence[Posting]) -> list[Posted | Conflict]:
    """Do what `post_many` does, but report a reused key in its place too."""
    if len(postings) > BATCH_POSTINGS_MAX:
        raise InvalidInput(f"{len(postings)} postings in one batch: give at most {BATCH_POSTINGS_MAX}")
    if not postings:
        return []
    tenant_id = tenant_of(connection)
    ids = directory_of(connection).resolve(connection, tenant_id, accounts_of(postings))
    post_all = sqlite.post_all if connection.dialect.name == "sqlite" else postgres.post_all
    with refused_is_invalid(), driver(connection) as raw:
        answers = post_all(raw, tenant_id, postings, ids)
    return meanings(postings, answers, ids)


def meanings(
    postings: Sequence[Posting], answers: Sequence[Sequence[int]], ids: Mapping[Account, int]
) -> list[Posted | Conflict]:
    return [_meaning(posting, answer, ids) for posting, answer in zip(postings, answers, strict=True)]


def accounts_of(postings: Iterable[Posting]) -> set[Account]:
    return {account for posting in postings for leg in posting.legs for account in (leg.debit, leg.credit)}


@contextmanager
def refused_is_invalid() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise InvalidInput(f"the database refuses a value: {error.orig}") from error


def _meaning(posting: Posting, answer: Sequence[int], ids: Mapping[Account, int]) -> Posted | Conflict:
    outcome = answer[0]
    if outcome in (_POSTED, _REPLAYED):
        return Posted(answer[1], replayed=outcome == _REPLAYED)
    if outcome == _REUSED:
        return KeyReused(
            marked(
                f"key {posting.key!r} belongs to journal {answer[1]}, which asked for something else: "
                "send the same request again, or use another key"
            )
        )
    if outcome == _REVERSED:
        return Conflict(f"journal {posting.reverses} is reversed already: a journal is reversed once")
    name = next(account for account, number in ids.items() if number == answer[2])
    if outcome == _SHORT:
        return _shortage(name, balance=answer[3], gain=net_of(posting, ids)[answer[2]])
    return Stale(f"account {name} is gone: its tables were made again; try once more")


def _shortage(account: Account, *, balance: int, gain: int) -> InsufficientFunds:
    floor = account.nature.floor or 0
    return InsufficientFunds(
        marked(
            f"{account} holds {balance} minor units and cannot pay {-gain}: "
            f"add {floor - balance - gain}, or ask for at most {balance - floor}"
        )
    )
