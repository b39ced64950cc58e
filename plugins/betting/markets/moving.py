"""Move the prices of a market: each move is kept with its cause, and one event tells of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, update

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import states
from pitboss.plugins.betting.markets.pricing import jumps
from pitboss.plugins.betting.markets.reading import MARKET, MOVE, SELECTION, Book
from pitboss.plugins.betting.markets.templates import plain

AUTOMATIC = ("feed", "liability", "lmsr", "margin")
"""Causes that nobody looked at: a jump by one of them suspends the market."""
ENDED = ("settled", "void")

_SET = (
    update(SELECTION)
    .where(SELECTION.c.tenant_id == bindparam("of_tenant"), SELECTION.c.id == bindparam("of_id"))
    .values(odds=bindparam("to_odds"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why prices move, as it is kept with each move."""

    name: str
    """opened, trader, feed, liability, lmsr, margin or withdrawal."""
    detail: Mapping[str, Any] = field(default_factory=dict)


def move(ctx: Context, book: Book, odds: Mapping[UUID, Decimal | None], cause: Cause) -> Book:
    """Set the prices of some selections of a locked market; return it as it is now.

    The same prices again are a confirmation: the market is no longer stale, and nothing moved.
    """
    if book.market.status in ENDED:
        raise Conflict(f"market {book.market.id} is {book.market.status}: its prices move no more")
    changed = [one for one in book.selections if one.id in odds and odds[one.id] != one.odds]
    version = book.market.odds_version + bool(changed)
    _mark(ctx, book, version)
    if not changed:
        return states.reread(ctx, book)
    table = [{"of_tenant": ctx.tenant.id, "of_id": one.id, "to_odds": odds[one.id]} for one in changed]
    ctx.connection.execute(_SET, sorted(table, key=lambda row: row["of_id"]))
    ctx.connection.execute(insert(MOVE), [_row(ctx, one, odds[one.id], version, cause) for one in changed])
    _tell(ctx, book, changed, odds, version, cause)
    if cause.name in AUTOMATIC and _has_jump(ctx, changed, odds):
        states.suspend(
            ctx, states.reread(ctx, book), "jump", reason=marked(f"a price jumped by {cause.name}")
        )
    return states.reread(ctx, book)


def _has_jump(ctx: Context, changed: Iterable[Any], odds: Mapping[UUID, Decimal | None]) -> bool:
    percent_max = ctx.settings("betting")["jump_percent_max"]
    return any(jumps(one.odds, odds[one.id], percent_max=percent_max) for one in changed)


def _mark(ctx: Context, book: Book, version: int) -> None:
    mine = (MARKET.c.tenant_id == ctx.tenant.id) & (MARKET.c.id == book.market.id)
    values = {"odds_version": version, "priced_at": ctx.clock.now()}
    ctx.connection.execute(update(MARKET).where(mine).values(values))


def _row(ctx: Context, one: Any, odds: Decimal | None, version: int, cause: Cause) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "market_id": one.market_id,
        "selection_id": one.id,
        "odds_version": version,
        "before": one.odds,
        "odds": odds,
        "cause": cause.name,
        "detail": dict(cause.detail),
        "actor": ctx.actor.label,
        "at": ctx.clock.now(),
    }


def _tell(
    ctx: Context,
    book: Book,
    changed: Iterable[Any],
    odds: Mapping[UUID, Decimal | None],
    version: int,
    cause: Cause,
) -> None:
    said = {
        **states.named(book),
        "odds_version": version,
        "cause": cause.name,
        "prices": [_price(one, odds[one.id]) for one in changed],
    }
    ctx.emit("betting.price_moved", said)


def _price(one: Any, odds: Decimal | None) -> dict[str, Any]:
    return {
        "selection_id": str(one.id),
        "code": one.code,
        "before": None if one.odds is None else plain(one.odds),
        "odds": None if odds is None else plain(odds),
    }
