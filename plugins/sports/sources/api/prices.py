"""Prices and history over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Regexp

from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    read_cursor,
    requires,
)
from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.sources.history import reading as history
from pitboss.plugins.sports.sources.imports.values import read_line, read_price
from pitboss.plugins.sports.sources.prices import reading, recording
from pitboss.plugins.sports.sources.records import SentPrice, Unreadable

PRICES_MAX = 500
DESK = "desk"

blueprint = Blueprint("sports_prices", __name__, url_prefix="", description="Bookmaker prices and history")
ROUTES = Routes(blueprint=blueprint)

_CODE = Regexp(rf"[a-z0-9][a-z0-9_.-]{{0,{CODE_LENGTH_MAX - 1}}}\Z")
_LINE = Regexp(r"(-?\d{1,4}(\.(25|5|75))?)?\Z", error="A line is in quarters, such as 2.5 or -0.75.")


class PriceAsked(ma.Schema):
    """As of when."""

    at = ma.fields.AwareDateTime(metadata={"description": "As they stood then; nothing that came later."})


class QuoteSchema(ma.Schema):
    """One price of one bookmaker."""

    bookmaker = ma.fields.Str(required=True)
    selection = ma.fields.Str(required=True)
    price = ma.fields.Str(required=True, metadata={"description": "Exact decimal odds."})
    at = ma.fields.Str(required=True, metadata={"format": "date-time"})
    age_seconds = ma.fields.Int(required=True)
    source = ma.fields.Str(required=True)


class PricedMarketSchema(ma.Schema):
    """The prices of one market and line."""

    market = ma.fields.Str(required=True)
    line = ma.fields.Str(required=True)
    updated_at = ma.fields.Str(required=True, metadata={"format": "date-time"})
    age_seconds = ma.fields.Int(required=True)
    best = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Nested(QuoteSchema()), required=True)
    fair = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=ma.fields.Str(),
        required=True,
        metadata={
            "description": "Chances without margin: each bookmaker's in proportion, then the mean. "
            "Empty where no bookmaker prices the whole market."
        },
    )
    prices = ma.fields.List(ma.fields.Nested(QuoteSchema()), required=True)


class PricesSchema(ma.Schema):
    """The prices of a fixture."""

    fixture_id = ma.fields.UUID(required=True)
    as_of = ma.fields.Str(required=True, metadata={"format": "date-time"})
    markets = ma.fields.List(ma.fields.Nested(PricedMarketSchema()), required=True)


class NewPriceArguments(ma.Schema):
    """A price; null takes it down."""

    bookmaker = ma.fields.Str(required=True, validate=_CODE)
    market = ma.fields.Str(required=True, validate=_CODE)
    selection = ma.fields.Str(required=True, validate=_CODE)
    line = ma.fields.Str(load_default="", validate=_LINE)
    price = ma.fields.Str(
        required=True,
        allow_none=True,
        validate=Regexp(
            r"\d{1,6}(\.\d{1,6})?\Z", error=marked('Exact decimal odds as text, such as "1.85".')
        ),
    )
    at = ma.fields.AwareDateTime(load_default=None, allow_none=True)

    @ma.validates("price")
    def _is_price(self, value: str | None, **_options: Any) -> None:
        try:
            read_price("price", value or "2")
        except Unreadable as error:
            raise ma.ValidationError(error.message) from error


class NewPricesArguments(ma.Schema):
    """Prices of a fixture."""

    prices = ma.fields.List(
        ma.fields.Nested(NewPriceArguments()), required=True, validate=Length(1, PRICES_MAX)
    )


class PriceHistoryAsked(PageArguments):
    """Of which market."""

    market = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))


class PastPriceSchema(ma.Schema):
    """One price, from an instant on."""

    market = ma.fields.Str(required=True)
    line = ma.fields.Str(required=True)
    selection = ma.fields.Str(required=True)
    bookmaker = ma.fields.Str(required=True)
    price = ma.fields.Function(
        lambda row: row.price or None,
        metadata={"type": ["string", "null"], "description": "Null: taken down."},
    )
    at = ma.fields.AwareDateTime(required=True)
    heard_at = ma.fields.AwareDateTime(required=True)
    source = ma.fields.Str(required=True)


class HistoryFilter(PageArguments):
    """Which matches."""

    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    competition = ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX))


class PastMatchSchema(ma.Schema):
    """A match of the past."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    competition = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True)
    season = ma.fields.Str(required=True)
    played_on = ma.fields.Date(required=True)
    starts_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    home = ma.fields.Str(required=True)
    away = ma.fields.Str(required=True)
    home_score = ma.fields.Int(required=True)
    away_score = ma.fields.Int(required=True)
    figures = ma.fields.Dict(required=True)
    prices = ma.fields.Dict(required=True)


@blueprint.route("/fixtures/<uuid:fixture_id>/prices")
class Prices(MethodView):
    @requires("sports.read")
    @blueprint.arguments(PriceAsked(), location="query")
    @blueprint.response(200, PricesSchema())
    def get(self, asked: dict[str, Any], fixture_id: UUID) -> dict[str, Any]:
        """Show what bookmakers offer for a fixture, now or as of an instant."""
        ctx = current()
        fixtures.find(ctx, fixture_id)
        if "at" not in asked:
            return reading.prices(ctx, str(fixture_id))
        return reading.prices_at(ctx, str(fixture_id), asked["at"].isoformat())

    @requires("sports.feed")
    @blueprint.arguments(NewPricesArguments())
    @blueprint.response(200, PricesSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> dict[str, Any]:
        """Send prices of a fixture; what is known already changes nothing."""
        ctx = current()
        fixtures.find(ctx, fixture_id)
        now = ctx.clock.now()
        priced = [(fixture_id, _price(one, now)) for one in sent["prices"]]
        recording.record(ctx, priced, source=DESK)
        return reading.prices(ctx, str(fixture_id))


@blueprint.route("/fixtures/<uuid:fixture_id>/prices/history")
class PriceHistory(MethodView):
    @requires("sports.read")
    @blueprint.arguments(PriceHistoryAsked(), location="query")
    @blueprint.response(200, page_schema(PastPriceSchema))
    def get(self, asked: dict[str, Any], fixture_id: UUID) -> dict[str, Any]:
        """List every price that a fixture had, in the order of time."""
        ctx, limit = current(), asked["limit"]
        fixtures.find(ctx, fixture_id)
        cursor = read_cursor(asked.get("cursor"))
        after = None if cursor is None else (datetime.fromisoformat(cursor[0]), *cursor[1:])
        found = reading.history(ctx, fixture_id, market=asked.get("market"), after=after, limit=limit + 1)
        return page(found[:limit], _place(found[limit - 1]) if len(found) > limit else None)


@blueprint.route("/history")
class History(MethodView):
    @requires("sports.read")
    @blueprint.arguments(HistoryFilter(), location="query")
    @blueprint.response(200, page_schema(PastMatchSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List matches of the past, the latest first."""
        limit, cursor = asked.pop("limit"), read_cursor(asked.pop("cursor", None))
        before = None if cursor is None else (date.fromisoformat(cursor[0]), UUID(cursor[1]))
        found = history.list_matches(current(), before=before, limit=limit + 1, **asked)
        last = found[limit - 1] if len(found) > limit else None
        return page(found[:limit], None if last is None else [last.played_on.isoformat(), str(last.id)])


def _price(sent: Mapping[str, Any], now: datetime) -> SentPrice:
    price = None if sent["price"] is None else read_price("price", sent["price"])
    line = read_line("line", sent["line"]) if sent["line"] else ""
    return SentPrice(**{**sent, "price": price, "line": line, "at": sent["at"] or now})


def _place(row: Any) -> list[str]:
    return [row.at.isoformat(), row.market, row.line, row.selection, row.bookmaker]
