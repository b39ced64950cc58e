"""Outgoing webhooks: endpoints that take events, and what was delivered to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core import webhooks as service
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    answers_secret,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
)
from pitboss.core.outgoing import URL_LENGTH_MAX
from pitboss.core.webhooks.endpoints import DESCRIPTION_LENGTH_MAX, PATTERNS_MAX

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="Outgoing webhooks")

PATTERN_CHARACTERS_MAX = 80


class EndpointChange(ma.Schema):
    """What may be changed of an endpoint."""

    url = ma.fields.Str(validate=Length(min=1, max=URL_LENGTH_MAX))
    events = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=PATTERN_CHARACTERS_MAX)),
        validate=Length(min=1, max=PATTERNS_MAX),
        metadata={"description": "Names of events, `<plugin>.*` for all of one plugin, or `*`."},
    )
    description = ma.fields.Str(validate=Length(max=DESCRIPTION_LENGTH_MAX))
    is_enabled = ma.fields.Bool()


class NewEndpoint(EndpointChange):
    """A new endpoint."""

    url = ma.fields.Str(required=True, validate=Length(min=1, max=URL_LENGTH_MAX))
    events = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=PATTERN_CHARACTERS_MAX)),
        required=True,
        validate=Length(min=1, max=PATTERNS_MAX),
    )

    class Meta:
        exclude = ("is_enabled",)


class EndpointSchema(ma.Schema):
    """An address that takes events."""

    id = ma.fields.UUID(required=True)
    url = ma.fields.Str(required=True)
    events = ma.fields.List(ma.fields.Str(), required=True)
    description = ma.fields.Str(required=True)
    is_enabled = ma.fields.Bool(required=True)
    disabled_reason = ma.fields.Str(required=True, allow_none=True)
    failures = ma.fields.Int(required=True)
    failing_since = ma.fields.AwareDateTime(required=True, allow_none=True)
    is_rotating = ma.fields.Bool(required=True)
    created_by = ma.fields.Str(required=True)
    created_at = ma.fields.AwareDateTime(required=True)


class SecretSchema(ma.Schema):
    """A signing secret, shown this once."""

    secret = ma.fields.Str(required=True)


class EndpointMadeSchema(SecretSchema):
    """A new endpoint with its signing secret, which is shown this once."""

    endpoint = ma.fields.Nested(EndpointSchema(), required=True)


class DeliveryFilter(PageArguments):
    """Which deliveries."""

    endpoint_id = ma.fields.UUID()
    state = ma.fields.Str(validate=OneOf([str(state) for state in service.DeliveryState]))


class DeliverySchema(ma.Schema):
    """One event for one endpoint."""

    id = ma.fields.UUID(required=True)
    endpoint_id = ma.fields.UUID(required=True)
    message_id = ma.fields.Str(required=True)
    event = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    attempts = ma.fields.Int(required=True)
    replays = ma.fields.Int(required=True)
    reason = ma.fields.Str(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(required=True)
    finished_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    next_attempt_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class AttemptSchema(ma.Schema):
    """One attempt to deliver."""

    at = ma.fields.AwareDateTime(required=True)
    status = ma.fields.Int(required=True, allow_none=True)
    duration_ms = ma.fields.Int(required=True)
    error = ma.fields.Str(required=True, allow_none=True)
    response = ma.fields.Str(required=True)


class DeliveryDetailSchema(DeliverySchema):
    """A delivery with its body and every attempt."""

    body = ma.fields.Str(required=True)
    attempt_log = ma.fields.List(ma.fields.Nested(AttemptSchema()), required=True)


@blueprint.route("")
class Endpoints(MethodView):
    @requires("core.webhooks")
    @blueprint.response(200, EndpointSchema(many=True))
    def get(self) -> list[service.Endpoint]:
        """List the endpoints."""
        return service.list_endpoints(current())

    @requires("core.webhooks")
    @answers_secret
    @blueprint.arguments(NewEndpoint())
    @blueprint.response(201, EndpointMadeSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Make an endpoint; its signing secret is shown this once."""
        endpoint, secret = service.create_endpoint(current(), **sent)
        return {"endpoint": endpoint, "secret": secret}


@blueprint.route("/<uuid:endpoint_id>")
class Endpoint(MethodView):
    @requires("core.webhooks")
    @blueprint.response(200, EndpointSchema())
    def get(self, endpoint_id: UUID) -> service.Endpoint:
        """Show an endpoint."""
        return service.find_endpoint(current(), endpoint_id)

    @requires("core.webhooks")
    @blueprint.arguments(EndpointChange())
    @blueprint.response(200, EndpointSchema())
    def patch(self, sent: dict[str, Any], endpoint_id: UUID) -> service.Endpoint:
        """Change an endpoint; switching it on forgives its failures."""
        return service.update_endpoint(current(), endpoint_id, **sent)

    @requires("core.webhooks")
    @blueprint.response(204)
    def delete(self, endpoint_id: UUID) -> None:
        """Remove an endpoint; what was sent to it stays on record."""
        service.delete_endpoint(current(), endpoint_id)


@blueprint.route("/<uuid:endpoint_id>/secret")
class EndpointSecret(MethodView):
    @requires("core.webhooks")
    @answers_secret
    @blueprint.response(200, SecretSchema())
    def post(self, endpoint_id: UUID) -> dict[str, str]:
        """Give an endpoint a new signing secret; for a day messages are signed with both."""
        return {"secret": service.rotate_secret(current(), endpoint_id)}


@blueprint.route("/<uuid:endpoint_id>/ping")
class EndpointPing(MethodView):
    @requires("core.webhooks")
    @blueprint.response(202, DeliveryDetailSchema())
    def post(self, endpoint_id: UUID) -> dict[str, Any]:
        """Send an endpoint a test message."""
        context = current()
        return service.find_delivery(context, service.ping(context, endpoint_id))


@blueprint.route("/deliveries")
class Deliveries(MethodView):
    @requires("core.webhooks")
    @blueprint.arguments(DeliveryFilter(), location="query")
    @blueprint.response(200, page_schema(DeliverySchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List deliveries, newest first."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = service.list_deliveries(current(), after=after, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1]["id"] if len(found) > limit else None)


@blueprint.route("/deliveries/<uuid:delivery_id>")
class Delivery(MethodView):
    @requires("core.webhooks")
    @blueprint.response(200, DeliveryDetailSchema())
    def get(self, delivery_id: UUID) -> dict[str, Any]:
        """Show a delivery with every attempt."""
        return service.find_delivery(current(), delivery_id)


@blueprint.route("/deliveries/<uuid:delivery_id>/replay")
class DeliveryReplay(MethodView):
    @requires("core.webhooks")
    @blueprint.response(202, DeliveryDetailSchema())
    def post(self, delivery_id: UUID) -> dict[str, Any]:
        """Send a message again; its id stays the same."""
        context = current()
        service.replay(context, delivery_id)
        return service.find_delivery(context, delivery_id)
