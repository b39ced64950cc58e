"""Post on PostgreSQL: one function call, one round trip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import PoolProxiedConnection

from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.posting import Posting, net_of
from pitboss.core.ledger.tables import DERIVED_ID_MIN

_POST = (
    b"SELECT ledger_post($1::int, $2::boolean, $3::text, $4::text, $5::bytea, $6::bigint,"
    b" $7::timestamptz, $8::text, $9::text, $10::jsonb, $11::bigint[], $12::bigint[],"
    b" $13::bigint[], $14::bigint[], $15::text[], $16::bigint[])"
)
_POST_NAME = b"pitboss_ledger_post"
_NO_SUCH_STATEMENT = b"26000"
_POST_MANY = (
    "SELECT journals, seen, short FROM ledger_post_many(%s::int, %s::text[], %s::text[], %s::text[],"
    " %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],"
    " %s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
)


@dataclass(frozen=True, slots=True)
class _BatchAnswer:
    """Either `journals`, one for each posting, or what stands in the way."""

    journals: list[int] | None
    seen: list[tuple[int, int, int]]
    """(place, outcome, journal) of what exists already."""
    short: frozenset[int]
    """Accounts that might not be able to pay for the whole batch."""


def post_one(
    raw: PoolProxiedConnection,
    tenant_id: int,
    posting: Posting,
    ids: Mapping[Account, int],
    *,
    bind: bool = False,
) -> list[int]:
    """Send one posting; return the answer that `ledger_post` documents."""
    legs = posting.legs
    net = net_of(posting, ids)
    answer = _call(
        raw,
        (
            b"%d" % tenant_id,
            b"t" if bind else b"f",
            posting.key.encode(),
            posting.op.encode(),
            b"\\x" + posting.hash().hex().encode(),
            None if posting.reverses is None else b"%d" % posting.reverses,
            None if posting.at is None else posting.at.isoformat().encode(),
            _text(posting.actor),
            _text(posting.reason),
            _text(_json(posting.metadata)),
            _numbers(net),
            _numbers(net.values()),
            _numbers(ids[leg.debit] for leg in legs),
            _numbers(ids[leg.credit] for leg in legs),
            # Account admits no quotes into a currency.
            b'{"' + '","'.join([leg.currency for leg in legs]).encode() + b'"}',
            _numbers(leg.amount for leg in legs),
        ),
        is_alone=bind,
    )
    return [int(part) for part in answer[1:-1].split(b",")]


def _call(raw: PoolProxiedConnection, parameters: Sequence[bytes | None], *, is_alone: bool) -> bytes:
    # Through libpq itself: a cursor would cost more than the rest of the posting.
    server: PGconn = raw.dbapi_connection.pgconn  # type: ignore[union-attr]  # psycopg's own connection
    result = _run_prepared(raw, server, parameters) if is_alone else server.exec_params(_POST, parameters)
    value = result.get_value(0, 0)
    if value is None:
        raise error_from_result(result)
    return value


def _run_prepared(raw: PoolProxiedConnection, server: PGconn, parameters: Any) -> PGresult:
    # A pooler, or psycopg at a rollback, may drop the statement without telling. Alone that does no
    # harm, and we ask again; within a transaction it would fail the transaction.
    if raw.info.get(_POST_NAME) is None:
        raw.info[_POST_NAME] = server.prepare(_POST_NAME, _POST).status
    result = server.exec_prepared(_POST_NAME, parameters)
    if result.error_field(DiagnosticField.SQLSTATE) == _NO_SUCH_STATEMENT:
        raw.info.pop(_POST_NAME)
        return server.exec_params(_POST, parameters)
    return result


def _numbers(values: Iterable[int]) -> bytes:
    return b"{" + b",".join([b"%d" % value for value in values]) + b"}"


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def post_all(
    raw: PoolProxiedConnection, tenant_id: int, postings: Sequence[Posting], ids: Mapping[Account, int]
) -> list[list[int]]:
    """Post each that can be posted: the safe ones in one statement, then the doubtful one by one."""
    answers: list[list[int]] = [[]] * len(postings)
    first = {posting.key: place for place, posting in reversed(list(enumerate(postings)))}
    batch = sorted(first.values())
    while batch:
        answer = _post_batch(raw, tenant_id, [postings[place] for place in batch], ids)
        for place, journal in zip(batch, answer.journals or (), strict=False):
            answers[place] = [1, journal]
        if answer.journals is not None:
            break
        for position, outcome, journal in answer.seen:
            answers[batch[position - 1]] = [outcome, journal]
        before = len(batch)
        batch = [
            place
            for place in batch
            if not answers[place] and not any(ids[leg.debit] in answer.short for leg in postings[place].legs)
        ]
        assert len(batch) < before, "what stands in the way of a batch was not named"
    for place, posting in enumerate(postings):
        if not answers[place]:
            answers[place] = post_one(raw, tenant_id, posting, ids)
    return answers


def _post_batch(
    raw: PoolProxiedConnection, tenant_id: int, postings: Sequence[Posting], ids: Mapping[Account, int]
) -> _BatchAnswer:
    moves = [
        (place, line, ids[leg.debit], ids[leg.credit], leg.currency, leg.amount)
        for place, posting in enumerate(postings, 1)
        for line, leg in enumerate(posting.legs, 1)
    ]
    places, lines, debits, credits, currencies, amounts = zip(*moves, strict=True)
    accounts = sorted(number for number in set(debits + credits) if number < DERIVED_ID_MIN)
    gains, outflows = _flows(accounts, debits, credits, amounts)
    parameters = (
        tenant_id,
        _texts([posting.key for posting in postings]),
        _texts([posting.op for posting in postings]),
        _texts([posting.hash().hex() for posting in postings]),
        _texts([None if posting.reverses is None else str(posting.reverses) for posting in postings]),
        _texts([None if posting.at is None else posting.at.isoformat() for posting in postings]),
        _texts([posting.actor for posting in postings]),
        _texts([posting.reason for posting in postings]),
        _texts([_json(posting.metadata) for posting in postings]),
        *(_integers(column) for column in (accounts, gains, outflows, places, lines, debits, credits)),
        _texts(currencies),
        _integers(amounts),
    )
    cursor: Any = raw.cursor()
    cursor.execute(_POST_MANY, parameters, prepare=True)
    numbers, seen, short = cursor.fetchone()
    flat = seen or []
    triples = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
    return _BatchAnswer(numbers, triples, frozenset(short or ()))


def _flows(
    accounts: Sequence[int], debits: Sequence[int], credits: Sequence[int], amounts: Sequence[int]
) -> tuple[Iterable[int], Iterable[int]]:
    """Return what each stored account gains, and the most that it may have to pay."""
    gains = dict.fromkeys(accounts, 0)
    outflows = dict(gains)
    for debit, credit, amount in zip(debits, credits, amounts, strict=True):
        if debit < DERIVED_ID_MIN:
            gains[debit] -= amount
            outflows[debit] += amount
        if credit < DERIVED_ID_MIN:
            gains[credit] += amount
    return gains.values(), outflows.values()


def _json(metadata: Mapping[str, Any] | None) -> str | None:
    return None if metadata is None else json.dumps(metadata)


# Arrays are written here, because the driver looks at each value, and asks what it is.


def _integers(values: Iterable[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Sequence[str | None]) -> str | None:
    empty = values.count(None)
    if empty == len(values):
        return None
    if not empty:
        inner = '","'.join(values)  # type: ignore[arg-type]  # none of them is None
        if "\\" not in inner and inner.count('"') == 2 * (len(values) - 1):
            return '{"' + inner + '"}'  # as nearly always: nothing to quote
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
