"""Alerts over HTTP: what fired, for operators; what to be told of, for players."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

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
from pitboss.rules.alerts import fired, subscriptions
from pitboss.rules.alerts.channels import PLAYER
from pitboss.rules.alerts.subscriptions import Subscription
from pitboss.rules.alerts.tables import ABOUT_LENGTH_MAX
from pitboss.rules.book.tables import KEY_LENGTH_MAX

SEVERITY_MAX = 10
CHANNEL_CHARACTERS_MAX = 20

blueprint = Blueprint(
    "rules_alerts", __name__, url_prefix="", description="Alerts that fired, and who is told"
)


class FiredFilter(PageArguments):
    """Which alerts that fired."""

    rule = ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX))
    player_id = ma.fields.UUID()
    severity_min = ma.fields.Int(load_default=1, validate=Range(min=1, max=SEVERITY_MAX))


class FiredSchema(ma.Schema):
    """An alert that fired once."""

    id = ma.fields.UUID(required=True)
    rule = ma.fields.Str(required=True)
    severity = ma.fields.Int(required=True)
    message = ma.fields.Str(required=True)
    value = ma.fields.Float(required=True, allow_none=True)
    channels = ma.fields.List(ma.fields.Str(), required=True)
    about = ma.fields.Str(required=True, metadata={"description": "What of the event it is about."})
    player_id = ma.fields.UUID(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)


class OfferSchema(ma.Schema):
    """An alert that players may subscribe to."""

    rule = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    description = ma.fields.Str(required=True)
    needs_threshold = ma.fields.Bool(required=True)
    channels = ma.fields.List(ma.fields.Str(), required=True)
    events = ma.fields.List(ma.fields.Str(), required=True)


class SubscriptionSchema(ma.Schema):
    """What a player asked to be told of."""

    id = ma.fields.UUID(required=True)
    rule = ma.fields.Str(required=True)
    about = ma.fields.Str(required=True, metadata={"description": "Empty: everything."})
    threshold = ma.fields.Float(required=True, allow_none=True)
    channels = ma.fields.List(ma.fields.Str(), required=True)
    created_at = ma.fields.AwareDateTime(required=True)


class AlertsOfPlayerSchema(ma.Schema):
    """What is offered to a player, and what they asked for."""

    offers = ma.fields.List(ma.fields.Nested(OfferSchema()), required=True)
    subscriptions = ma.fields.List(ma.fields.Nested(SubscriptionSchema()), required=True)


class SubscriptionChange(ma.Schema):
    """What may be changed of a subscription."""

    threshold = ma.fields.Float(allow_none=True)
    channels = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=CHANNEL_CHARACTERS_MAX)),
        validate=Length(min=1, max=len(PLAYER)),
    )


class NewSubscription(SubscriptionChange):
    """A new subscription."""

    rule = ma.fields.Str(required=True, validate=Length(min=1, max=KEY_LENGTH_MAX))
    about = ma.fields.Str(
        validate=Length(max=ABOUT_LENGTH_MAX),
        metadata={"description": "One thing, such as the id of a match; everything without it."},
    )


@blueprint.route("/alerts")
class FiredAlerts(MethodView):
    @requires("rules.read")
    @blueprint.arguments(FiredFilter(), location="query")
    @blueprint.response(200, page_schema(FiredSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the alerts that fired, the newest first."""
        limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = fired.list_fired(current(), before=before, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/me/alerts")
class OwnAlerts(MethodView):
    @player_only
    @blueprint.response(200, AlertsOfPlayerSchema())
    def get(self) -> dict[str, Any]:
        """List what is offered to me, and what I asked to be told of."""
        ctx = current()
        mine = subscriptions.list_subscriptions(ctx, ctx.actor.player_id)
        return {"offers": subscriptions.offers(ctx), "subscriptions": mine}

    @player_only
    @blueprint.arguments(NewSubscription())
    @blueprint.response(201, SubscriptionSchema())
    def post(self, sent: dict[str, Any]) -> Subscription:
        """Ask to be told of an alert, at a threshold of my own."""
        ctx = current()
        return _shown(subscriptions.subscribe(ctx, ctx.actor.player_id, sent.pop("rule"), **sent))


@blueprint.route("/me/alerts/<uuid:subscription_id>")
class OwnAlert(MethodView):
    @player_only
    @blueprint.response(200, SubscriptionSchema())
    def get(self, subscription_id: UUID) -> Subscription:
        """Show one of my subscriptions, with its ETag."""
        ctx = current()
        return _shown(subscriptions.find_subscription(ctx, ctx.actor.player_id, subscription_id))

    @player_only
    @blueprint.arguments(SubscriptionChange())
    @blueprint.response(200, SubscriptionSchema())
    def patch(self, sent: dict[str, Any], subscription_id: UUID) -> Subscription:
        """Change one of my subscriptions; If-Match must name it as it was read."""
        ctx = current()
        before = subscriptions.find_subscription(ctx, ctx.actor.player_id, subscription_id)
        check_match(before.mark)
        return _shown(subscriptions.change(ctx, ctx.actor.player_id, subscription_id, sent))

    @player_only
    @blueprint.response(204)
    def delete(self, subscription_id: UUID) -> None:
        """Be told no more."""
        ctx = current()
        subscriptions.unsubscribe(ctx, ctx.actor.player_id, subscription_id)


def _shown(found: Subscription) -> Subscription:
    send_etag(found.mark)
    return found
