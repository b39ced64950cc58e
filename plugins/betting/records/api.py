"""Records and suggestions over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import (
    Blueprint,
    MoneyField,
    PageArguments,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
)
from pitboss.core.identity import find_player
from pitboss.core.money import Money
from pitboss.plugins.betting.exact import real
from pitboss.plugins.betting.measuring import Measures
from pitboss.plugins.betting.records import elsewhere, suggesting

ODDS_MAX = 100_000
STAKE_MINOR_MAX = 10**12

blueprint = Blueprint("betting_records", __name__, url_prefix="", description="Records and suggestions")
ROUTES = Routes(blueprint=blueprint)


class NewExternalBetSchema(ma.Schema):
    """A bet that was placed elsewhere."""

    reference = ma.fields.Str(required=True, validate=Length(1, 128))
    bookmaker = ma.fields.Str(required=True, validate=Length(1, 200))
    fixture_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True, validate=Length(1, 64))
    line = ma.fields.Str(load_default="", validate=Length(max=16))
    selection = ma.fields.Str(required=True, validate=Length(1, 64))
    odds = ma.fields.Decimal(
        required=True, as_string=True, places=4, validate=Range(1, ODDS_MAX, min_inclusive=False)
    )
    stake = MoneyField(required=True)
    placed_at = ma.fields.AwareDateTime(required=True)
    note = ma.fields.Str(load_default="", validate=Length(max=500))


class ExternalBetSchema(NewExternalBetSchema):
    """A record, as it was graded."""

    id = ma.fields.UUID(required=True)
    fixture_name = ma.fields.Str(required=True)
    sport = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    payout = MoneyField(required=True)
    result_version = ma.fields.Int(required=True)
    explanation = ma.fields.Dict(required=True)
    graded_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class IntervalSchema(ma.Schema):
    """A mean with its interval of 95 %."""

    mean = ma.fields.Decimal(required=True, as_string=True, places=6)
    low = ma.fields.Decimal(required=True, as_string=True, places=6)
    high = ma.fields.Decimal(required=True, as_string=True, places=6)
    count = ma.fields.Int(required=True)


class MeasuresSchema(ma.Schema):
    """What a run of bets came to."""

    count = ma.fields.Int(required=True)
    is_few = ma.fields.Bool(required=True, metadata={"description": "Too few to say much."})
    won_count = ma.fields.Int(required=True)
    staked = MoneyField(required=True)
    returned = MoneyField(required=True)
    profit = MoneyField(required=True)
    roi = ma.fields.Str(required=True, allow_none=True, metadata={"description": "Profit over stakes."})
    roi_interval = ma.fields.Nested(IntervalSchema(), required=True, allow_none=True)
    drawdown_max = MoneyField(required=True)
    losing_run_max = ma.fields.Int(required=True)
    closing_value = ma.fields.Nested(
        IntervalSchema(),
        required=True,
        allow_none=True,
        metadata={"description": "By how much prices were above the closing ones."},
    )


class SuggestionSchema(ma.Schema):
    """A bet that was suggested."""

    id = ma.fields.UUID(required=True)
    model = ma.fields.Str(required=True)
    model_version = ma.fields.Str(required=True)
    inputs = ma.fields.Dict(required=True)
    legs = ma.fields.List(ma.fields.Dict(), required=True)
    why = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    withheld_because = ma.fields.Str(required=True)
    bet_id = ma.fields.UUID(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)


class FollowedSchema(ma.Schema):
    """The bet with which a suggestion was followed."""

    bet_id = ma.fields.UUID(required=True)


@blueprint.route("/me/external-bets")
class ExternalBets(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(ExternalBetSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the bets that I placed elsewhere, the newest first."""
        ctx, limit = current(), asked["limit"]
        before = read_id_cursor(asked.get("cursor"))
        found = elsewhere.listed(ctx, ctx.actor.player_id, before=before, limit=limit + 1)
        items = [_record(row) for row in found[:limit]]
        return page(items, found[limit - 1].id if len(found) > limit else None)

    @player_only
    @keyed
    @blueprint.arguments(NewExternalBetSchema())
    @blueprint.response(201, ExternalBetSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Write down a bet that I placed elsewhere; results grade it."""
        ctx = current()
        stake: Money = sent["stake"]
        if stake.currency != ctx.tenant.currency or not 0 < stake.minor <= STAKE_MINOR_MAX:
            raise InvalidInput(
                f"stake: give an amount above 0 in {ctx.tenant.currency}", {"stake": ["Not valid."]}
            )
        said = {**sent, "stake": stake.minor}
        return _record(elsewhere.write_down(ctx, ctx.actor.player_id, said))


@blueprint.route("/me/external-bets/<uuid:record_id>")
class OneExternalBet(MethodView):
    @player_only
    @blueprint.response(204)
    def delete(self, record_id: UUID) -> None:
        """Strike out a record that is not graded."""
        ctx = current()
        elsewhere.strike_out(ctx, record_id, player_id=ctx.actor.player_id)


@blueprint.route("/me/external-bets/figures")
class ExternalFigures(MethodView):
    @player_only
    @blueprint.response(200, MeasuresSchema())
    def get(self) -> dict[str, Any]:
        """Show what my bets elsewhere came to."""
        ctx = current()
        return measures(elsewhere.figures(ctx, ctx.actor.player_id), ctx.tenant.currency)


@blueprint.route("/me/suggestions")
class OwnSuggestions(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(SuggestionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was suggested to me, with why."""
        ctx, limit = current(), asked["limit"]
        before = read_id_cursor(asked.get("cursor"))
        found = suggesting.offered(ctx, ctx.actor.player_id, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/me/suggestions/<uuid:suggestion_id>/follow")
class SuggestionFollowed(MethodView):
    @player_only
    @blueprint.arguments(FollowedSchema())
    @blueprint.response(200, SuggestionSchema())
    def post(self, sent: dict[str, Any], suggestion_id: UUID) -> Any:
        """Say with which of my bets I followed a suggestion."""
        ctx = current()
        return suggesting.end(ctx, suggestion_id, player_id=ctx.actor.player_id, bet_id=sent["bet_id"])


@blueprint.route("/me/suggestions/<uuid:suggestion_id>/dismiss")
class SuggestionDismissed(MethodView):
    @player_only
    @blueprint.response(200, SuggestionSchema())
    def post(self, suggestion_id: UUID) -> Any:
        """Dismiss a suggestion."""
        ctx = current()
        return suggesting.end(ctx, suggestion_id, player_id=ctx.actor.player_id)


@blueprint.route("/players/<uuid:player_id>/suggestions")
class PlayerSuggestions(MethodView):
    @requires("betting.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(SuggestionSchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List all that was suggested to a player, also what was withheld and why."""
        ctx, limit = current(), asked["limit"]
        find_player(ctx, player_id)
        before = read_id_cursor(asked.get("cursor"))
        found = suggesting.everything(ctx, player_id, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def measures(found: Measures, unit: str) -> dict[str, Any]:
    """Return the figures of bets as the API shows them."""
    amounts = ("staked", "returned", "profit", "drawdown_max")
    plain = ("count", "is_few", "won_count", "losing_run_max", "roi_interval", "closing_value")
    return {
        **{name: Money(getattr(found, name), unit) for name in amounts},
        **{name: getattr(found, name) for name in plain},
        "roi": None if found.roi is None else f"{real(found.roi):.6f}",
    }


def _record(row: Any) -> dict[str, Any]:
    return {**row._mapping} | {
        "stake": Money(row.stake, row.currency),
        "payout": Money(row.payout, row.currency),
    }
