"""What the house is left with when the worst happens to it: on one market, and among all of a fixture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION, Book
from pitboss.plugins.betting.slips.books import worst

_COLUMNS = (MARKET.c.id, MARKET.c.fixture_id, MARKET.c.staked, MARKET.c.refund, MARKET.c.winners)


def of_book(book: Book) -> int:
    """Return what the house is left with by the worst outcome of a market: below zero it loses.

    All of its answers count, and that it is void or its line is hit, as they do for the limits.
    """
    return _left(book.market, [one.liability for one in book.selections])


def of_fixtures(ctx: Context, fixture_ids: Sequence[UUID], statuses: Sequence[str]) -> dict[UUID, int]:
    """Return for each fixture with bets the worst outcome among its markets; a market counts by itself."""
    mine = (
        MARKET.c.tenant_id == ctx.tenant.id,
        MARKET.c.fixture_id.in_(fixture_ids),
        MARKET.c.status.in_(statuses),
        SELECTION.c.liability != 0,
    )
    of_market = (SELECTION.c.tenant_id == MARKET.c.tenant_id) & (SELECTION.c.market_id == MARKET.c.id)
    query = select(*_COLUMNS, SELECTION.c.liability).join(SELECTION, of_market).where(*mine)
    owed: dict[UUID, tuple[Any, list[int]]] = {}
    for row in ctx.connection.execute(query):
        owed.setdefault(row.id, (row, []))[1].append(row.liability)
    found: dict[UUID, int] = {}
    for market, liabilities in owed.values():
        left = _left(market, liabilities)
        found[market.fixture_id] = min(left, found.get(market.fixture_id, left))
    return found


def _left(market: Any, liabilities: Sequence[int]) -> int:
    return int(market.staked - max(worst(liabilities, market.winners), market.refund))
