"""Find audit entries, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, select

from pitboss.core.audit.entries import AuditEntry
from pitboss.core.errors import InvalidInput

if TYPE_CHECKING:
    from pitboss.core.context import Context

PAGE_ENTRIES_MAX = 200
EXPORT_BATCH = 1000

_ENTRY = AuditEntry.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries; what is None does not matter."""

    actor: str | None = None
    action: str | None = None
    """An action, or all that begin like `plugin.*`."""
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Up to, and without, this instant."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries, and where the next begins."""

    entries: list[dict[str, Any]]
    cursor: UUID | None


def search(
    ctx: Context, wanted: Filter | None = None, *, after: UUID | None = None, limit: int = 50
) -> Found:
    """Return a page of the entries that fit, newest first; pass its cursor as `after` for the next."""
    if not 1 <= limit <= PAGE_ENTRIES_MAX:
        raise InvalidInput(f"limit: {limit} must be between 1 and {PAGE_ENTRIES_MAX}")
    query = _query(ctx, wanted or Filter()).order_by(_ENTRY.c.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(_ENTRY.c.id < after)
    rows = [dict(row._mapping) for row in ctx.connection.execute(query)]
    has_more = len(rows) > limit
    return Found(rows[:limit], rows[limit - 1]["id"] if has_more else None)


def every(ctx: Context, wanted: Filter | None = None) -> Iterator[dict[str, Any]]:
    """Yield the entries that fit, oldest first, a batch in memory at a time."""
    query = _query(ctx, wanted or Filter()).order_by(_ENTRY.c.id).limit(EXPORT_BATCH)
    after = UUID(int=0)
    while rows := ctx.connection.execute(query.where(_ENTRY.c.id > after)).all():
        yield from (dict(row._mapping) for row in rows)
        after = rows[-1].id


def _query(ctx: Context, wanted: Filter) -> Select[Any]:
    conditions = [_ENTRY.c.tenant_id == ctx.tenant.id]
    if wanted.actor is not None:
        conditions.append(_ENTRY.c.actor == wanted.actor)
    if wanted.action is not None:
        conditions.append(_ENTRY.c.action.like(_pattern(wanted.action), escape="!"))
    if wanted.target is not None:
        conditions.append(_ENTRY.c.target == wanted.target)
    if wanted.since is not None:
        conditions.append(_ENTRY.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_ENTRY.c.at < wanted.until)
    return select(_ENTRY).where(*conditions)


def _pattern(action: str) -> str:
    """Return a LIKE pattern in which only a star at the end is wild."""
    start = action.removesuffix("*")
    for special in ("!", "%", "_"):
        start = start.replace(special, f"!{special}")
    return start + "%" * action.endswith("*")
