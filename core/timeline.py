"""What happened to a player, in one order of time: what each part that tells of it reads its rows with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from pitboss.core.contracts import Moment
from pitboss.core.money import Money
from pitboss.core.texts import grouped

if TYPE_CHECKING:
    from sqlalchemy import Table

    from pitboss.core.context import Context


def latest(
    ctx: Context, table: Table, player_id: UUID, before: Moment | None, limit: int, *, at: str = "at"
) -> Sequence[Any]:
    """Return a player's rows of a table, the newest first, with `at` naming the column of their time."""
    query = select(table).where(table.c.tenant_id == ctx.tenant.id, table.c.player_id == player_id)
    return page_of(ctx, query, table.c[at], table.c.id, before, limit)


def page_of(ctx: Context, query: Any, at: Any, id_: Any, before: Moment | None, limit: int) -> Sequence[Any]:
    """Return the newest rows of a query that are older than a moment."""
    if before is not None:
        query = query.where(or_(at < before.at, and_(at == before.at, id_ < before.id)))
    return ctx.connection.execute(query.order_by(at.desc(), id_.desc()).limit(limit)).all()


def amount(ctx: Context, minor: int, unit: str) -> str:
    """Write an amount with its unit, as the language of this request does."""
    return f"{grouped(ctx.tenant.currencies.text(Money(minor, unit)))} {unit}"


def written(moment: Moment) -> str:
    """Write a moment as a cursor of an address."""
    return f"{moment.at.isoformat()}_{moment.id}"


def read(cursor: str) -> Moment | None:
    """Return the moment that a cursor says; what is no cursor begins at the start."""
    at, _, id_ = cursor.partition("_")
    try:
        found = Moment(datetime.fromisoformat(at), UUID(id_))
    except ValueError:
        return None
    return found if found.at.tzinfo is not None else None
