"""Points over HTTP: a player's own lots and history, and what operators add or take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request
from flask.views import MethodView
from marshmallow.validate import Length, NoneOf, OneOf, Range
from sqlalchemy import Row

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_cursor,
    requires,
)
from pitboss.core.identity.players import find_player
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.points import book
from pitboss.plugins.loyalty.points.lots import UNITS, lot_of

POINTS_MAX = 10**9
REASON_CHARACTERS_MAX = 500

blueprint = Blueprint("loyalty_points", __name__, url_prefix="", description="Points of players")
ROUTES = Routes(blueprint=blueprint)


class PointLotSchema(ma.Schema):
    """Points of one earning, which expire together."""

    unit = ma.fields.Str(required=True)
    points = ma.fields.Int(required=True)
    held = ma.fields.Int(required=True, metadata={"description": "Set aside for redemptions."})
    earned_at = ma.fields.AwareDateTime(required=True)
    usable_from = ma.fields.AwareDateTime(required=True, allow_none=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class PointBalanceSchema(ma.Schema):
    """What a player has of one unit."""

    unit = ma.fields.Str(required=True)
    balance = ma.fields.Int(required=True)
    usable = ma.fields.Int(required=True, metadata={"description": "What can be spent now."})
    held = ma.fields.Int(required=True)
    owed = ma.fields.Int(
        required=True, metadata={"description": "What a rollback could not take back: the next points pay."}
    )


class PointsSchema(ma.Schema):
    """A player's points, and when they expire."""

    balances = ma.fields.List(ma.fields.Nested(PointBalanceSchema()), required=True)
    lots = ma.fields.List(
        ma.fields.Nested(PointLotSchema()),
        required=True,
        metadata={"description": "The one that is used first leads."},
    )
    carry = ma.fields.Str(
        required=True,
        metadata={"description": "What the last stakes left of a loyalty point, exactly: `1/4`."},
    )


class PointHistoryFilter(PageArguments):
    """Which of the two units."""

    unit = ma.fields.Str(load_default=POINTS, validate=OneOf(UNITS))


class PointMoveSchema(ma.Schema):
    """One move of a player's points."""

    at = ma.fields.AwareDateTime(required=True)
    what = ma.fields.Str(required=True, attribute="op")
    points = ma.fields.Int(required=True, attribute="amount")
    before = ma.fields.Int(required=True)
    after = ma.fields.Int(required=True)
    reason = ma.fields.Str(required=True, allow_none=True)


class PointAdjustmentArguments(ma.Schema):
    """Points that an operator adds, or takes with a negative number."""

    points = ma.fields.Int(
        required=True,
        strict=True,
        validate=[Range(-POINTS_MAX, POINTS_MAX), NoneOf([0])],
    )
    unit = ma.fields.Str(load_default=POINTS, validate=OneOf(UNITS))
    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))
    counts_for_tier = ma.fields.Bool(load_default=True)


@blueprint.route("/me/points")
class MyPoints(MethodView):
    @player_only
    @blueprint.response(200, PointsSchema())
    def get(self) -> dict[str, Any]:
        """Show my points, and when they expire."""
        ctx = current()
        return shown(ctx, ctx.actor.player_id)


@blueprint.route("/me/points/history")
class MyPointHistory(MethodView):
    @player_only
    @blueprint.arguments(PointHistoryFilter(), location="query")
    @blueprint.response(200, page_schema(PointMoveSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what happened to my points, newest first."""
        ctx = current()
        return history(ctx, ctx.actor.player_id, asked)


@blueprint.route("/players/<uuid:player_id>/points")
class PlayerPoints(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, PointsSchema())
    def get(self, player_id: UUID) -> dict[str, Any]:
        """Show a player's points, and when they expire."""
        find_player(current(), player_id)
        return shown(current(), player_id)


@blueprint.route("/players/<uuid:player_id>/points/history")
class PlayerPointHistory(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(PointHistoryFilter(), location="query")
    @blueprint.response(200, page_schema(PointMoveSchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List what happened to a player's points, newest first."""
        find_player(current(), player_id)
        return history(current(), player_id, asked)


@blueprint.route("/players/<uuid:player_id>/points/adjust")
class AdjustPoints(MethodView):
    @requires("loyalty.grant")
    @keyed
    @blueprint.arguments(PointAdjustmentArguments())
    @blueprint.response(200, PointsSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """Add points to a player, or take them, with a reason that stays on record."""
        ctx = current()
        find_player(ctx, player_id)
        book.adjust(
            ctx,
            player_id,
            sent["points"],
            unit=sent["unit"],
            key=request.headers["Idempotency-Key"],
            reason=sent["reason"],
            counts=sent["counts_for_tier"],
        )
        return shown(ctx, player_id)


def shown(ctx: Context, player_id: UUID) -> dict[str, Any]:
    """Return a player's balances and lots."""
    lots, player = book.lots_of(ctx, player_id, UNITS), players.find(ctx, player_id)
    accounts = ledger.balances(ctx.connection, f"player:{player_id}")
    owed = {unit: -accounts.get(ledger.player(player_id, "receivable", unit), 0) for unit in UNITS}
    return {
        "balances": [_balance(ctx, unit, lots, owed[unit]) for unit in UNITS],
        "lots": [_lot(lot) for lot in lots],
        "carry": player.points_carry if player is not None else "0",
    }


def history(ctx: Context, player_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the moves of a player's points."""
    wallet = ledger.player(player_id, "wallet", asked["unit"])
    found = ledger.history(
        ctx.connection, wallet, cursor=read_cursor(asked.get("cursor")), limit=asked["limit"]
    )
    return page(found.entries, found.cursor)


def _balance(ctx: Context, unit: str, lots: Sequence[Row[Any]], owed: int) -> dict[str, Any]:
    own, now = [lot_of(lot) for lot in lots if lot.unit == unit], ctx.clock.now()
    return {
        "unit": unit,
        "balance": sum(lot.free for lot in own),
        "usable": sum(lot.usable(now) for lot in own),
        "held": sum(lot.held for lot in own),
        "owed": owed,
    }


def _lot(row: Row[Any]) -> dict[str, Any]:
    return {
        "unit": row.unit,
        "points": row.left,
        "held": row.held,
        "earned_at": row.earned_at,
        "usable_from": row.usable_from,
        "expires_at": row.expires_at,
    }
