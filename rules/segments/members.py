"""The stays of players in segments, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.rules.book.live import book_of
from pitboss.rules.book.tables import RuleRow
from pitboss.rules.segments.stays import is_open
from pitboss.rules.segments.tables import MemberRow

EXPORT_IDS_MAX = 10_000
"""Ids in one page of an export."""

_MEMBER, _RULE = MemberRow.__table__, RuleRow.__table__


@dataclass(frozen=True, slots=True)
class Standing:
    """A segment, and how many are in it."""

    key: str
    name: str
    state: str
    live: int | None
    priority: int | None
    """None where it is not at work."""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a player in a segment."""

    segment: str
    player_id: UUID
    entered_at: datetime
    left_at: datetime | None
    version: int
    event_id: UUID | None
    left_event_id: UUID | None


_STAY = [_MEMBER.c[name] for name in Stay.__slots__]


def list_segments(ctx: Context, *, after: str = "", limit: int = 50) -> list[Standing]:
    """Return the segments by key, with their sizes."""
    found = segments_of(ctx, after=after, limit=limit)
    sizes = _sizes(ctx, [one.key for one in found])
    return [replace(one, size=sizes.get(one.key, 0)) for one in found]


def segments_of(ctx: Context, *, after: str = "", limit: int = 50) -> list[Standing]:
    """Return the segments by key, without counting who is in them."""
    query = select(_RULE.c.key, _RULE.c.name, _RULE.c.state, _RULE.c.live)
    query = query.where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.kind == "segment", _RULE.c.key > after)
    live = book_of(ctx).segments.rules
    return [
        Standing(*row, live[row.key].rule.priority if row.key in live else None)
        for row in ctx.connection.execute(query.order_by(_RULE.c.key).limit(limit))
    ]


def list_members(ctx: Context, key: str, *, after: UUID | None = None, limit: int = 50) -> list[Stay]:
    """Return who is in a segment, in the order of their ids."""
    query = select(*_STAY).where(is_open(ctx, key), _MEMBER.c.player_id > (after or UUID(int=0)))
    rows = ctx.connection.execute(query.order_by(_MEMBER.c.player_id).limit(limit))
    return [Stay(*row) for row in rows]


def member_ids(
    ctx: Context, key: str, *, after: UUID | None = None, limit: int = EXPORT_IDS_MAX
) -> Sequence[UUID]:
    """Return a page of the ids of those who are in a segment, for other systems."""
    query = select(_MEMBER.c.player_id).where(is_open(ctx, key), _MEMBER.c.player_id > (after or UUID(int=0)))
    return ctx.connection.scalars(query.order_by(_MEMBER.c.player_id).limit(limit)).all()


def history(
    ctx: Context, player_id: UUID, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Stay]:
    """Return the stays of a player, the newest first."""
    c = _MEMBER.c
    query = select(*_STAY).where(c.tenant_id == ctx.tenant.id, c.player_id == player_id)
    if before is not None:
        at, key = before
        query = query.where(or_(c.entered_at < at, (c.entered_at == at) & (c.segment < key)))
    rows = ctx.connection.execute(query.order_by(c.entered_at.desc(), c.segment.desc()).limit(limit))
    return [Stay(*row) for row in rows]


def find_stay(ctx: Context, key: str, player_id: UUID, at: datetime | None = None) -> Stay:
    """Return the stay of a player that was going on at an instant; the latest without one."""
    c = _MEMBER.c
    query = select(*_STAY).where(c.tenant_id == ctx.tenant.id, c.segment == key, c.player_id == player_id)
    if at is not None:
        query = query.where(c.entered_at <= at, or_(c.left_at.is_(None), c.left_at > at))
    row = ctx.connection.execute(query.order_by(c.entered_at.desc()).limit(1)).first()
    if row is None:
        text = marked("player %(player)s was not in segment %(key)s")
        if at is not None:
            text = marked("player %(player)s was not in segment %(key)s at %(when)s")
        when = at.isoformat() if at is not None else ""
        raise NotFound(_(text, player=player_id, key=repr(key), when=when))
    return Stay(*row)


def _sizes(ctx: Context, keys: Sequence[str]) -> dict[str, int]:
    query: Any = select(_MEMBER.c.segment, func.count()).group_by(_MEMBER.c.segment)
    wanted = (_MEMBER.c.tenant_id == ctx.tenant.id, _MEMBER.c.segment.in_(keys), _MEMBER.c.left_at.is_(None))
    return {row[0]: row[1] for row in ctx.connection.execute(query.where(*wanted))}
