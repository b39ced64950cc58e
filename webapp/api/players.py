"""Players, as operators see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range, Regexp

from pitboss.core.countries import check_country
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    check_match,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.core.identity import activity, find_player, players
from pitboss.core.identity.tables import Player, Status

blueprint = Blueprint("players", __name__, url_prefix="/players", description="Players of the tenant")

TEXT_CHARACTERS_MAX = 254
REASON_CHARACTERS_MAX = 500
STATUSES = [str(status) for status in Status if status is not Status.INVITED]


class ProfileSchema(ma.Schema):
    """What a player says of themselves."""

    display_name = ma.fields.Str(validate=Length(max=80), metadata={"example": "Ann"})
    country = ma.fields.Str(
        allow_none=True, validate=check_country, metadata={"example": "GB", "pattern": "^[A-Z]{2}$"}
    )
    locale = ma.fields.Str(
        allow_none=True,
        validate=Regexp(r"(?=.{2,10}\Z)[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"),
        metadata={"example": "en-GB", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
    )
    birth_date = ma.fields.Date(allow_none=True, metadata={"example": "1990-05-17"})


class OwnPlayerSchema(ma.Schema):
    """A player, as the player sees it."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.Str(required=True)
    username = ma.fields.Str(required=True, allow_none=True)
    display_name = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True, allow_none=True)
    locale = ma.fields.Str(required=True, allow_none=True)
    birth_date = ma.fields.Date(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(required=True)


class PlayerSchema(OwnPlayerSchema):
    """A player, as operators see it."""

    status = ma.fields.Str(required=True, validate=OneOf(STATUSES))
    status_reason = ma.fields.Str(required=True, allow_none=True)
    signed_in_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class PlayerSearch(PageArguments):
    """Which players."""

    text = ma.fields.Str(
        load_default="",
        validate=Length(max=TEXT_CHARACTERS_MAX),
        metadata={"description": "How the email address or the user name begins."},
    )
    status = ma.fields.Str(validate=OneOf(STATUSES))


class ReasonedSchema(ma.Schema):
    """Why, for whoever reads the audit trail."""

    reason = ma.fields.Str(
        required=True,
        validate=Length(min=3, max=REASON_CHARACTERS_MAX),
        metadata={"example": "documents do not match"},
    )


class ActivityArguments(PageArguments):
    """Which activity."""

    days = ma.fields.Int(
        load_default=activity.DAYS_AT_ONCE,
        validate=Range(min=1, max=activity.DAYS_MAX),
        metadata={"description": "How far back: three months at once, twelve on request."},
    )
    kind = ma.fields.Str(validate=Length(min=1, max=80), metadata={"example": "signed_in"})


class ActivitySchema(ma.Schema):
    """One thing that was done in an account."""

    id = ma.fields.UUID(required=True)
    at = ma.fields.AwareDateTime(required=True)
    kind = ma.fields.Str(required=True)
    address = ma.fields.Str(required=True)
    device = ma.fields.Str(required=True)
    details = ma.fields.Dict(keys=ma.fields.Str(), required=True)


@blueprint.route("")
class Players(MethodView):
    @requires("core.players")
    @blueprint.arguments(PlayerSearch(), location="query")
    @blueprint.response(200, page_schema(PlayerSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List players, in the order in which they registered."""
        after = read_id_cursor(asked.pop("cursor", None))
        found = players.search_players(current(), after=after, **asked)
        return page(found.players, found.cursor)


@blueprint.route("/<uuid:player_id>")
class OnePlayer(MethodView):
    @requires("core.players")
    @blueprint.response(200, PlayerSchema())
    def get(self, player_id: UUID) -> Player:
        """Show a player, with the ETag."""
        return answered(find_player(current(), player_id))

    @requires("core.players_edit")
    @blueprint.arguments(ProfileSchema())
    @blueprint.response(200, PlayerSchema())
    def patch(self, sent: dict[str, Any], player_id: UUID) -> Player:
        """Correct a player's data; If-Match must name what was read."""
        return edited(player_id, sent)


@blueprint.route("/<uuid:player_id>/activity")
class PlayerActivity(MethodView):
    @requires("core.players")
    @blueprint.arguments(ActivityArguments(), location="query")
    @blueprint.response(200, page_schema(ActivitySchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List what was done in a player's account, newest first."""
        find_player(current(), player_id)
        return activity_page(player_id, asked)


@blueprint.route("/<uuid:player_id>/lock")
class LockPlayer(MethodView):
    @requires("core.players_edit")
    @blueprint.arguments(ReasonedSchema())
    @blueprint.response(200, PlayerSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> Player:
        """Keep a player out; every session ends at once."""
        return answered(players.lock_player(current(), player_id, sent["reason"]))


@blueprint.route("/<uuid:player_id>/unlock")
class UnlockPlayer(MethodView):
    @requires("core.players_edit")
    @blueprint.arguments(ReasonedSchema())
    @blueprint.response(200, PlayerSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> Player:
        """Let a player in again, also after too many wrong passwords."""
        return answered(players.unlock_player(current(), player_id, sent["reason"]))


@blueprint.route("/<uuid:player_id>/deactivate")
class DeactivatePlayer(MethodView):
    @requires("core.players_edit")
    @blueprint.arguments(ReasonedSchema())
    @blueprint.response(200, PlayerSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> Player:
        """Close a player's account for good."""
        return answered(players.deactivate_player(current(), player_id, sent["reason"]))


def edited(player_id: UUID, changes: dict[str, Any]) -> Player:
    """Change a player's data, unless someone else did meanwhile."""
    context = current()
    check_match(find_player(context, player_id, for_update=True).version)
    return answered(players.edit_player(context, player_id, changes))


def answered(player: Player) -> Player:
    """Return a player, and its version as ETag."""
    send_etag(player.version)
    return player


def activity_page(player_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's activity."""
    before = read_id_cursor(asked.pop("cursor", None))
    found = activity.read(current(), player_id, before=before, **asked)
    return page(found.entries, found.cursor)
