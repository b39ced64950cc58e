"""What identity adds to the vocabulary: events about players. None carries personal data or a secret."""

from __future__ import annotations

import marshmallow as ma

from pitboss.core.contracts import Event

EXAMPLE_ID = "01920000-0000-7000-8000-000000000001"


class PlayerRegisteredSchema(ma.Schema):
    """Payload of core.player_registered."""

    player_id = ma.fields.UUID(required=True)
    country = ma.fields.Str(allow_none=True)
    locale = ma.fields.Str(allow_none=True)


class PlayerSignedInSchema(ma.Schema):
    """Payload of core.player_signed_in."""

    player_id = ma.fields.UUID(required=True)
    session_id = ma.fields.UUID(required=True)


class PlayerLockedSchema(ma.Schema):
    """Payload of core.player_locked."""

    player_id = ma.fields.UUID(required=True)
    because = ma.fields.Str(required=True, validate=ma.validate.OneOf(["operator", "attempts"]))


class PlayerSchema(ma.Schema):
    """Payload of an event that says which player, and no more."""

    player_id = ma.fields.UUID(required=True)


TERMS = (
    Event(
        name="core.player_registered",
        title="Player registered",
        doc="A player opened an account.",
        example={"player_id": EXAMPLE_ID, "country": "GB", "locale": "en"},
        schema=PlayerRegisteredSchema,
    ),
    Event(
        name="core.player_signed_in",
        title="Player signed in",
        doc="A player signed in with a password.",
        example={"player_id": EXAMPLE_ID, "session_id": "01920000-0000-7000-8000-000000000002"},
        schema=PlayerSignedInSchema,
    ),
    Event(
        name="core.player_locked",
        title="Player locked",
        doc="An operator locked a player out, or too many wrong passwords did for a while.",
        example={"player_id": EXAMPLE_ID, "because": "operator"},
        schema=PlayerLockedSchema,
    ),
    Event(
        name="core.player_deactivated",
        title="Player deactivated",
        doc="An account was closed for good.",
        example={"player_id": EXAMPLE_ID},
        schema=PlayerSchema,
    ),
    Event(
        name="core.password_reset_requested",
        title="Password reset requested",
        doc="Someone asked for a new password for a player's account.",
        example={"player_id": EXAMPLE_ID},
        schema=PlayerSchema,
    ),
)
