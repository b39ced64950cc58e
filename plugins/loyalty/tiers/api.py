"""Tiers over HTTP: a player's own, the ladder that operators edit, and overrides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    check_match,
    current,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.core.identity.players import find_player
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import overrides, standings, view
from pitboss.plugins.loyalty.tiers.ladder import LadderDocument
from pitboss.plugins.loyalty.tiers.preview import preview

REASON_CHARACTERS_MAX = 500

blueprint = Blueprint("loyalty_tiers", __name__, url_prefix="", description="Tiers of players")
ROUTES = Routes(blueprint=blueprint)


class TierSchema(ma.Schema):
    """A tier, and what it gives."""

    code = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    entry = ma.fields.Int(required=True)
    keeps = ma.fields.Int(required=True, metadata={"description": "The score from which it is kept."})
    multiplier = ma.fields.Decimal(required=True, as_string=True)
    texts = ma.fields.List(ma.fields.Str(), required=True)


class NextTierSchema(TierSchema):
    """The tier above, and how far it is."""

    missing = ma.fields.Int(required=True)
    sentence = ma.fields.Str(required=True, metadata={"example": "240 points to Gold"})


class TierLossSchema(ma.Schema):
    """The downgrade that comes if nothing more is earned."""

    at = ma.fields.AwareDateTime(required=True)
    to = ma.fields.Str(required=True)
    missing = ma.fields.Int(required=True, metadata={"description": "How many points keep the tier."})


class StandingSchema(ma.Schema):
    """Where a player stands."""

    tier = ma.fields.Nested(TierSchema(), required=True)
    mode = ma.fields.Str(required=True)
    score = ma.fields.Int(required=True)
    since = ma.fields.AwareDateTime(required=True)
    next = ma.fields.Nested(NextTierSchema(), required=True, allow_none=True)
    loss = ma.fields.Nested(TierLossSchema(), required=True, allow_none=True)
    term_ends_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    judged_next_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    is_fixed = ma.fields.Bool(required=True, metadata={"description": "Whether an operator decided it."})
    fixed_until = ma.fields.AwareDateTime(required=True, allow_none=True)


class TierOverrideSchema(ma.Schema):
    """Who put a player in a tier, until when and why."""

    tier = ma.fields.Str(required=True)
    until = ma.fields.AwareDateTime(required=True, allow_none=True)
    reason = ma.fields.Str(required=True)
    by = ma.fields.Str(required=True)


class PlayerStandingSchema(StandingSchema):
    """Where a player stands, as operators see it."""

    override = ma.fields.Nested(TierOverrideSchema(), required=True, allow_none=True)


class TierChangeSchema(ma.Schema):
    """A change of tier, with its cause."""

    at = ma.fields.AwareDateTime(required=True)
    before = ma.fields.Str(required=True, allow_none=True)
    after = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)


class TierOverrideArguments(ma.Schema):
    """A tier that a player is to have whatever the points say."""

    tier = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))
    until = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


class TierReasonArguments(ma.Schema):
    """Why an override ends."""

    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


class LadderSchema(ma.Schema):
    """A version of the tiers."""

    version = ma.fields.Int(required=True, metadata={"description": "0 is what everyone starts with."})
    document = ma.fields.Nested(LadderDocument(), required=True)


class LadderArguments(ma.Schema):
    """Another version of the tiers."""

    document = ma.fields.Nested(LadderDocument(), required=True)
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class TierFlowSchema(ma.Schema):
    """How many players would go from one tier to another."""

    before = ma.fields.Str(required=True)
    after = ma.fields.Str(required=True)
    players = ma.fields.Int(required=True)


class LadderPreviewSchema(ma.Schema):
    """What other tiers would do to the players that there are."""

    players = ma.fields.Int(required=True)
    up = ma.fields.Int(required=True, metadata={"description": "At once."})
    down = ma.fields.Int(
        required=True, metadata={"description": "After term and grace, unless they earn more."}
    )
    flows = ma.fields.List(ma.fields.Nested(TierFlowSchema()), required=True)


@blueprint.route("/me/tier")
class MyTier(MethodView):
    @player_only
    @blueprint.response(200, StandingSchema())
    def get(self) -> dict[str, Any]:
        """Show my tier, how far the next one is, and when I would lose it."""
        ctx = current()
        return view.view(ctx, ctx.actor.player_id)


@blueprint.route("/me/tiers")
class MyTiers(MethodView):
    @player_only
    @blueprint.response(200, TierSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List all tiers and what they give, from the lowest on."""
        return [view.tier_of(tier) for tier in ladders.current(current()).ladder.tiers]


@blueprint.route("/tiers")
class Tiers(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, LadderSchema())
    def get(self) -> dict[str, Any]:
        """Show the tiers that hold now, with their ETag."""
        return _ladder(ladders.current(current()))

    @requires("loyalty.edit")
    @blueprint.arguments(LadderArguments())
    @blueprint.response(200, LadderSchema())
    def put(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Save another version of the tiers; every player is judged by it in the background."""
        ctx = current()
        check_match(_version(ladders.current(ctx)))
        document = LadderDocument().dump(sent["document"])
        return _ladder(ladders.save(ctx, document, reason=sent["reason"]))


@blueprint.route("/tiers/preview")
class PreviewTiers(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(LadderDocument())
    @blueprint.response(200, LadderPreviewSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Count who would move if these were the tiers; nothing is saved."""
        ctx = current()
        ladder, _ = ladders.check(ctx, LadderDocument().dump(sent))
        return preview(ctx, ladder)


@blueprint.route("/players/<uuid:player_id>/tier")
class PlayerTier(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, PlayerStandingSchema())
    def get(self, player_id: UUID) -> dict[str, Any]:
        """Show where a player stands."""
        find_player(current(), player_id)
        return _shown(current(), player_id)

    @requires("loyalty.grant")
    @blueprint.arguments(TierOverrideArguments())
    @blueprint.response(200, PlayerStandingSchema())
    def put(self, sent: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """Put a player in a tier whatever the points say, with a reason and an end."""
        ctx = current()
        find_player(ctx, player_id)
        overrides.fix(ctx, player_id, sent["tier"], until=sent["until"], reason=sent["reason"])
        return _shown(ctx, player_id)

    @requires("loyalty.grant")
    @blueprint.arguments(TierReasonArguments(), location="query")
    @blueprint.response(200, PlayerStandingSchema())
    def delete(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """End an override: the points decide again."""
        ctx = current()
        find_player(ctx, player_id)
        overrides.unfix(ctx, player_id, reason=asked["reason"])
        return _shown(ctx, player_id)


@blueprint.route("/players/<uuid:player_id>/tier/history")
class PlayerTierHistory(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(TierChangeSchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List a player's changes of tier with their causes, newest first."""
        find_player(current(), player_id)
        limit, before = asked["limit"], read_id_cursor(asked.get("cursor"))
        found = view.history(current(), player_id, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _shown(ctx: Context, player_id: UUID) -> dict[str, Any]:
    override = view.override(standings.find(ctx, player_id), ctx.clock.now())
    return {**view.view(ctx, player_id), "override": override}


def _ladder(saved: ladders.Saved) -> dict[str, Any]:
    send_etag(_version(saved))
    return {"version": saved.version, "document": LadderDocument().load(saved.document)}


def _version(saved: ladders.Saved) -> Any:
    return {"version": saved.version, "document": saved.document}
