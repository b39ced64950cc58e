"""The player who is signed in: profile, preferences, activity."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from pitboss.core.http import Blueprint, current, page_schema, player_only
from pitboss.core.identity import find_player, preferences
from pitboss.core.identity.tables import Player
from pitboss.webapp.api.players import (
    ActivityArguments,
    ActivitySchema,
    OwnPlayerSchema,
    ProfileSchema,
    activity_page,
    answered,
    edited,
)
from pitboss.webapp.visitor import visitor

blueprint = Blueprint("me", __name__, url_prefix="/me", description="The player who is signed in")

_FIELDS: dict[str, type[ma.fields.Str | ma.fields.Bool]] = {
    "choice": ma.fields.Str,
    "boolean": ma.fields.Bool,
    "text": ma.fields.Str,
    "time_zone": ma.fields.Str,
}


class QuietHoursSchema(ma.Schema):
    """When no message is sent, in the player's time zone."""

    start = ma.fields.Str(data_key="from", attribute="from", required=True, metadata={"example": "22:00"})
    until = ma.fields.Str(required=True, metadata={"example": "08:00"})


def _field(preference: preferences.Preference) -> ma.fields.Field[Any]:
    about: dict[str, Any] = {"description": preference.doc}
    if preference.choices:
        about["enum"] = [*preference.choices, None]
    if preference.type == "period":
        return ma.fields.Nested(QuietHoursSchema(), allow_none=True, metadata=about)
    return _FIELDS[preference.type](allow_none=True, metadata=about)


PreferencesSchema = ma.Schema.from_dict(
    {key: _field(preference) for key, preference in preferences.PREFERENCES.items()},
    name="PreferencesSchema",
)
PreferencesSchema.__module__ = __name__


@blueprint.route("")
class Me(MethodView):
    @player_only
    @blueprint.response(200, OwnPlayerSchema())
    def get(self) -> Player:
        """Show my profile, with its ETag."""
        context = current()
        return answered(find_player(context, context.actor.player_id))

    @player_only
    @blueprint.arguments(ProfileSchema())
    @blueprint.response(200, OwnPlayerSchema())
    def patch(self, sent: dict[str, Any]) -> Player:
        """Change my profile; If-Match must name what was read."""
        return edited(current().actor.player_id, sent)


@blueprint.route("/preferences")
class Preferences(MethodView):
    @player_only
    @blueprint.response(200, PreferencesSchema())
    def get(self) -> dict[str, Any]:
        """Show my preferences, defaults included."""
        context = current()
        return preferences.preferences_of(context, context.actor.player_id)

    @player_only
    @blueprint.arguments(PreferencesSchema())
    @blueprint.response(200, PreferencesSchema())
    def patch(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Change some of my preferences; null brings back the default."""
        context = current()
        return preferences.change_preferences(context, context.actor.player_id, sent, visitor())


@blueprint.route("/activity")
class Activity(MethodView):
    @player_only
    @blueprint.arguments(ActivityArguments(), location="query")
    @blueprint.response(200, page_schema(ActivitySchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was done in my account, newest first."""
        return activity_page(current().actor.player_id, asked)
