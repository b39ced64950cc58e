"""Which fixtures have markets: the rows of the board that players see, and of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, func, or_, select

from pitboss.core.context import Context
from pitboss.plugins.betting.markets.reading import MARKET

ON_BOARD = ("open", "suspended")
ON_DESK = ("draft", "open", "suspended", "closed")


def on_board(ctx: Context, asked: Mapping[str, Any], after: Any, limit: int) -> Sequence[Row[Any]]:
    """Return the fixtures of a page for players: one row for each, with how many markets it has."""
    c = MARKET.c
    wanted = [*_asked(ctx, asked), c.status.in_(ON_BOARD)]
    if after is not None:
        at, fixture_id = datetime.fromisoformat(after[0]), UUID(after[1])
        wanted.append(or_(c.starts_at > at, and_(c.starts_at == at, c.fixture_id > fixture_id)))
    query = select(c.fixture_id, c.starts_at, func.count().label("market_count")).where(*wanted)
    grouped = query.group_by(c.fixture_id, c.starts_at).order_by(c.starts_at, c.fixture_id)
    return ctx.connection.execute(grouped.limit(limit)).all()


def markets_of(ctx: Context, fixture_ids: Sequence[UUID]) -> Sequence[Any]:
    """Return which markets fixtures have on the board, the oldest first, without their prices."""
    c = MARKET.c
    query = select(c.id, c.fixture_id, c.sport, c.template)
    mine = (c.tenant_id == ctx.tenant.id, c.fixture_id.in_(fixture_ids), c.status.in_(ON_BOARD))
    return ctx.connection.execute(query.where(*mine).order_by(c.id)).all()


def on_desk(
    ctx: Context, asked: Mapping[str, Any], *, statuses: Sequence[str], limit: int
) -> Sequence[Row[Any]]:
    """Return the fixtures that traders work on, those that start first leading."""
    c = MARKET.c
    wanted = [*_asked(ctx, asked), c.status.in_(statuses)]
    columns = (c.fixture_id, c.fixture_name, c.sport, c.starts_at)
    suspended = func.sum(case((c.status == "suspended", 1), else_=0)).label("suspended_count")
    counted = (func.count().label("market_count"), suspended)
    query = select(*columns, *counted, func.sum(case((c.is_in_play, 1), else_=0)).label("live_count"))
    grouped = query.where(*wanted).group_by(*columns).order_by(c.starts_at, c.fixture_id)
    return ctx.connection.execute(grouped.limit(limit)).all()


def sport_codes(ctx: Context) -> list[str]:
    """Return the sports that have markets."""
    query = select(MARKET.c.sport).distinct().where(MARKET.c.tenant_id == ctx.tenant.id)
    return sorted(ctx.connection.scalars(query))


def _asked(ctx: Context, asked: Mapping[str, Any]) -> list[Any]:
    wanted = [MARKET.c.tenant_id == ctx.tenant.id]
    if "sport" in asked:
        wanted.append(MARKET.c.sport == asked["sport"])
    if "is_live" in asked:
        wanted.append(MARKET.c.is_in_play.is_(asked["is_live"]))
    return wanted
