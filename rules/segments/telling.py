"""Tell of the players whom a refresh moved: one event each, in bounded pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from pitboss.core import events
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.rules.segments.membership import ENTERED, LEFT
from pitboss.rules.segments.tables import MemberRow

PIECE_EVENTS = 2_000
"""Events that are recorded in one statement."""

_MEMBER = MemberRow.__table__


def moved_at(ctx: Context, key: str, at: datetime) -> Any:
    """Return the condition of the stays that a refresh of that instant began or ended."""
    c = _MEMBER.c
    began = and_(c.entered_at == at, c.event_id.is_(None), c.left_at.is_(None))
    ended = and_(c.left_at == at, c.left_event_id.is_(None))
    return and_(c.tenant_id == ctx.tenant.id, c.segment == key, or_(began, ended))


def tell(ctx: Context, key: str, at: datetime, *, after: UUID | None = None) -> Iterator[UUID]:
    """Record the events of a refresh; yield after each piece how far it came."""
    while piece := _piece(ctx, key, at, after):
        made: dict[tuple[str, int], events.Event] = {}
        told = []
        for row in piece:
            kind = (LEFT if row.left_at is not None else ENTERED, row.version)
            if kind not in made:
                # One is checked against its schema; the rest differ in the player alone.
                made[kind] = events.prepare(ctx, kind[0], {"segment": key, "version": row.version})
            told.append(replace(made[kind], id=uuid7(), player_id=row.player_id))
        events.record(ctx, told)
        after = piece[-1].player_id
        yield piece[-1].player_id


def _piece(ctx: Context, key: str, at: datetime, after: UUID | None) -> Any:
    query = select(_MEMBER.c.player_id, _MEMBER.c.version, _MEMBER.c.left_at)
    query = query.where(moved_at(ctx, key, at), _MEMBER.c.player_id > (after or UUID(int=0)))
    return ctx.connection.execute(query.order_by(_MEMBER.c.player_id).limit(PIECE_EVENTS)).all()
