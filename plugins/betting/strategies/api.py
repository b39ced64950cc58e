"""Strategies over HTTP: a player's own, their picks and their evaluations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    MoneyField,
    PageArguments,
    current,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
)
from pitboss.core.identity import find_player
from pitboss.core.money import Money
from pitboss.plugins.betting.records.api import MeasuresSchema, measures
from pitboss.plugins.betting.strategies import book, wording
from pitboss.plugins.betting.strategies.wording import DocumentSchema

blueprint = Blueprint("betting_strategies", __name__, url_prefix="", description="Strategies of players")
ROUTES = Routes(blueprint=blueprint)


class NewStrategySchema(ma.Schema):
    """A strategy; amounts in minor units of the tenant's currency."""

    name = ma.fields.Str(required=True, validate=Length(1, 200))
    document = ma.fields.Nested(DocumentSchema(), required=True)


class StrategyChangeSchema(ma.Schema):
    """The next version of a strategy."""

    version = ma.fields.Int(
        required=True, validate=Range(1), metadata={"description": "The one that you have read."}
    )
    document = ma.fields.Nested(DocumentSchema(), required=True)


class StrategyModeSchema(ma.Schema):
    """What a strategy does."""

    mode = ma.fields.Str(required=True, validate=OneOf(book.MODES))


class StrategySchema(ma.Schema):
    """A strategy with its newest version."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True)
    mode = ma.fields.Str(required=True)
    stopped_because = ma.fields.Str(required=True)
    document = ma.fields.Nested(DocumentSchema(), required=True)
    made_at = ma.fields.AwareDateTime(required=True)
    changed_at = ma.fields.AwareDateTime(required=True)


class StrategiesSchema(ma.Schema):
    """A player's strategies."""

    items = ma.fields.List(ma.fields.Nested(StrategySchema()), required=True)


class PickSchema(ma.Schema):
    """What a strategy picked, and the facts of that moment."""

    id = ma.fields.UUID(required=True)
    version = ma.fields.Int(required=True)
    market_id = ma.fields.UUID(required=True)
    selection_id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    odds = ma.fields.Decimal(required=True, as_string=True)
    stake = MoneyField(required=True)
    facts = ma.fields.Dict(required=True)
    state = ma.fields.Str(required=True)
    bet_id = ma.fields.UUID(required=True, allow_none=True)
    refused_because = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class SpanSchema(ma.Schema):
    """A span of the past."""

    begins_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Int(load_default=0, validate=Range(0))


class StrategyEvaluationSchema(ma.Schema):
    """What a version would have come to."""

    id = ma.fields.UUID(required=True)
    version = ma.fields.Int(required=True)
    begins_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    measures = ma.fields.Nested(MeasuresSchema(), required=True)
    bets = ma.fields.List(
        ma.fields.Dict(), required=True, metadata={"description": "The first of them; minor units."}
    )


class WordSchema(ma.Schema):
    """A word of conditions."""

    name = ma.fields.Str(required=True)
    type = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    doc = ma.fields.Str(required=True)
    example = ma.fields.Raw(required=True)


@blueprint.route("/me/strategies")
class OwnStrategies(MethodView):
    @player_only
    @blueprint.response(200, StrategiesSchema())
    def get(self) -> dict[str, Any]:
        """List my strategies."""
        ctx = current()
        return {"items": [_shown(ctx, row) for row in book.of_player(ctx, ctx.actor.player_id)]}

    @player_only
    @blueprint.arguments(NewStrategySchema())
    @blueprint.response(201, StrategySchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Write a strategy; it is off until I switch it."""
        ctx = current()
        return _shown(ctx, book.write(ctx, ctx.actor.player_id, **sent))


@blueprint.route("/me/strategies/words")
class StrategyWords(MethodView):
    @player_only
    @blueprint.response(200, WordSchema(many=True))
    def get(self) -> Any:
        """List the words that conditions are written with."""
        return list(wording.WORDS)


@blueprint.route("/me/strategies/<uuid:strategy_id>")
class OwnStrategy(MethodView):
    @player_only
    @blueprint.response(200, StrategySchema())
    def get(self, strategy_id: UUID) -> dict[str, Any]:
        """Show one of my strategies."""
        return _shown(current(), _mine(strategy_id))

    @player_only
    @blueprint.arguments(StrategyChangeSchema())
    @blueprint.response(200, StrategySchema())
    def put(self, sent: dict[str, Any], strategy_id: UUID) -> dict[str, Any]:
        """Write the next version of a strategy."""
        ctx = current()
        return _shown(ctx, book.change(ctx, strategy_id, player_id=ctx.actor.player_id, **sent))


@blueprint.route("/me/strategies/<uuid:strategy_id>/mode")
class OwnStrategyMode(MethodView):
    @player_only
    @blueprint.arguments(StrategyModeSchema())
    @blueprint.response(200, StrategySchema())
    def post(self, sent: dict[str, Any], strategy_id: UUID) -> dict[str, Any]:
        """Switch a strategy off, to a dry run, or let it bet for me."""
        ctx = current()
        return _shown(ctx, book.switch(ctx, strategy_id, player_id=ctx.actor.player_id, **sent))


@blueprint.route("/me/strategies/<uuid:strategy_id>/picks")
class OwnPicks(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(PickSchema))
    def get(self, asked: dict[str, Any], strategy_id: UUID) -> dict[str, Any]:
        """List what a strategy picked, the newest first."""
        ctx, limit, strategy = current(), asked["limit"], _mine(strategy_id)
        before = read_id_cursor(asked.get("cursor"))
        found = book.picks(ctx, strategy.id, before=before, limit=limit + 1)
        unit = ctx.tenant.currency
        items = [{**row._mapping} | {"stake": Money(row.stake, unit)} for row in found[:limit]]
        return page(items, found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/me/strategies/<uuid:strategy_id>/evaluations")
class OwnEvaluations(MethodView):
    @player_only
    @blueprint.arguments(SpanSchema())
    @blueprint.response(201, StrategyEvaluationSchema())
    def post(self, sent: dict[str, Any], strategy_id: UUID) -> dict[str, Any]:
        """Try a strategy out on the past: at the prices of each moment, never on what came later."""
        ctx = current()
        done = book.evaluate(ctx, _mine(strategy_id), **sent)
        return {**done, "measures": measures(done["measures"], ctx.tenant.currency)}


@blueprint.route("/players/<uuid:player_id>/strategies")
class PlayerStrategies(MethodView):
    @requires("betting.read")
    @blueprint.response(200, StrategiesSchema())
    def get(self, player_id: UUID) -> dict[str, Any]:
        """List a player's strategies."""
        ctx = current()
        find_player(ctx, player_id)
        return {"items": [_shown(ctx, row) for row in book.of_player(ctx, player_id)]}


def _mine(strategy_id: UUID) -> Any:
    ctx = current()
    return book.find(ctx, strategy_id, player_id=ctx.actor.player_id)


def _shown(ctx: Context, row: Any) -> dict[str, Any]:
    return {**row._mapping} | {"document": book.document_of(ctx, row)}
