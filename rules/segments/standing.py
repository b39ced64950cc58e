"""The rows of players written anew from their stays, for many players at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.database import JsonObject
from pitboss.rules.book.live import Book
from pitboss.rules.engine.sql.constructs import Bytewise
from pitboss.rules.segments.stays import order_of
from pitboss.rules.segments.tables import MemberRow, PlayerRow

_MEMBER, _PLAYER = MemberRow.__table__, PlayerRow.__table__
_COLUMNS = ("tenant_id", "player_id", "segments", "segment")
_KEY = ("tenant_id", "player_id")
_RANK_DIGITS = 6
_LAST = "9" * _RANK_DIGITS


def write_players(ctx: Context, book: Book, players: Select[Any]) -> None:
    """Write the rows of those players whom a SELECT of `player_id` finds, each once."""
    changed = players.subquery("changed")
    # In one order everywhere, so that two refreshes cannot wait for each other.
    _upsert(ctx, _standing(ctx, book, changed).order_by(changed.c.player_id))


def mend_players(ctx: Context, book: Book) -> int:
    """Write the rows that do not say what the stays say; return how many there were.

    The order of segments may have changed, and two workers may have been at one player at once.
    """
    open_stays = (_MEMBER.c.tenant_id == ctx.tenant.id, _MEMBER.c.left_at.is_(None))
    everybody = select(_MEMBER.c.player_id).where(*open_stays).distinct()
    found = _standing(ctx, book, everybody.subquery("everybody")).subquery("found")
    theirs = and_(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.player_id == found.c.player_id)
    wrong = (
        select(*(found.c[name] for name in _COLUMNS))
        .select_from(found.outerjoin(_PLAYER, theirs))
        .where(or_(_PLAYER.c.player_id.is_(None), _differs(ctx, found)))
    )
    return _upsert(ctx, wrong.order_by(found.c.player_id)) + _empty(ctx)


def _empty(ctx: Context) -> int:
    """Take the last segment from players who are in none."""
    stay = _MEMBER.alias("stay")
    is_in_one = exists().where(
        stay.c.tenant_id == ctx.tenant.id,
        stay.c.player_id == _PLAYER.c.player_id,
        stay.c.left_at.is_(None),
    )
    statement = update(_PLAYER).where(
        _PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.segment.is_not(None), not_(is_in_one)
    )
    return ctx.connection.execute(statement.values(segments=[], segment=None)).rowcount


def _upsert(ctx: Context, rows: Select[Any]) -> int:
    insert = sqlite_insert if _is_sqlite(ctx) else postgres_insert
    statement = insert(_PLAYER).from_select(_COLUMNS, rows)
    changes = {name: statement.excluded[name] for name in ("segments", "segment")}
    statement = statement.on_conflict_do_update(index_elements=_KEY, set_=changes)
    return ctx.connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _differs(ctx: Context, found: FromClause) -> ColumnElement[bool]:
    lists = func.json(_PLAYER.c.segments) if _is_sqlite(ctx) else _PLAYER.c.segments
    return or_(lists != found.c.segments, _PLAYER.c.segment.is_distinct_from(found.c.segment))


def _standing(ctx: Context, book: Book, players: FromClause) -> Select[Any]:
    """Return the row of each player as it should be."""
    made: Callable[[Context, Book, FromClause], Select[Any]] = _one_by_one if _is_sqlite(ctx) else _grouped
    return made(ctx, book, players)


def _grouped(ctx: Context, book: Book, players: FromClause) -> Select[Any]:
    """Aggregate the stays of all players in one pass, as PostgreSQL does best."""
    stay = _MEMBER.alias("stay")
    name = Bytewise(func.upper(stay.c.segment))
    every_name = func.jsonb_agg(aggregate_order_by(name, name), type_=JsonObject)
    names = every_name.filter(stay.c.segment.is_not(None))
    return (
        select(
            literal(ctx.tenant.id).label("tenant_id"),
            players.c.player_id,
            func.coalesce(names, func.jsonb_build_array(type_=JsonObject), type_=JsonObject).label(
                "segments"
            ),
            _first(func.min(_ranked(book, stay))).label("segment"),
        )
        .select_from(players.outerjoin(stay, _goes_on(ctx, stay, players)))
        .group_by(players.c.player_id)
    )


def _one_by_one(ctx: Context, book: Book, players: FromClause) -> Select[Any]:
    """Look up the stays of each player, as SQLite does best; it aggregates in the order of a SELECT."""
    listed, ranked = _MEMBER.alias("listed"), _MEMBER.alias("ranked")
    name = func.upper(listed.c.segment).label("name")
    names = select(name).where(_is_open(ctx, listed, players)).order_by(name).correlate(players).subquery()
    first = select(_first(func.min(_ranked(book, ranked)))).where(_is_open(ctx, ranked, players))
    return select(
        literal(ctx.tenant.id).label("tenant_id"),
        players.c.player_id,
        select(func.json_group_array(names.c.name)).scalar_subquery().label("segments"),
        first.correlate(players).scalar_subquery().label("segment"),
    ).where(players.c.player_id.is_not(None))  # SQLite needs a WHERE before ON CONFLICT


def _is_open(ctx: Context, stay: FromClause, players: FromClause) -> ColumnElement[bool]:
    c = stay.c
    return and_(c.tenant_id == ctx.tenant.id, c.player_id == players.c.player_id, c.left_at.is_(None))


def _goes_on(ctx: Context, stay: FromClause, players: FromClause) -> ColumnElement[bool]:
    """Say that a stay is open in words that fit no partial index.

    Before the table's first ANALYZE, PostgreSQL would take the index of open stays, which begins with the
    segment, and read all of it for each player.
    """
    c = stay.c
    is_open = case((c.left_at.is_(None), True), else_=False)
    return and_(c.tenant_id == ctx.tenant.id, c.player_id == players.c.player_id, is_open)


def _ranked(book: Book, stay: FromClause) -> ColumnElement[Any]:
    """Return the name of a segment after its rank, so that the least text is the first segment."""
    ordered = sorted(book.segments.rules, key=lambda key: (order_of(book, key), key))
    ranks = {key: f"{rank:0{_RANK_DIGITS}}" for rank, key in enumerate(ordered)}
    rank: Any = case(ranks, value=stay.c.segment, else_=_LAST) if ranks else literal(_LAST, Text())
    text = rank.op("||", return_type=Text())(func.upper(stay.c.segment))
    return Bytewise(text)


def _first(ranked: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.substr(ranked, _RANK_DIGITS + 1, type_=Text())


def _is_sqlite(ctx: Context) -> bool:
    return ctx.connection.dialect.name == "sqlite"
