"""Say how large a segment would be before it is live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.rules.book import store
from pitboss.rules.book.drafts import refused_or
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Segment
from pitboss.rules.segments.paging import judged_pages
from pitboss.rules.segments.population import NotInSql, Population, population
from pitboss.rules.segments.refresh import size_of
from pitboss.rules.segments.stays import is_open
from pitboss.rules.segments.tables import MemberRow

SAMPLE_MAX = 100

_MEMBER = MemberRow.__table__


@dataclass(frozen=True, slots=True)
class Preview:
    """What a condition comes to now, beside who is in the segment."""

    size: int
    size_now: int
    entering: int
    leaving: int
    sample: Sequence[UUID]
    """Some of those it would be for."""


def preview_saved(ctx: Context, key: str, *, sample: int = 0) -> Preview:
    """Preview the newest version of a segment."""
    return preview(ctx, store.version(ctx, key, store.find(ctx, key).head).document, sample=sample)


def preview(ctx: Context, document: Any, *, sample: int = 0) -> Preview:
    """Preview a segment that need not be saved, or raise InvalidInput that says what is wrong with it."""
    checked = refused_or(ctx, document)
    if not isinstance(checked.rule, Segment) or checked.program is None:
        raise InvalidInput(_("kind: only a segment has a size"), {"kind": [_("Not a segment.")]})
    key, program, limit = checked.rule.key, checked.program, min(sample, SAMPLE_MAX)
    try:
        size, staying, some = _counted(ctx, key, population(ctx, program, ctx.clock.now()), limit)
    except NotInSql:
        size, staying, some = _paged(ctx, key, program, limit)
    now = size_of(ctx, key)
    return Preview(size, now, size - staying, now - staying, some)


def _counted(ctx: Context, key: str, found: Population, limit: int) -> tuple[int, int, Sequence[UUID]]:
    """Count whom a condition is for, and how many of them are in already, in one statement."""
    is_theirs = and_(is_open(ctx, key), _MEMBER.c.player_id == found.player_id)
    both = found.source.outerjoin(_MEMBER, is_theirs)
    query = select(func.count(), func.count(_MEMBER.c.player_id)).select_from(both)
    size, staying = ctx.connection.execute(query.where(*found.is_theirs, found.lean)).one()
    some = (
        ctx.connection.scalars(found.select().order_by(found.player_id).limit(limit)).all() if limit else []
    )
    return size, staying, some


def _paged(ctx: Context, key: str, program: Program, limit: int) -> tuple[int, int, Sequence[UUID]]:
    size, staying, some = 0, 0, list[UUID]()
    for page in judged_pages(ctx, program):
        size += len(page.matching)
        some += page.matching[: limit - len(some)]
        inside = (_MEMBER.c.player_id > page.after, _MEMBER.c.player_id <= page.until)
        members = ctx.connection.scalars(select(_MEMBER.c.player_id).where(is_open(ctx, key), *inside))
        staying += len(set(members).intersection(page.matching))
    return size, staying, some
