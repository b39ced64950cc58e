"""Bring a segment up to date for all players at once, in the database.

Time passes without an event, and a new segment begins with nobody in it: a refresh lets in and out whom
the condition is for now. What it did is told in events; each segment is one transaction, and its events
are pieces of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, literal, not_, select, update

from pitboss.core.context import Context
from pitboss.core.database import Instant
from pitboss.core.errors import Conflict, NotFound, nearest
from pitboss.core.texts import gettext as _
from pitboss.rules.book.agreement import IN_SQL
from pitboss.rules.book.live import Book, LiveRule, book_of
from pitboss.rules.book.tables import RuleRow
from pitboss.rules.segments.paging import Page, judged_pages
from pitboss.rules.segments.population import NotInSql, Population, population
from pitboss.rules.segments.standing import write_players
from pitboss.rules.segments.stays import insert_into, is_open
from pitboss.rules.segments.tables import MemberRow
from pitboss.rules.segments.telling import moved_at, tell

log = structlog.get_logger(__name__)

_MEMBER, _RULE = MemberRow.__table__, RuleRow.__table__
_ENTERING = ("tenant_id", "segment", "player_id", "entered_at", "version")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of a segment came to."""

    entered: int
    left: int
    size: int
    at: datetime

    @property
    def moved(self) -> int:
        """How many came or went."""
        return self.entered + self.left


def refresh(ctx: Context, key: str) -> Refreshed:
    """Let players into a segment and out of it as its condition holds now, and tell of it."""
    done = renew(ctx, book_of(ctx), key)
    for __ in tell(ctx, key, done.at) if done.moved else ():
        pass
    return done


def renew(ctx: Context, book: Book, key: str) -> Refreshed:
    """Do the same without telling of it: one statement lets in, one lets out, one writes the players."""
    if book.is_stopped:
        raise Conflict(_("all rules are stopped: segments stay as they are until they are started again"))
    if key in book.broken:
        raise Conflict(
            _(
                "segment %(key)s cannot be read with the words of today: %(broken)s",
                key=repr(key),
                broken=book.why_broken()[key],
            )
        )
    live, at = book.segments.rules.get(key), ctx.clock.now()
    if live is None:
        check_known(ctx, key)
    entered, left = (0, _let_out(ctx, key, at)) if live is None else _changed(ctx, live, at)
    done = Refreshed(entered, left, size_of(ctx, key), at)
    if done.moved:
        write_players(ctx, book, select(_MEMBER.c.player_id).where(moved_at(ctx, key, at)))
    return done


def size_of(ctx: Context, key: str) -> int:
    """Return how many players are in a segment."""
    query = select(func.count()).select_from(_MEMBER).where(is_open(ctx, key))
    return int(ctx.connection.scalar(query) or 0)


def check_known(ctx: Context, key: str) -> None:
    """Raise NotFound unless a segment of that key was ever written."""
    query = select(_RULE.c.key).where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.kind == "segment")
    keys = ctx.connection.scalars(query).all()
    if key not in keys:
        raise NotFound(_("no segment %(key)s; %(cure)s", key=repr(key), cure=nearest(key, keys)))


def due_keys(ctx: Context, book: Book) -> list[str]:
    """Return the segments that time may have changed, and those that are no more.

    One that is judged on named events only waits for them.
    """
    lasting = [key for key in book.segments.rules if key not in book.bound]
    return sorted([*lasting, *gone_keys(ctx, book)])


def gone_keys(ctx: Context, book: Book) -> list[str]:
    """Return the segments with members that were paused or retired, or whose time is over."""
    is_in = select(1).where(is_open(ctx, _RULE.c.key)).correlate(_RULE)
    query = select(_RULE.c.key).where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.kind == "segment")
    keys = ctx.connection.scalars(query.where(is_in.exists())).all()
    return [key for key in keys if key not in book.segments.rules and key not in book.broken]


# -- by the condition ------------------------------------------------------------------------------


def _changed(ctx: Context, live: LiveRule, at: datetime) -> tuple[int, int]:
    try:
        if IN_SQL in live.row_path:
            raise NotInSql("SQL and the reference do not agree on it")
        found = population(ctx, live.program, at)
    except NotInSql as reason:
        log.info("segment is judged page by page", segment=live.key, reason=str(reason))
        pages = [_page_changed(ctx, live, page, at) for page in judged_pages(ctx, live.program)]
        return sum(entered for entered, _ in pages), sum(left for _, left in pages)
    return _let_in(ctx, live, found, at), _let_out(
        ctx, live.key, at, found.excludes(ctx, _MEMBER.c.player_id)
    )


def _let_in(ctx: Context, live: LiveRule, found: Population, at: datetime) -> int:
    member = _MEMBER.alias("member")
    is_in = select(1).where(is_open(ctx, live.key, member), member.c.player_id == found.player_id)
    entering = found.select(*_stay(ctx, live, found.player_id, at)).where(not_(is_in.exists()))
    # Whoever was let in by an event a moment ago is in.
    statement = insert_into(ctx, _MEMBER).from_select(_ENTERING, entering).on_conflict_do_nothing()
    return ctx.connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _stay(ctx: Context, live: LiveRule, player_id: Any, at: datetime) -> tuple[Any, ...]:
    return (
        literal(ctx.tenant.id),
        literal(live.key),
        player_id,
        literal(at, Instant()),
        literal(live.version),
    )


def _let_out(ctx: Context, key: str, at: datetime, *conditions: Any) -> int:
    statement = update(_MEMBER).where(is_open(ctx, key), *conditions).values(left_at=at)
    return ctx.connection.execute(statement).rowcount


def _page_changed(ctx: Context, live: LiveRule, page: Page, at: datetime) -> tuple[int, int]:
    inside = (_MEMBER.c.player_id > page.after, _MEMBER.c.player_id <= page.until)
    query = select(_MEMBER.c.player_id).where(is_open(ctx, live.key), *inside)
    before = set(ctx.connection.scalars(query))
    matching = set(page.matching)
    rows = [_row(ctx, live, player_id, at) for player_id in sorted(matching - before)]
    leaving = sorted(before - matching)
    if rows:
        ctx.connection.execute(insert_into(ctx, _MEMBER).on_conflict_do_nothing(), rows)
    left = _let_out(ctx, live.key, at, _MEMBER.c.player_id.in_(leaving)) if leaving else 0
    return len(rows), left


def _row(ctx: Context, live: LiveRule, player_id: UUID, at: datetime) -> Mapping[str, Any]:
    values = (ctx.tenant.id, live.key, player_id, at, live.version)
    return dict(zip(_ENTERING, values, strict=True))
