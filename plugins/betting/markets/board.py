"""Markets over HTTP, for players: what can be bet on, at which prices, in their own format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import NotFound
from pitboss.core.http import (
    Blueprint,
    current,
    page,
    page_schema,
    public,
    read_cursor,
    read_id_cursor,
)
from pitboss.plugins.betting.markets import boards, catalogue, documents, reading
from pitboss.plugins.betting.markets.reading import SHOWN_TO_PLAYERS, Book
from pitboss.plugins.betting.markets.schemas import (
    BoardFilter,
    BoardFixture,
    FormatArguments,
    MovesFilter,
    OfferedMarket,
    PriceMoveSchema,
)

blueprint = Blueprint("betting_board", __name__, url_prefix="", description="What can be bet on")
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("/fixtures")
class Fixtures(MethodView):
    @public
    @blueprint.arguments(BoardFilter(), location="query")
    @blueprint.response(200, page_schema(BoardFixture))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List fixtures that can be bet on, those that start first leading, each with its main market."""
        ctx, limit = current(), asked["limit"]
        rows = boards.on_board(ctx, asked, read_cursor(asked.get("cursor")), limit + 1)
        shown = _shown(ctx, rows[:limit], documents.format_of(ctx, asked["odds_format"]))
        last = rows[limit - 1] if len(rows) > limit else None
        return page(shown, None if last is None else [last.starts_at.isoformat(), str(last.fixture_id)])


@blueprint.route("/fixtures/<uuid:fixture_id>/markets")
class OfferedMarkets(MethodView):
    @public
    @blueprint.arguments(FormatArguments(), location="query")
    @blueprint.response(200, OfferedMarket(many=True))
    def get(self, asked: dict[str, Any], fixture_id: UUID) -> list[dict[str, Any]]:
        """List every market of a fixture with its prices."""
        ctx = current()
        shown_in = documents.format_of(ctx, asked["odds_format"])
        books = reading.of_fixtures(ctx, [fixture_id], statuses=SHOWN_TO_PLAYERS)
        return [documents.for_player(ctx, book, shown_in) for book in books]


@blueprint.route("/markets/<uuid:market_id>")
class Offered(MethodView):
    @public
    @blueprint.arguments(FormatArguments(), location="query")
    @blueprint.response(200, OfferedMarket())
    def get(self, asked: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Show a market with its prices; follow its moves on the stream of events."""
        ctx = current()
        return documents.for_player(
            ctx, _offered(ctx, market_id), documents.format_of(ctx, asked["odds_format"])
        )


@blueprint.route("/markets/<uuid:market_id>/moves")
class Moves(MethodView):
    @public
    @blueprint.arguments(MovesFilter(), location="query")
    @blueprint.response(200, page_schema(PriceMoveSchema))
    def get(self, asked: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """List how the prices of a market moved, the newest first."""
        ctx, limit = current(), asked["limit"]
        book = _offered(ctx, market_id)
        before = read_id_cursor(asked.get("cursor"))
        rows = reading.moves(ctx, market_id, before=before, limit=limit + 1)
        shown = documents.moves(book, rows[:limit], documents.format_of(ctx, asked["odds_format"]))
        return page(shown, rows[limit - 1].id if len(rows) > limit else None)


def _offered(ctx: Context, market_id: UUID) -> Book:
    book = reading.find(ctx, market_id)
    if book.market.status not in SHOWN_TO_PLAYERS:
        raise NotFound(f"no market {market_id}")
    return book


def _shown(ctx: Context, rows: Sequence[Row[Any]], odds_format: str) -> list[dict[str, Any]]:
    ids = [row.fixture_id for row in rows]
    fixtures = {one["id"]: one for one in ctx.value("sports.fixtures", [str(one) for one in ids])}
    mains = {book.market.fixture_id: book for book in reading.many(ctx, _mains(ctx, ids))}
    return [
        _fixture(ctx, row, fixtures.get(str(row.fixture_id)), mains[row.fixture_id], odds_format)
        for row in rows
    ]


def _fixture(ctx: Context, row: Row[Any], fixture: Any, main: Book, odds_format: str) -> dict[str, Any]:
    is_live = bool(fixture and fixture["is_live"])
    return {
        "fixture_id": row.fixture_id,
        "name": main.market.fixture_name,
        "sport": main.market.sport,
        "competition": fixture["competition"] if fixture else "",
        "starts_at": row.starts_at,
        "is_live": is_live,
        "status": fixture["status"] if fixture else "",
        "market_count": row.market_count,
        "live": reading.live_of(ctx, row.fixture_id) if is_live else None,
        "main": documents.for_player(ctx, main, odds_format),
    }


def _mains(ctx: Context, fixture_ids: Sequence[UUID]) -> list[UUID]:
    """Return one market of each fixture: the first of its sport's default set that it has."""
    found: dict[UUID, Row[Any]] = {}
    for row in boards.markets_of(ctx, fixture_ids):
        known = found.get(row.fixture_id)
        if known is None or _rank(ctx, row) < _rank(ctx, known):
            found[row.fixture_id] = row
    return [row.id for row in found.values()]


def _rank(ctx: Context, row: Row[Any]) -> int:
    codes = [one["template"] for one in catalogue.default_set(ctx, row.sport)]
    return codes.index(row.template) if row.template in codes else len(codes)
