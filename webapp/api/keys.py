"""API keys of the tenant's integrations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

from pitboss.core.http import Blueprint, answers_secret, current, requires
from pitboss.core.identity import keys
from pitboss.core.identity.roles import PERMISSIONS_MAX
from pitboss.core.identity.tables import ApiKey

blueprint = Blueprint("keys", __name__, url_prefix="/api-keys", description="Keys of integrations")

NAME_CHARACTERS_MAX = 80


class NewApiKeySchema(ma.Schema):
    """A key to make; it may do no more than its maker."""

    name = ma.fields.Str(
        required=True, validate=Length(min=1, max=NAME_CHARACTERS_MAX), metadata={"example": "Sportsbook"}
    )
    permissions = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX)),
        required=True,
        validate=Length(max=PERMISSIONS_MAX),
        metadata={"example": ["core.players"]},
    )
    requests_per_minute = ma.fields.Int(
        strict=True,
        allow_none=True,
        validate=Range(min=1, max=keys.REQUESTS_PER_MINUTE_MAX),
        metadata={"description": "Null means the deployment's limit."},
    )
    expires_at = ma.fields.AwareDateTime(allow_none=True)


class ApiKeySchema(ma.Schema):
    """A key; its secret is not shown again."""

    id = ma.fields.UUID(required=True)
    prefix = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    permissions = ma.fields.List(ma.fields.Str(), required=True)
    requests_per_minute = ma.fields.Int(required=True, allow_none=True)
    created_by = ma.fields.Str(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    used_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class MadeApiKeySchema(ma.Schema):
    """A new key with its secret, which is shown once."""

    key = ma.fields.Nested(ApiKeySchema(), required=True)
    secret = ma.fields.Str(required=True)


@blueprint.route("")
class ApiKeys(MethodView):
    @requires("core.api_keys")
    @blueprint.response(200, ApiKeySchema(many=True))
    def get(self) -> list[ApiKey]:
        """List the keys, newest first."""
        return list(keys.list_keys(current()))

    @requires("core.api_keys")
    @answers_secret
    @blueprint.arguments(NewApiKeySchema())
    @blueprint.response(201, MadeApiKeySchema())
    def post(self, sent: dict[str, Any]) -> keys.NewKey:
        """Make a key; its secret is shown once."""
        return keys.create_key(current(), **sent)


@blueprint.route("/<uuid:key_id>")
class OneApiKey(MethodView):
    @requires("core.api_keys")
    @blueprint.response(200, ApiKeySchema())
    def delete(self, key_id: UUID) -> ApiKey:
        """End a key, at once."""
        return keys.revoke_key(current(), key_id)
