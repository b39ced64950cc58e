"""Rewards over HTTP: a player's own with their progress, and what operators give and cancel by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.contracts import Routes
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
from pitboss.core.identity.players import find_player
from pitboss.plugins.loyalty.rewards import book, byhand, lifecycle, shown
from pitboss.plugins.loyalty.rewards.actions import SPINS_MAX

REASON_CHARACTERS_MAX = 500
STATUSES = (*book.OPEN, "completed", "expired", "forfeited", "cancelled")

blueprint = Blueprint("loyalty_rewards", __name__, url_prefix="", description="Rewards of players")
ROUTES = Routes(blueprint=blueprint)


class BonusProgressSchema(ma.Schema):
    """How far a bonus is wagered, and what holds for it."""

    balance = MoneyField(required=True)
    requirement = MoneyField(required=True)
    wagered = MoneyField(required=True)
    missing = MoneyField(required=True)
    percent = ma.fields.Float(required=True, metadata={"description": "For a progress bar, 0 to 100."})
    max_bet = MoneyField(required=True, allow_none=True)
    eligible_games = ma.fields.List(ma.fields.Str(), required=True, allow_none=True)
    is_sticky = ma.fields.Bool(required=True)
    breaches = ma.fields.Int(required=True, metadata={"description": "Bets above the maximum."})


class FreePlaySchema(ma.Schema):
    """What is left of free bets or spins."""

    kind = ma.fields.Str(required=True)
    left = ma.fields.Int(required=True)
    value = MoneyField(required=True, metadata={"description": "The stake of the bet, or of each spin."})
    min_odds = ma.fields.Str(required=True, allow_none=True)
    eligible_games = ma.fields.List(ma.fields.Str(), required=True, allow_none=True)


class RewardSchema(ma.Schema):
    """One reward, from being given to its end."""

    id = ma.fields.UUID(required=True)
    type = ma.fields.Str(required=True)
    status = ma.fields.Str(required=True)
    amount = MoneyField(
        required=True, allow_none=True, metadata={"description": "Null where it is no money."}
    )
    units = ma.fields.Int(required=True, allow_none=True)
    unit = ma.fields.Str(required=True)
    perk = ma.fields.Str(required=True, allow_none=True)
    reason = ma.fields.Str(required=True)
    campaign = ma.fields.Str(required=True, allow_none=True)
    issued_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    rule = ma.fields.Str(required=True, allow_none=True)
    rule_version = ma.fields.Int(required=True, allow_none=True)
    decision_id = ma.fields.UUID(required=True, allow_none=True)
    explanation = ma.fields.Str(
        required=True, allow_none=True, metadata={"description": "Where to read why it was given."}
    )
    bonus = ma.fields.Nested(BonusProgressSchema(), required=True, allow_none=True)
    free_play = ma.fields.Nested(FreePlaySchema(), required=True, allow_none=True)


class StakeCountSchema(ma.Schema):
    """What one stake did to a bonus."""

    at = ma.fields.AwareDateTime(required=True)
    outcome = ma.fields.Str(required=True)
    counted = MoneyField(required=True)
    is_undone = ma.fields.Bool(required=True)


class OneRewardSchema(RewardSchema):
    """One reward, with what the latest stakes did to it."""

    stakes = ma.fields.List(ma.fields.Nested(StakeCountSchema()), required=True)


class RewardFilter(PageArguments):
    """Which rewards."""

    status = ma.fields.Str(validate=OneOf(STATUSES))
    type = ma.fields.Str(validate=Length(1, 24))


class WalletsSchema(ma.Schema):
    """All that a player has: every bonus apart."""

    cash = MoneyField(required=True)
    locked = MoneyField(required=True)
    owed = MoneyField(required=True)
    withdrawable = MoneyField(required=True)
    bonus = MoneyField(required=True, metadata={"description": "The sum of the bonuses."})
    points = ma.fields.Int(required=True)
    reward_points = ma.fields.Int(required=True)
    tickets = ma.fields.Int(required=True)
    bonuses = ma.fields.List(
        ma.fields.Nested(RewardSchema()), required=True, metadata={"description": "In the order of use."}
    )
    free_plays = ma.fields.List(ma.fields.Nested(RewardSchema()), required=True)


class GiftSchema(ma.Schema):
    """A reward that an operator gives by hand."""

    player_id = ma.fields.UUID(required=True)
    type = ma.fields.Str(required=True, validate=OneOf(list(shown.ACTIONS)))
    amount = MoneyField()
    units = ma.fields.Int(strict=True, validate=Range(1, SPINS_MAX))
    terms = ma.fields.Dict(
        keys=ma.fields.Str(),
        load_default=dict,
        metadata={"description": "Parameters of the action, such as wagering_requirement or expiry_hours."},
    )
    claimable = ma.fields.Bool(load_default=False)
    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


class ReasonSchema(ma.Schema):
    """Why."""

    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


# -- players ---------------------------------------------------------------------------------------


@blueprint.route("/me/rewards")
class OwnRewards(MethodView):
    @player_only
    @blueprint.arguments(RewardFilter(), location="query")
    @blueprint.response(200, page_schema(RewardSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List my rewards, the newest first."""
        ctx = current()
        return _list(ctx.actor.player_id, asked)


@blueprint.route("/me/rewards/<uuid:reward_id>")
class OwnReward(MethodView):
    @player_only
    @blueprint.response(200, OneRewardSchema())
    def get(self, reward_id: UUID) -> dict[str, Any]:
        """Show one of my rewards, with its progress."""
        ctx = current()
        return shown.one(ctx, book.find(ctx, reward_id, player_id=ctx.actor.player_id))


@blueprint.route("/me/rewards/<uuid:reward_id>/claim")
class OwnClaim(MethodView):
    @player_only
    @keyed
    @blueprint.response(200, OneRewardSchema())
    def post(self, reward_id: UUID) -> dict[str, Any]:
        """Claim a reward that waits for me."""
        ctx = current()
        return shown.one(ctx, lifecycle.claim(ctx, ctx.actor.player_id, reward_id))


@blueprint.route("/me/wallets")
class OwnWallets(MethodView):
    @player_only
    @blueprint.response(200, WalletsSchema())
    def get(self) -> dict[str, Any]:
        """Show what I have: cash, points, tickets and each bonus apart."""
        ctx = current()
        return shown.wallets(ctx, ctx.actor.player_id)


# -- operators -------------------------------------------------------------------------------------


@blueprint.route("/players/<uuid:player_id>/rewards")
class PlayerRewards(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(RewardFilter(), location="query")
    @blueprint.response(200, page_schema(RewardSchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List a player's rewards, the newest first."""
        find_player(current(), player_id)
        return _list(player_id, asked)


@blueprint.route("/players/<uuid:player_id>/wallets")
class PlayerWallets(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, WalletsSchema())
    def get(self, player_id: UUID) -> dict[str, Any]:
        """Show what a player has: each bonus apart."""
        find_player(current(), player_id)
        return shown.wallets(current(), player_id)


@blueprint.route("/rewards")
class Rewards(MethodView):
    @requires("loyalty.grant")
    @keyed
    @blueprint.arguments(GiftSchema())
    @blueprint.response(201, OneRewardSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Give a player a reward by hand, with the reason."""
        ctx = current()
        row = byhand.give(
            ctx,
            sent["player_id"],
            sent["type"],
            key=request.headers["Idempotency-Key"],
            reason=sent["reason"],
            amount=sent.get("amount"),
            units=sent.get("units"),
            terms=sent["terms"],
            is_claimable=sent["claimable"],
        )
        return shown.one(ctx, row)


@blueprint.route("/rewards/<uuid:reward_id>")
class OneReward(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, OneRewardSchema())
    def get(self, reward_id: UUID) -> dict[str, Any]:
        """Show a reward, with its progress."""
        return shown.one(current(), book.find(current(), reward_id))


@blueprint.route("/rewards/<uuid:reward_id>/cancel")
class RewardCancel(MethodView):
    @requires("loyalty.grant")
    @blueprint.arguments(ReasonSchema())
    @blueprint.response(200, OneRewardSchema())
    def post(self, sent: dict[str, Any], reward_id: UUID) -> dict[str, Any]:
        """Cancel a reward that is not over: what is left of it goes back to the house."""
        ctx = current()
        return shown.one(ctx, lifecycle.cancel(ctx, reward_id, reason=sent["reason"]))


@blueprint.route("/rewards/<uuid:reward_id>/release")
class RewardRelease(MethodView):
    @requires("loyalty.grant")
    @blueprint.arguments(ReasonSchema())
    @blueprint.response(200, OneRewardSchema())
    def post(self, sent: dict[str, Any], reward_id: UUID) -> dict[str, Any]:
        """Deliver a reward that was held back."""
        ctx = current()
        return shown.one(ctx, byhand.release(ctx, reward_id, reason=sent["reason"]))


def _list(player_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    ctx, limit = current(), asked["limit"]
    found = book.history(
        ctx,
        player_id,
        statuses=[asked["status"]] if "status" in asked else (),
        types=[asked["type"]] if "type" in asked else (),
        before=read_id_cursor(asked.get("cursor")),
        limit=limit + 1,
    )
    items = shown.many(ctx, found[:limit])
    return page(items, found[limit - 1].id if len(found) > limit else None)
