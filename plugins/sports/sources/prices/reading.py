"""Read prices: the newest, those of an instant, and how they came to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select, tuple_

from pitboss.core.context import Context
from pitboss.plugins.sports.fixtures.views import id_of
from pitboss.plugins.sports.sources.imports.values import plain
from pitboss.plugins.sports.sources.prices import consensus
from pitboss.plugins.sports.sources.prices.consensus import Quote
from pitboss.plugins.sports.sources.tables import PriceRow

FIXTURES_A_QUERY = 500
_PRICE = PriceRow.__table__
_PLACE = (_PRICE.c.fixture_id, _PRICE.c.market, _PRICE.c.line, _PRICE.c.selection, _PRICE.c.bookmaker)


def newest(ctx: Context, fixture_ids: Sequence[UUID], *, as_of: datetime | None = None) -> list[Row[Any]]:
    """Return the newest price of each place, or the one that stood at an instant; not those taken down."""
    return [row for row in _newest(ctx, fixture_ids, as_of) if row.price]


def newest_texts(
    ctx: Context, fixture_ids: Sequence[UUID]
) -> dict[tuple[UUID, str, str, str, str], tuple[datetime, str]]:
    """Return when and to what each place was set last; to nothing where it was taken down."""
    rows = _newest(ctx, fixture_ids, None)
    return {(r.fixture_id, r.market, r.line, r.selection, r.bookmaker): (r.at, r.price) for r in rows}


def history(
    ctx: Context,
    fixture_id: UUID,
    *,
    market: str | None = None,
    after: tuple[datetime, str, str, str, str] | None = None,
    limit: int = 200,
) -> list[Row[Any]]:
    """Return every price that a fixture had, in the order of time."""
    order = (_PRICE.c.at, *_PLACE[1:])
    query = select(_PRICE).where(_PRICE.c.tenant_id == ctx.tenant.id, _PRICE.c.fixture_id == fixture_id)
    if market is not None:
        query = query.where(_PRICE.c.market == market)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return list(ctx.connection.execute(query.order_by(*order).limit(limit)))


def prices(ctx: Context, fixture_id: str) -> dict[str, Any]:
    """Return the newest prices of a fixture by market, with best price, fair chances and age."""
    one = id_of(fixture_id)
    return view(fixture_id, [] if one is None else newest(ctx, [one]), ctx.clock.now())


def prices_at(ctx: Context, fixture_id: str, at: str) -> dict[str, Any]:
    """Return the prices of a fixture as they stood at an instant; none that came later."""
    one, instant = id_of(fixture_id), datetime.fromisoformat(at)
    return view(fixture_id, [] if one is None else newest(ctx, [one], as_of=instant), instant)


def prices_of(ctx: Context, fixture_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the newest prices of many fixtures, each as `prices` does, in one query."""
    by_fixture: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in newest(ctx, fixture_ids):
        by_fixture[row.fixture_id].append(row)
    now = ctx.clock.now()
    return {one: view(str(one), by_fixture[one], now) for one in fixture_ids}


def view(fixture_id: object, rows: Iterable[Row[Any]], now: datetime) -> dict[str, Any]:
    """Return rows of one fixture as a mapping."""
    by_market: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_market[row.market, row.line].append(row)
    markets = [_market(name, line, found, now) for (name, line), found in sorted(by_market.items())]
    return {"fixture_id": str(fixture_id), "as_of": now.isoformat(), "markets": markets}


def _market(name: str, line: str, rows: Sequence[Row[Any]], now: datetime) -> dict[str, Any]:
    quotes = [Quote(r.bookmaker, r.selection, Decimal(r.price), r.at, r.source) for r in rows]
    best = consensus.best(quotes)
    fair = consensus.fair(name, quotes)
    updated_at = max(quote.at for quote in quotes)
    return {
        "market": name,
        "line": line,
        "updated_at": updated_at.isoformat(),
        "age_seconds": _age(updated_at, now),
        "best": {s: _quote(one, now) for s, one in sorted(best.items())},
        "fair": {s: consensus.shown(chance) for s, chance in sorted(fair.items())},
        "prices": [_quote(q, now) for q in sorted(quotes, key=lambda q: (q.bookmaker, q.selection))],
    }


def _quote(quote: Quote, now: datetime) -> dict[str, Any]:
    return {
        "bookmaker": quote.bookmaker,
        "selection": quote.selection,
        "price": plain(quote.price),
        "at": quote.at.isoformat(),
        "age_seconds": _age(quote.at, now),
        "source": quote.source,
    }


def _age(at: datetime, now: datetime) -> int:
    return max(0, int((now - at).total_seconds()))


def _newest(ctx: Context, fixture_ids: Sequence[UUID], as_of: datetime | None) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for begin in range(0, len(fixture_ids), FIXTURES_A_QUERY):
        some = fixture_ids[begin : begin + FIXTURES_A_QUERY]
        of_these = [_PRICE.c.tenant_id == ctx.tenant.id, _PRICE.c.fixture_id.in_(some)]
        if as_of is not None:
            of_these.append(_PRICE.c.at <= as_of)
        last = (
            select(*_PLACE, func.max(_PRICE.c.at).label("at")).where(*of_these).group_by(*_PLACE).subquery()
        )
        is_last = [_PRICE.c[column.name] == last.c[column.name] for column in (*_PLACE, _PRICE.c.at)]
        query = select(_PRICE).join(last, onclause=and_(*is_last)).where(_PRICE.c.tenant_id == ctx.tenant.id)
        found += ctx.connection.execute(query).all()
    return found
