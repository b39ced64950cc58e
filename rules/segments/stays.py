"""The stays of one player in segments, whoever else is at work on them.

Stays are written before the player's row, here and in a refresh, so that two workers never wait for
each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.rules.book.live import Book, LiveRule
from pitboss.rules.segments.tables import MemberRow, PlayerRow

_MEMBER, _PLAYER = MemberRow.__table__, PlayerRow.__table__
_KEY = ("tenant_id", "player_id")


def begin_stay(ctx: Context, player_id: UUID, live: LiveRule, event_id: UUID) -> bool:
    """Let a player into a segment; tell whether they were not in already."""
    row = {
        "tenant_id": ctx.tenant.id,
        "segment": live.key,
        "player_id": player_id,
        "entered_at": ctx.clock.now(),
        "version": live.version,
        "event_id": event_id,
    }
    statement = insert_into(ctx, _MEMBER).on_conflict_do_nothing().returning(_MEMBER.c.player_id)
    return ctx.connection.scalar(statement, row) is not None or _reopened(ctx, row)


def _reopened(ctx: Context, row: Mapping[str, Any]) -> bool:
    """Take up again a stay that began and ended at this very instant: it never ended."""
    same = [_MEMBER.c[name] == row[name] for name in ("tenant_id", "segment", "player_id", "entered_at")]
    statement = update(_MEMBER).where(*same, _MEMBER.c.left_at.is_not(None))
    values = {"version": row["version"], "event_id": row["event_id"], "left_at": None, "left_event_id": None}
    return ctx.connection.execute(statement.values(**values)).rowcount == 1


def end_stay(ctx: Context, player_id: UUID, key: str, event_id: UUID) -> int | None:
    """Let a player out of a segment; return the version that let them in, None where they were not in."""
    statement = (
        update(_MEMBER)
        .where(is_open(ctx, key), _MEMBER.c.player_id == player_id)
        .values(left_at=ctx.clock.now(), left_event_id=event_id)
        .returning(_MEMBER.c.version)
    )
    version: int | None = ctx.connection.scalar(statement)
    return version


def is_open(ctx: Context, key: Any, member: Any = _MEMBER) -> Any:
    """Return the condition of a stay in a segment that goes on."""
    c = member.c
    return and_(c.tenant_id == ctx.tenant.id, c.segment == key, c.left_at.is_(None))


# -- what a player is in ---------------------------------------------------------------------------


def write_player(ctx: Context, book: Book, player_id: UUID) -> tuple[frozenset[str], str | None]:
    """Write the player's row anew from their stays; return the segments, and the one of highest priority."""
    if ctx.connection.dialect.name == "postgresql":
        _lock(ctx, player_id)
    open_now = (_MEMBER.c.tenant_id == ctx.tenant.id, _MEMBER.c.player_id == player_id)
    query = select(_MEMBER.c.segment).where(*open_now, _MEMBER.c.left_at.is_(None))
    keys = ctx.connection.scalars(query).all()
    segments, first = sorted(key.upper() for key in keys), highest(book, keys)
    statement = insert_into(ctx, _PLAYER).values(
        tenant_id=ctx.tenant.id, player_id=player_id, segments=segments, segment=first
    )
    changes = {name: statement.excluded[name] for name in ("segments", "segment")}
    ctx.connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=changes))
    return frozenset(segments), first


def highest(book: Book, keys: Iterable[str]) -> str | None:
    """Return the segment of highest priority in capitals; of several the first by key."""
    ordered = sorted((order_of(book, key), key) for key in keys)
    return ordered[0][1].upper() if ordered else None


def order_of(book: Book, key: str) -> tuple[bool, int]:
    """Return where a segment stands among others; one that is not live stands last."""
    live = book.rules.get(key)
    return (live is None, -live.rule.priority if live is not None else 0)


def _lock(ctx: Context, player_id: UUID) -> None:
    """Hold the player's row, so that the stays which are read next are all that count."""
    row = {"tenant_id": ctx.tenant.id, "player_id": player_id, "segments": []}
    statement = postgres_insert(_PLAYER).values(row)
    same = {"segment": _PLAYER.c.segment}
    ctx.connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=same))


def insert_into(ctx: Context, table: Table) -> Any:
    """Return an INSERT that can say what becomes of a conflict, in the words of the database."""
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    return insert(table)
