"""Markets over HTTP, for traders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import Stale
from pitboss.core.http import (
    Blueprint,
    check_match,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.core.money import Money
from pitboss.plugins.betting.markets import catalogue, documents, publishing, reading, states, trading
from pitboss.plugins.betting.markets.reading import MARKET, Book
from pitboss.plugins.betting.markets.schemas import (
    MarketArguments,
    MarketEdit,
    MarketFilter,
    MovesFilter,
    OverrideArguments,
    PricesArguments,
    QueueEntry,
    ReasonArguments,
    SetArguments,
    TemplateSchema,
    TracedMove,
    TradedMarket,
)

blueprint = Blueprint(
    "betting_trading", __name__, url_prefix="/trading", description="Markets as traders make them"
)
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("/markets")
class Markets(MethodView):
    @requires("betting.read")
    @blueprint.arguments(MarketFilter(), location="query")
    @blueprint.response(200, page_schema(TradedMarket))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List markets with their books, the newest first."""
        ctx, limit = current(), asked["limit"]
        wanted = [MARKET.c.tenant_id == ctx.tenant.id]
        names = ("fixture_id", "sport", "status", "template")
        wanted += [MARKET.c[name] == asked[name] for name in names if name in asked]
        before = read_id_cursor(asked.get("cursor"))
        if before is not None:
            wanted.append(MARKET.c.id < before)
        query = select(MARKET.c.id).where(*wanted).order_by(MARKET.c.id.desc()).limit(limit + 1)
        ids = ctx.connection.scalars(query).all()
        found = [_shown(ctx, book) for book in reading.many(ctx, ids[:limit])]
        return page(found, ids[limit - 1] if len(ids) > limit else None)

    @requires("betting.trade")
    @blueprint.arguments(MarketArguments())
    @blueprint.response(201, TradedMarket())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Publish a market about a fixture: priced by probabilities, odds or feeds, or as a draft."""
        ctx = current()
        return _answer(ctx, publishing.publish(ctx, sent["fixture_id"], trading.wanted_of(sent)))


@blueprint.route("/markets/<uuid:market_id>")
class OneMarket(MethodView):
    @requires("betting.read")
    @blueprint.response(200, TradedMarket())
    def get(self, market_id: UUID) -> dict[str, Any]:
        """Show a market with its book, and its ETag."""
        return _answer(current(), reading.find(current(), market_id))

    @requires("betting.trade")
    @blueprint.arguments(MarketEdit())
    @blueprint.response(200, TradedMarket())
    def patch(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Change when a market closes, or the rule that moves its prices; send its ETag as If-Match."""
        return _changed(market_id, sent, lambda ctx, book: trading.edit(ctx, book, sent))


@blueprint.route("/markets/<uuid:market_id>/prices")
class Prices(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(PricesArguments())
    @blueprint.response(200, TradedMarket())
    def put(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Set all prices of a market; send its ETag as If-Match."""
        return _changed(market_id, sent, lambda ctx, book: trading.set_prices(ctx, book, sent))

    @requires("betting.trade")
    @blueprint.arguments(OverrideArguments())
    @blueprint.response(200, TradedMarket())
    def patch(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Set some prices and hold them against the rules, or release them; send its ETag as If-Match."""
        return _changed(market_id, sent, lambda ctx, book: trading.override(ctx, book, **sent))


@blueprint.route("/markets/<uuid:market_id>/moves")
class TradedMoves(MethodView):
    @requires("betting.read")
    @blueprint.arguments(MovesFilter(), location="query")
    @blueprint.response(200, page_schema(TracedMove))
    def get(self, asked: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """List every move of a market's prices with its cause, the newest first."""
        ctx, limit = current(), asked["limit"]
        book = reading.find(ctx, market_id)
        before = read_id_cursor(asked.get("cursor"))
        rows = reading.moves(ctx, market_id, before=before, limit=limit + 1)
        shown = documents.moves(book, rows[:limit], documents.format_of(ctx, asked["odds_format"]))
        return page(shown, rows[limit - 1].id if len(rows) > limit else None)


@blueprint.route("/markets/<uuid:market_id>/open")
class OpenMarket(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(ReasonArguments())
    @blueprint.response(200, TradedMarket())
    def post(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Let a priced draft, or a closed market, take bets."""
        return _done(market_id, lambda ctx, book: states.open_market(ctx, book, reason=sent["reason"]))


@blueprint.route("/markets/<uuid:market_id>/suspend")
class SuspendMarket(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(ReasonArguments())
    @blueprint.response(200, TradedMarket())
    def post(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Take no bets on a market until it is resumed."""
        return _done(market_id, lambda ctx, book: states.suspend(ctx, book, "trader", reason=sent["reason"]))


@blueprint.route("/markets/<uuid:market_id>/resume")
class ResumeMarket(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(ReasonArguments())
    @blueprint.response(200, TradedMarket())
    def post(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Take bets again, unless a silent feed or the fixture itself still suspends the market."""
        return _done(market_id, lambda ctx, book: trading.resume(ctx, book, reason=sent["reason"]))


@blueprint.route("/markets/<uuid:market_id>/close")
class CloseMarket(MethodView):
    @requires("betting.trade")
    @blueprint.response(200, TradedMarket())
    def post(self, market_id: UUID) -> dict[str, Any]:
        """Take no more bets on a market."""
        return _done(market_id, states.close)


@blueprint.route("/fixtures/<uuid:fixture_id>/markets")
class FixtureMarkets(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(SetArguments())
    @blueprint.response(201, TradedMarket(many=True))
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> list[dict[str, Any]]:
        """Publish the default markets that a fixture does not have yet."""
        ctx = current()
        made = publishing.publish_set(ctx, fixture_id, is_draft=sent["is_draft"])
        return [_shown(ctx, book) for book in made]


@blueprint.route("/fixtures/<uuid:fixture_id>/suspend")
class SuspendFixture(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(ReasonArguments())
    @blueprint.response(200, TradedMarket(many=True))
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> list[dict[str, Any]]:
        """Take no bets on any market of a fixture."""
        return _all_done(
            fixture_id, lambda ctx, book: states.suspend(ctx, book, "trader", reason=sent["reason"])
        )


@blueprint.route("/fixtures/<uuid:fixture_id>/resume")
class ResumeFixture(MethodView):
    @requires("betting.trade")
    @blueprint.arguments(ReasonArguments())
    @blueprint.response(200, TradedMarket(many=True))
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> list[dict[str, Any]]:
        """Take bets again on the markets of a fixture that a trader had suspended."""
        return _all_done(
            fixture_id, lambda ctx, book: states.resume(ctx, book, ["trader"], reason=sent["reason"])
        )


@blueprint.route("/queue")
class Queue(MethodView):
    @requires("betting.read")
    @blueprint.response(200, QueueEntry(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the markets that wait for a trader: unpriced, stale, or suspended by what a person decides."""
        ctx = current()
        return [{"why": why, "market": _shown(ctx, book)} for why, book in trading.queue(ctx)]


@blueprint.route("/templates")
class Templates(MethodView):
    @requires("betting.read")
    @blueprint.response(200, TemplateSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the templates that markets are made from."""
        return [
            {
                "code": one.code,
                "title": one.title,
                "grader": one.grader,
                "sport_codes": list(one.sports),
                "line": one.line,
                "period": one.period,
                "selections": [code for code, _ in one.selections],
                "is_field": one.is_field,
            }
            for one in catalogue.templates_of(current()).values()
        ]


def _changed(
    market_id: UUID, sent: Mapping[str, Any], change: Callable[[Context, Book], Book]
) -> dict[str, Any]:
    """Change a market on the version that the trader saw; else show both what is and what was wanted."""
    ctx = current()
    book = reading.find(ctx, market_id, is_locked=True)
    try:
        check_match(book.version)
    except Stale as error:
        raise error.with_details(current=TradedMarket().dump(_shown(ctx, book)), sent=_plain(sent)) from None
    return _answer(ctx, change(ctx, book))


def _done(market_id: UUID, change: Callable[[Context, Book], Book]) -> dict[str, Any]:
    ctx = current()
    return _answer(ctx, change(ctx, reading.find(ctx, market_id, is_locked=True)))


def _all_done(fixture_id: UUID, change: Callable[[Context, Book], Book]) -> list[dict[str, Any]]:
    ctx = current()
    books = reading.of_fixtures(ctx, [fixture_id], statuses=states.LIVE, is_locked=True)
    return [_shown(ctx, change(ctx, book)) for book in books]


def _answer(ctx: Context, book: Book) -> dict[str, Any]:
    send_etag(book.version)
    return _shown(ctx, book)


def _shown(ctx: Context, book: Book) -> dict[str, Any]:
    """Return a market as traders see it, its amounts as money."""
    found = documents.for_trader(ctx, book)
    currency = ctx.tenant.currency
    for name in ("staked", "liability"):
        found[name] = Money(found[name], currency)
    for one in found["selections"]:
        for name in ("liability", "result_if_right"):
            one[name] = Money(one[name], currency)
    return found


def _plain(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in sent.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _text(part) for name, part in value.items()}
    return value if isinstance(value, (bool, list, type(None))) else str(value)
