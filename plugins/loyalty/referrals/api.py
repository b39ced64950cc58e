"""Referrals over HTTP: for players, for operators, and for platforms that tell of devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

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
from pitboss.core.money import Money
from pitboss.plugins.loyalty.abuse import lookalikes
from pitboss.plugins.loyalty.abuse.traits import VALUE_LENGTH_MAX, VALUES_MAX
from pitboss.plugins.loyalty.referrals import book, referring
from pitboss.plugins.loyalty.referrals.book import is_standing
from pitboss.plugins.loyalty.referrals.law import MOVES, missing

FRIENDS_MAX = 200
SHOWN = {"held": "registered", "rejected": "ended", "clawed_back": "ended"}
"""What the players see of these states: who is looked at is not told so."""

blueprint = Blueprint("loyalty_referrals", __name__, url_prefix="", description="Referrals of friends")
ROUTES = Routes(blueprint=blueprint)


class ReferralCapSchema(ma.Schema):
    """How much a referrer may still be rewarded for."""

    rewarded = ma.fields.Integer()
    rewards_max = ma.fields.Integer(allow_none=True)
    paid = MoneyField()
    amount_max = MoneyField(allow_none=True)
    period = ma.fields.String()
    is_reached = ma.fields.Boolean()


class ReferralFriendSchema(ma.Schema):
    """A friend, as the referrer may see them."""

    name = ma.fields.String()
    state = ma.fields.String()
    registered_at = ma.fields.AwareDateTime()
    is_rewarded = ma.fields.Boolean()


class ReferralOwnSchema(ma.Schema):
    """How I came, and what is still to do."""

    state = ma.fields.String()
    missing = ma.fields.List(ma.fields.String())


class MyReferralSchema(ma.Schema):
    """My code, my friends and my cap."""

    code = ma.fields.String(allow_none=True)
    """Made when it is asked for: None until then."""
    friends = ma.fields.List(ma.fields.Nested(ReferralFriendSchema()))
    cap = ma.fields.Nested(ReferralCapSchema())
    came_by = ma.fields.Nested(ReferralOwnSchema(), allow_none=True)


class ReferralClaimArguments(ma.Schema):
    """By whose code a player came."""

    code = ma.fields.String(required=True, validate=Length(1, 24))


class ReferralRegisterArguments(ReferralClaimArguments):
    """Which player came by which code."""

    friend_id = ma.fields.UUID(required=True)


class ReferralFilter(PageArguments):
    """Which referrals to list."""

    state = ma.fields.String(load_default=None, validate=OneOf(sorted(MOVES)))
    referrer_id = ma.fields.UUID(load_default=None)


class ReferralRewardSchema(ma.Schema):
    """What one side got."""

    to = ma.fields.String()
    player_id = ma.fields.UUID()
    offer = ma.fields.Dict()
    reward_id = ma.fields.UUID(allow_none=True)
    refused = ma.fields.String()
    is_undone = ma.fields.Boolean()


class ReferralSchema(ma.Schema):
    """A referral as operators see it."""

    id = ma.fields.UUID()
    referrer_id = ma.fields.UUID()
    friend_id = ma.fields.UUID()
    state = ma.fields.String()
    score = ma.fields.Integer()
    reasons = ma.fields.List(ma.fields.String())
    rewards = ma.fields.List(ma.fields.Nested(ReferralRewardSchema()))
    registered_at = ma.fields.AwareDateTime()
    qualified_at = ma.fields.AwareDateTime(allow_none=True)
    ended_at = ma.fields.AwareDateTime(allow_none=True)


class ReferralReasonArguments(ma.Schema):
    """Why it was decided so."""

    reason = ma.fields.String(required=True, validate=Length(3, 500))


def _values() -> ma.fields.Field[Any]:
    value = ma.fields.String(validate=Length(1, VALUE_LENGTH_MAX))
    return ma.fields.List(value, validate=Length(1, VALUES_MAX))


class TraitsArguments(ma.Schema):
    """What was seen of a player; only keyed hashes of it are kept."""

    device = _values()
    card = _values()
    ip = _values()
    address = _values()


class TraitsAnswerSchema(ma.Schema):
    """How much of it was new."""

    new = ma.fields.Integer()


# -- players ---------------------------------------------------------------------------------------


@blueprint.route("/me/referral")
class MyReferral(MethodView):
    @player_only
    @blueprint.response(200, MyReferralSchema())
    def get(self) -> dict[str, Any]:
        """Show my code, the friends who came by it, and how many more are rewarded."""
        return _mine(current().actor.player_id)

    @player_only
    @blueprint.response(200, MyReferralSchema())
    def post(self) -> dict[str, Any]:
        """Have a code made, if I have none yet."""
        ctx = current()
        book.make_code(ctx, ctx.actor.player_id)
        return _mine(ctx.actor.player_id)


@blueprint.route("/me/referral/claim")
class MyClaim(MethodView):
    @player_only
    @blueprint.arguments(ReferralClaimArguments())
    @blueprint.response(201, ReferralOwnSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any] | None:
        """Say by whose code I came."""
        ctx = current()
        referring.claim(ctx, ctx.actor.player_id, sent["code"])
        return _own(ctx.actor.player_id)


# -- operators and platforms -----------------------------------------------------------------------


@blueprint.route("/referrals")
class Referrals(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(ReferralFilter(), location="query")
    @blueprint.response(200, page_schema(ReferralSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List referrals, the newest first."""
        limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = book.list_referrals(current(), **asked, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    @requires("loyalty.ingest")
    @blueprint.arguments(ReferralRegisterArguments())
    @blueprint.response(201, ReferralSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Tell that a player came by a code."""
        return referring.claim(current(), sent["friend_id"], sent["code"])


@blueprint.route("/referrals/<uuid:referral_id>")
class OneReferral(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, ReferralSchema())
    def get(self, referral_id: UUID) -> Any:
        """Show one referral."""
        return book.find(current(), referral_id)


@blueprint.route("/referrals/<uuid:referral_id>/clear")
class ClearReferral(MethodView):
    @requires("loyalty.signals")
    @blueprint.arguments(ReferralReasonArguments())
    @blueprint.response(200, ReferralSchema())
    def post(self, sent: dict[str, Any], referral_id: UUID) -> Any:
        """Let a held referral go on."""
        return referring.clear(current(), referral_id, reason=sent["reason"])


@blueprint.route("/referrals/<uuid:referral_id>/reject")
class RejectReferral(MethodView):
    @requires("loyalty.signals")
    @blueprint.arguments(ReferralReasonArguments())
    @blueprint.response(200, ReferralSchema())
    def post(self, sent: dict[str, Any], referral_id: UUID) -> Any:
        """Refuse a referral for good, and take back what both sides got."""
        return referring.reject(current(), referral_id, reason=sent["reason"])


@blueprint.route("/players/<uuid:player_id>/traits")
class PlayerTraits(MethodView):
    @requires("loyalty.ingest")
    @blueprint.arguments(TraitsArguments())
    @blueprint.response(200, TraitsAnswerSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> dict[str, int]:
        """Tell what was seen of a player: devices, cards, networks, addresses."""
        return {"new": lookalikes.tell(current(), player_id, sent)}


def _mine(player_id: UUID) -> dict[str, Any]:
    ctx = current()
    friends = book.list_referrals(ctx, referrer_id=player_id, limit=FRIENDS_MAX)
    return {
        "code": book.code_of(ctx, player_id),
        "friends": [_friend(row) for row in friends],
        "cap": _cap(player_id),
        "came_by": _own(player_id),
    }


def _friend(row: Any) -> dict[str, Any]:
    given = [one for one in row.rewards if one["to"] == "referrer" and is_standing(one)]
    return {
        "name": referring.masked_name(current(), row.friend_id),
        "state": SHOWN.get(row.state, row.state),
        "registered_at": row.registered_at,
        "is_rewarded": bool(given),
    }


def _cap(player_id: UUID) -> dict[str, Any]:
    ctx = current()
    cap, unit = book.cap(ctx, player_id), ctx.tenant.currency
    return {
        "rewarded": cap.rewarded,
        "rewards_max": cap.rewards_max,
        "paid": Money(cap.paid, unit),
        "amount_max": Money(cap.amount_max, unit) if cap.amount_max is not None else None,
        "period": cap.period,
        "is_reached": cap.is_reached,
    }


def _own(player_id: UUID) -> dict[str, Any] | None:
    ctx = current()
    row = book.of_friend(ctx, player_id)
    if row is None:
        return None
    done = book.figures(ctx, player_id, row.registered_at)
    wanted = missing(book.terms(ctx), book.read(row), done, at=ctx.clock.now())
    is_open = row.state in ("registered", "held")
    return {"state": SHOWN.get(row.state, row.state), "missing": list(wanted) if is_open else []}
