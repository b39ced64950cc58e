"""Markets with their selections, as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.context import Context
from pitboss.core.errors import NotFound, TermMissing
from pitboss.plugins.betting.markets.tables import Market, PriceMove, Selection

MARKET, SELECTION, MOVE = Market.__table__, Selection.__table__, PriceMove.__table__
SHOWN_TO_PLAYERS = ("open", "suspended", "closed", "settled", "void")
MARKETS_MAX = 1_000
"""Markets that are read at once: more than any fixture has."""


@dataclass(frozen=True, slots=True)
class Book:
    """A market and its selections in their order."""

    market: Row[Any]
    selections: Sequence[Row[Any]]

    @property
    def active(self) -> list[Row[Any]]:
        """Return the selections that can still be right."""
        return [one for one in self.selections if one.status == "active"]

    @property
    def odds(self) -> list[Decimal]:
        """Return the prices of the active selections that have one."""
        return [one.odds for one in self.active if one.odds is not None]

    @property
    def is_priced(self) -> bool:
        """Tell whether every active selection has a price."""
        return bool(self.active) and len(self.odds) == len(self.active)

    @property
    def version(self) -> dict[str, Any]:
        """Return what an editor must have seen before changing anything."""
        m = self.market
        held = [str(one.id) for one in self.selections if one.is_overridden]
        return {
            "odds": m.odds_version,
            "status": m.status,
            "suspensions": m.suspensions,
            "closes_at": m.closes_at,
            "moves_by": m.moves_by,
            "pricing": m.pricing,
            "held": held,
        }


def find(ctx: Context, market_id: UUID, *, is_locked: bool = False) -> Book:
    """Return one market; locked, nobody else changes it before this transaction ends."""
    query = select(MARKET).where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.id == market_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no market {market_id}")
    return Book(row, _selections(ctx, [market_id]).get(market_id, []))


def of_fixtures(
    ctx: Context, fixture_ids: Iterable[UUID], *, statuses: Sequence[str] = (), is_locked: bool = False
) -> list[Book]:
    """Return the markets of fixtures, in the order in which they lock."""
    wanted = [MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.fixture_id.in_(list(fixture_ids))]
    if statuses:
        wanted.append(MARKET.c.status.in_(statuses))
    query = select(MARKET).where(*wanted).order_by(MARKET.c.id).limit(MARKETS_MAX)
    rows = ctx.connection.execute(query.with_for_update() if is_locked else query).all()
    answers = _selections(ctx, [row.id for row in rows])
    return [Book(row, answers.get(row.id, [])) for row in rows]


def many(ctx: Context, market_ids: Sequence[UUID]) -> list[Book]:
    """Return markets in the order asked for."""
    query = select(MARKET).where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.id.in_(market_ids))
    rows = {row.id: row for row in ctx.connection.execute(query)}
    answers = _selections(ctx, market_ids)
    return [Book(rows[one], answers.get(one, [])) for one in market_ids if one in rows]


def market_of_selection(ctx: Context, selection_id: UUID) -> Book:
    """Return the market that a selection belongs to."""
    query = select(SELECTION.c.market_id).where(
        SELECTION.c.tenant_id == ctx.tenant.id, SELECTION.c.id == selection_id
    )
    market_id = ctx.connection.scalar(query)
    if market_id is None:
        raise NotFound(f"no selection {selection_id}")
    return find(ctx, market_id)


def moves(ctx: Context, market_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return the moves of a market's prices, the newest first."""
    query = select(MOVE).where(MOVE.c.tenant_id == ctx.tenant.id, MOVE.c.market_id == market_id)
    if before is not None:
        query = query.where(MOVE.c.id < before)
    return list(ctx.connection.execute(query.order_by(MOVE.c.id.desc()).limit(limit)))


def _selections(ctx: Context, market_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    query = select(SELECTION).where(
        SELECTION.c.tenant_id == ctx.tenant.id, SELECTION.c.market_id.in_(market_ids)
    )
    found: dict[UUID, list[Row[Any]]] = {}
    for row in ctx.connection.execute(query.order_by(SELECTION.c.market_id, SELECTION.c.position)):
        found.setdefault(row.market_id, []).append(row)
    return found


def live_of(ctx: Context, fixture_id: UUID) -> Mapping[str, Any] | None:
    """Return how a fixture stands in play, or None where nobody tells."""
    try:
        standing: Mapping[str, Any] | None = ctx.value("sports.live", str(fixture_id))
    except TermMissing:
        return None
    return standing
