"""The book of sources: who may send what, under which licence, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.outgoing import check_url
from pitboss.core.secretbox import Cell, box_of
from pitboss.plugins.sports.sources.tables import SourceCallRow, SourceItemRow, SourceRow

KINDS = ("fixtures", "results", "live", "prices")
SOURCES_MAX = 200
EDITED = (
    "title",
    "provider",
    "url",
    "licence",
    "priority",
    "is_standby",
    "poll_seconds",
    "options",
    "quota_per_day",
    "is_active",
)
RESERVED = frozenset({"desk", "file", "football-data"})
"""What people and files are called as sources."""

_SOURCE, _CALL, _ITEM = SourceRow.__table__, SourceCallRow.__table__, SourceItemRow.__table__


def find(ctx: Context, key: str, *, is_locked: bool = False) -> Row[Any]:
    """Return one source."""
    query = select(_SOURCE).where(*_named(ctx, key))
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no source {key!r}")
    return row


def list_sources(ctx: Context, *, kind: str | None = None) -> list[Row[Any]]:
    """Return the tenant's sources in the order in which they are asked."""
    query = select(_SOURCE).where(_SOURCE.c.tenant_id == ctx.tenant.id)
    if kind is not None:
        query = query.where(_SOURCE.c.kind == kind)
    return list(ctx.connection.execute(query.order_by(_SOURCE.c.priority, _SOURCE.c.key)))


def register(ctx: Context, key: str, kind: str, values: Mapping[str, Any]) -> Row[Any]:
    """Register a source; without an address it only sends, and is never asked."""
    if key in RESERVED:
        raise InvalidInput(f"key: {key!r} means people or files: choose another", {"key": ["Reserved."]})
    known = list_sources(ctx)
    if len(known) >= SOURCES_MAX:
        raise Conflict(f"a tenant has at most {SOURCES_MAX} sources: remove one first")
    if any(row.key == key for row in known):
        raise Conflict(f"there is a source {key!r} already: change that one")
    _check(ctx, values)
    row = {"provider": key, **values, "tenant_id": ctx.tenant.id, "key": key, "kind": kind}
    row["provider"] = row["provider"] or key
    ctx.connection.execute(insert(_SOURCE), row)
    audit.record(ctx, "sports.source_registered", f"source:{key}", new={"kind": kind, **values})
    return find(ctx, key)


def save(ctx: Context, before: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    """Write a source anew; another address is read from its beginning. The caller holds the row."""
    _check(ctx, values)
    changes = {**values, "provider": values["provider"] or before.key, "revision": before.revision + 1}
    if values["url"] != before.url:
        changes |= {"cursor": None, "etag": None, "as_of": None, "failures": 0, "next_at": None, "error": ""}
    put(ctx, before.key, **changes)
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.source_changed", f"source:{before.key}", old=old, new=values)
    return find(ctx, before.key)


def set_secret(ctx: Context, key: str, secret: str) -> None:
    """Keep the key that a source wants, sealed; an empty one forgets it."""
    find(ctx, key, is_locked=True)
    sealed = box_of(ctx.kernel.settings).seal(secret, _cell(ctx, key)) if secret else None
    put(ctx, key, secret=sealed)
    audit.record(ctx, "sports.source_secret_set", f"source:{key}", new={"has_secret": bool(secret)})


def secret_of(ctx: Context, row: Row[Any]) -> str:
    """Return the key that a source wants; empty where it wants none."""
    return box_of(ctx.kernel.settings).open(row.secret, _cell(ctx, row.key)) if row.secret else ""


def rewind(ctx: Context, key: str) -> Row[Any]:
    """Read a source from its beginning again; what is known already comes out as the same."""
    row = find(ctx, key, is_locked=True)
    ctx.connection.execute(delete(_ITEM).where(_ITEM.c.tenant_id == ctx.tenant.id, _ITEM.c.source == key))
    put(ctx, key, cursor=None, etag=None, as_of=None, next_at=None)
    audit.record(ctx, "sports.source_rewound", f"source:{key}", old={"cursor": row.cursor})
    return find(ctx, key)


def remove(ctx: Context, row: Row[Any]) -> None:
    """Remove a source; what it told stays, with its name."""
    ctx.connection.execute(delete(_ITEM).where(_ITEM.c.tenant_id == ctx.tenant.id, _ITEM.c.source == row.key))
    ctx.connection.execute(delete(_SOURCE).where(*_named(ctx, row.key)))
    audit.record(ctx, "sports.source_removed", f"source:{row.key}", old={"kind": row.kind, "url": row.url})


def calls_of(ctx: Context, key: str, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return the calls of a source, the newest first."""
    query = select(_CALL).where(_CALL.c.tenant_id == ctx.tenant.id, _CALL.c.source == key)
    if before is not None:
        query = query.where(_CALL.c.id < before)
    return list(ctx.connection.execute(query.order_by(_CALL.c.id.desc()).limit(limit)))


def put(ctx: Context, key: str, **values: Any) -> None:
    """Write columns of a source."""
    ctx.connection.execute(update(_SOURCE).where(*_named(ctx, key)).values(**values))


def _check(ctx: Context, values: Mapping[str, Any]) -> None:
    if values.get("url"):
        check_url(values["url"], allow_private=ctx.kernel.settings.webhook_allow_private)


def _named(ctx: Context, key: str) -> tuple[Any, ...]:
    return _SOURCE.c.tenant_id == ctx.tenant.id, _SOURCE.c.key == key


def _cell(ctx: Context, key: str) -> Cell:
    return Cell(ctx.tenant.id, _SOURCE.name, "secret", key)
