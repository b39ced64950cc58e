"""Answers kept by Idempotency-Key, so that a request sent twice is done once.

A key is claimed by a row in the transaction of the work itself. A twin that arrives meanwhile waits on
that row; when the work commits it finds the kept answer, and when the work rolls back it does the work.
So an answer is replayed exactly when its effects were kept: a refusal leaves nothing, and may be tried
again with the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Index, LargeBinary, String, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.contracts import Task
from pitboss.core.database import Base, Instant, JsonObject, TenantRow, wire
from pitboss.core.errors import Conflict, InvalidInput, KeyReused

if TYPE_CHECKING:
    from pitboss.core.context import Context

KEPT_HOURS = 24
"""How long an answer is replayed."""
KEY_CHARACTERS_MAX = 128
PURGE_ROWS_MAX = 10_000
"""Rows that one run of the purge removes."""


class KeptAnswer(TenantRow, Base):
    """The first answer to a key; without a status, the work that claimed it is not over."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_at", "tenant_id", "at"),)

    scope: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=-90)
    key: Mapped[str] = mapped_column(String(KEY_CHARACTERS_MAX), primary_key=True, sort_order=-89)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of a key, in this transaction."""

    scope: str
    key: str


_ROW = KeptAnswer.__table__
_ONE = (
    (_ROW.c.tenant_id == bindparam("of_tenant"))
    & (_ROW.c.scope == bindparam("of_scope"))
    & (_ROW.c.key == bindparam("of_key"))
)
# Built once: assembling a statement costs more than running it.
_CLAIM = sqlite_insert(_ROW).on_conflict_do_nothing()
# Every request with a key pays for these two, so on PostgreSQL they travel
# with BEGIN and with COMMIT.
_CLAIM_POSTGRES = b"""INSERT INTO kept_answer (tenant_id, scope, key, request_hash, at)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""
_KEEP_POSTGRES = b"""UPDATE kept_answer SET status = %s, headers = %s, body = %s
WHERE tenant_id = %s AND scope = %s AND key = %s"""
_KEEP = (
    update(_ROW)
    .where(_ONE)
    .values(status=bindparam("with_status"), headers=bindparam("with_headers"), body=bindparam("with_body"))
)
_FIND = select(_ROW.c.request_hash, _ROW.c.status, _ROW.c.headers, _ROW.c.body, _ROW.c.at).where(_ONE)


def check_key(key: str) -> None:
    """Refuse a key that cannot be kept."""
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX or not all("!" <= c <= "~" for c in key):
        raise InvalidInput(
            f"Idempotency-Key must be 1 to {KEY_CHARACTERS_MAX} visible ASCII characters, such as a UUID",
            {"Idempotency-Key": ["Not valid."]},
        )


def claim(ctx: Context, scope: str, key: str, request_hash: bytes) -> Claim | Answer:
    """Claim a key for this transaction, or return the answer that was kept for it."""
    if _insert(ctx, scope, key, request_hash):
        return Claim(scope, key)
    kept = ctx.connection.execute(_FIND, _at(ctx, scope, key)).one()
    if kept.at <= ctx.clock.now() - timedelta(hours=KEPT_HOURS):
        ctx.connection.execute(delete(_ROW).where(_ONE), _at(ctx, scope, key))
        _insert(ctx, scope, key, request_hash)
        return Claim(scope, key)
    if kept.request_hash != request_hash:
        raise KeyReused(
            f"the Idempotency-Key {key!r} belongs to another request: send a new key with a new request"
        )
    if kept.status is None:
        raise Conflict(f"the first request with Idempotency-Key {key!r} did not finish: look up its result")
    return Answer(kept.status, kept.headers or {}, kept.body or b"")


def keep_and_commit(ctx: Context, claimed: Claim, answer: Answer) -> None:
    """Keep the answer to a claimed key, and commit it with the work."""
    ctx.flush()
    connection = ctx.connection
    if connection.dialect.name == "postgresql":
        wire.run_and_commit(
            connection,
            _KEEP_POSTGRES,
            [
                b"%d" % answer.status,
                msgspec.json.encode(answer.headers),
                b"\\x" + answer.body.hex().encode(),
                b"%d" % ctx.tenant.id,
                claimed.scope.encode(),
                claimed.key.encode(),
            ],
        )
    else:
        values = {
            "with_status": answer.status,
            "with_headers": dict(answer.headers),
            "with_body": answer.body,
        }
        connection.execute(_KEEP, _at(ctx, claimed.scope, claimed.key) | values)
    ctx.commit()


def _insert(ctx: Context, scope: str, key: str, request_hash: bytes) -> bool:
    """Write the row of a key; tell whether it was not there."""
    now = ctx.clock.now()
    if not ctx.kernel.database.is_sqlite:
        values = (
            b"%d" % ctx.tenant.id,
            scope.encode(),
            key.encode(),
            b"\\x" + request_hash.hex().encode(),
            now.isoformat().encode(),
        )
        if ctx.is_begun:
            return wire.run(ctx.connection, _CLAIM_POSTGRES, values) == 1
        return ctx.begin_with(_CLAIM_POSTGRES, values) == 1
    row = {
        "tenant_id": ctx.tenant.id,
        "scope": scope,
        "key": key,
        "request_hash": request_hash,
        "at": now,
    }
    return ctx.connection.execute(_CLAIM, row).rowcount == 1


def purge(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Remove answers older than a day; return how many."""
    oldest = ctx.clock.now() - timedelta(hours=KEPT_HOURS)
    of_tenant = _ROW.c.tenant_id == ctx.tenant.id
    old = select(_ROW.c.scope, _ROW.c.key).where(of_tenant, _ROW.c.at < oldest).limit(PURGE_ROWS_MAX)
    rows = ctx.connection.execute(old).all()
    for row in rows:
        ctx.connection.execute(delete(_ROW).where(_ONE), _at(ctx, row.scope, row.key))
    return len(rows)


TASKS = (
    Task(
        name="core.purge_kept_answers",
        run=purge,
        title="Forget answers kept for replays",
        cron="17 * * * *",
    ),
)


def _at(ctx: Context, scope: str, key: str) -> dict[str, Any]:
    return {"of_tenant": ctx.tenant.id, "of_scope": scope, "of_key": key}
