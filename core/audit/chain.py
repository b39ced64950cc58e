"""Seal audit entries into a hash chain, and prove that nothing was changed since.

Each seal is SHA-256 over the seal before it, its number and its entry. Chaining while an entry is
written would make a tenant's transactions wait for each other, so a task seals in batches a little
later. Who owns the database could still write a whole new chain: so publish `head` outside of it (the
seal task logs it), and give it to `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, String, UniqueConstraint, Uuid, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.audit.entries import AuditEntry
from pitboss.core.database import APPEND_ONLY, Base, Instant, TenantRow
from pitboss.core.errors import InvalidInput
from pitboss.core.tenancy.tables import TenantTable
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

BATCH_ENTRIES_MAX = 1000
"""Entries that are sealed, or verified, with one statement."""
LATE_MINUTES_MAX = 60
"""How much older than the newest sealed entry one may be when it appears: the longest transaction.

What appears later than that was not written by this platform: it is never sealed, and `verify` tells.
"""
GENESIS = "0" * 64


class AuditSeal(TenantRow, Base):
    """One link of the chain."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("tenant_id", "entry_id"), {"info": APPEND_ONLY})

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(Uuid())
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: what to publish outside the database."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read a head as `pitboss audit head` prints it."""
        seq, _, digest = text.strip().partition(":")
        if not seq.isdigit() or len(digest) != len(GENESIS):
            raise InvalidInput(f"head {text!r} is not of the form 12:<64 hex digits>")
        return cls(int(seq), digest)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the trail is not what was written, and how."""

    reason: str
    seq: int | None = None
    entry_id: UUID | None = None

    def __str__(self) -> str:
        where = f"seal {self.seq}: " if self.seq is not None else ""
        return f"{where}{self.reason}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the whole chain found."""

    ok: bool
    entries: int
    """Sealed entries that were checked."""
    unsealed: int
    """Entries that wait for their seal."""
    first_bad: Break | None
    head: Head


_ENTRY = AuditEntry.__table__
_SEAL = AuditSeal.__table__
_TENANT = TenantTable.__table__


def head(ctx: Context) -> Head:
    """Return the end of the tenant's chain."""
    row = ctx.connection.execute(
        select(_SEAL.c.seq, _SEAL.c.hash)
        .where(_SEAL.c.tenant_id == ctx.tenant.id)
        .order_by(_SEAL.c.seq.desc())
        .limit(1)
    ).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def seal(ctx: Context, *, limit: int = BATCH_ENTRIES_MAX) -> int:
    """Seal entries that are not yet sealed, oldest first; return how many were.

    Sealing again changes nothing. Two sealers wait for each other on the tenant's row, and the
    primary key would refuse a second seal of the same number.
    """
    ctx.connection.execute(
        select(_TENANT.c.tenant_id)
        .where(_TENANT.c.tenant_id == ctx.tenant.id)
        .with_for_update(key_share=True)
    )
    entries = ctx.connection.execute(
        select(_ENTRY).where(_unsealed(ctx), _ENTRY.c.id > _floor(ctx)).order_by(_ENTRY.c.id).limit(limit)
    ).all()
    if entries:
        links = list(_links(ctx, head(ctx), entries))
        ctx.connection.execute(insert(_SEAL), links)
    return len(entries)


def verify(ctx: Context, *, published: Head | None = None) -> Verification:
    """Check every seal of the tenant from the first, and that nothing was slipped in between.

    With a published head, a chain that was cut short or rewritten since is noticed too.
    """
    last, first_bad = Head(0, GENESIS), None
    for row in _sealed(ctx):
        first_bad = _check(row, last, published)
        if first_bad:
            break
        last = Head(row.seq, row.hash)
    if first_bad is None and published is not None and published.seq > last.seq:
        first_bad = Break(marked(f"the chain ends at {last.seq}: seals were cut off"), published.seq)
    first_bad = first_bad or _slipped_in(ctx)
    return Verification(first_bad is None, last.seq, _count_unsealed(ctx), first_bad, last)


def link(previous: str, seq: int, entry: Mapping[str, Any]) -> str:
    """Return the hash of one link: SHA-256 of the one before it and the canonical entry."""
    fields = {name: _plain(entry[name]) for name in _ENTRY.c.keys()}  # noqa: SIM118 - a column collection
    canonical = json.dumps({"seq": seq, **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(bytes.fromhex(previous) + canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


def _links(ctx: Context, last: Head, entries: Any) -> Iterator[dict[str, Any]]:
    now, seq, digest = ctx.clock.now(), last.seq, last.hash
    for entry in entries:
        seq += 1
        digest = link(digest, seq, entry._mapping)
        yield {
            "tenant_id": ctx.tenant.id,
            "seq": seq,
            "entry_id": entry.id,
            "hash": digest,
            "sealed_at": now,
        }


def _sealed(ctx: Context) -> Iterator[Any]:
    """Yield each seal with its entry, whose columns are None when it is gone."""
    is_entry = (_ENTRY.c.tenant_id == _SEAL.c.tenant_id) & (_ENTRY.c.id == _SEAL.c.entry_id)
    query = (
        select(_SEAL.c.seq, _SEAL.c.entry_id, _SEAL.c.hash, _ENTRY)
        .select_from(_SEAL.outerjoin(_ENTRY, is_entry))
        .where(_SEAL.c.tenant_id == ctx.tenant.id)
        .order_by(_SEAL.c.seq)
        .limit(BATCH_ENTRIES_MAX)
    )
    # The least number that the column holds: a seal slipped in before the first is met as well.
    after = -(2**63)
    while rows := ctx.connection.execute(query.where(_SEAL.c.seq > after)).all():
        yield from rows
        after = rows[-1].seq


def _check(row: Any, last: Head, published: Head | None) -> Break | None:
    if row.seq != last.seq + 1:
        return Break(marked(f"missing: the chain goes from {last.seq} to {row.seq}"), last.seq + 1)
    if row.id is None:
        return Break(marked(f"the entry {row.entry_id} was deleted"), row.seq, row.entry_id)
    if link(last.hash, row.seq, row._mapping) != row.hash:
        return Break(marked(f"the entry {row.entry_id} or its seal was changed"), row.seq, row.entry_id)
    if published is not None and published.seq == row.seq and published.hash != row.hash:
        return Break(marked("the chain was rewritten: the published head differs"), row.seq, row.entry_id)
    return None


def _slipped_in(ctx: Context) -> Break | None:
    entry_id = ctx.connection.scalar(
        select(_ENTRY.c.id).where(_unsealed(ctx), _ENTRY.c.id <= _floor(ctx)).order_by(_ENTRY.c.id).limit(1)
    )
    if entry_id is None:
        return None
    return Break(marked(f"the entry {entry_id} was slipped in among sealed ones"), None, entry_id)


def _count_unsealed(ctx: Context) -> int:
    query = select(func.count()).select_from(_ENTRY).where(_unsealed(ctx))
    return ctx.connection.scalar(query) or 0


def _unsealed(ctx: Context) -> Any:
    has_seal = select(_SEAL.c.seq).where(_SEAL.c.tenant_id == ctx.tenant.id, _SEAL.c.entry_id == _ENTRY.c.id)
    return (_ENTRY.c.tenant_id == ctx.tenant.id) & ~has_seal.exists()


def _floor(ctx: Context) -> UUID:
    """Return the id below which no entry may appear any more."""
    newest = ctx.connection.scalar(
        select(_SEAL.c.entry_id)
        .where(_SEAL.c.tenant_id == ctx.tenant.id)
        .order_by(_SEAL.c.entry_id.desc())
        .limit(1)
    )
    if newest is None:
        return UUID(int=0)
    # The first 48 bits of a UUIDv7 are its milliseconds.
    return UUID(int=max(0, (newest.int >> 80) - LATE_MINUTES_MAX * 60_000) << 80)
