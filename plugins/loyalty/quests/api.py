"""Missions, achievements and streaks over HTTP: for players, and for the operators who write them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, check_match, current, player_only, requires, send_etag
from pitboss.plugins.loyalty.quests import board, book, days

blueprint = Blueprint("loyalty_missions", __name__, url_prefix="", description="Missions and achievements")
ROUTES = Routes(blueprint=blueprint)


class MissionRewardSchema(ma.Schema):
    """What a mission gives."""

    action = ma.fields.String()
    amount = ma.fields.String(allow_none=True)
    unit = ma.fields.String(allow_none=True)


class StreakSchema(ma.Schema):
    """Days in a row."""

    length = ma.fields.Integer()
    best = ma.fields.Integer()
    freezes_left = ma.fields.Integer()
    is_today_done = ma.fields.Boolean()
    breaks_on = ma.fields.Date(allow_none=True)


class MissionCardSchema(ma.Schema):
    """A mission as its player sees it."""

    key = ma.fields.String()
    kind = ma.fields.String()
    title = ma.fields.String()
    text = ma.fields.String()
    period = ma.fields.String()
    period_start = ma.fields.AwareDateTime()
    done = ma.fields.String()
    target = ma.fields.String()
    unit = ma.fields.String()
    percent = ma.fields.Integer()
    sentence = ma.fields.String()
    is_complete = ma.fields.Boolean()
    completed_at = ma.fields.AwareDateTime(allow_none=True)
    reward = ma.fields.Nested(MissionRewardSchema(), allow_none=True)
    reward_id = ma.fields.UUID(allow_none=True)
    refused = ma.fields.String()
    streak = ma.fields.Nested(StreakSchema(), allow_none=True)
    starts_at = ma.fields.AwareDateTime(allow_none=True)
    ends_at = ma.fields.AwareDateTime(allow_none=True)


class MissionCardsSchema(ma.Schema):
    """A player's missions."""

    items = ma.fields.List(ma.fields.Nested(MissionCardSchema()))


class VisitSchema(ma.Schema):
    """What the player sees who comes back."""

    is_first_today = ma.fields.Boolean()
    streak = ma.fields.Nested(StreakSchema())


class MissionChangeArguments(ma.Schema):
    """A mission as it is to be."""

    title = ma.fields.String(required=True, validate=Length(1, 200))
    definition = ma.fields.Dict(keys=ma.fields.String(), required=True)
    starts_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    ends_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class MissionNewArguments(MissionChangeArguments):
    """A new mission."""

    key = ma.fields.String(required=True, validate=Length(1, 50))
    kind = ma.fields.String(load_default="mission", validate=OneOf(book.KINDS))


class MissionSwitchArguments(ma.Schema):
    """Why a mission is switched on or off."""

    reason = ma.fields.String(load_default="", validate=Length(0, 500))


class MissionFilter(ma.Schema):
    """Which missions to list."""

    kind = ma.fields.String(load_default=None, validate=OneOf(book.KINDS))
    is_active = ma.fields.Boolean(load_default=None)


class MissionSchema(ma.Schema):
    """A mission as operators see it."""

    key = ma.fields.String()
    kind = ma.fields.String()
    title = ma.fields.String()
    definition = ma.fields.Dict()
    version = ma.fields.Integer()
    is_active = ma.fields.Boolean()
    starts_at = ma.fields.AwareDateTime(allow_none=True)
    ends_at = ma.fields.AwareDateTime(allow_none=True)


class MissionFiguresSchema(ma.Schema):
    """What became of a mission so far."""

    players = ma.fields.Integer()
    completed = ma.fields.Integer()
    rewarded = ma.fields.Integer()


class MissionDetailSchema(MissionSchema):
    """A mission with what became of it."""

    figures = ma.fields.Nested(MissionFiguresSchema())


class MissionsSchema(ma.Schema):
    """All missions; there are at most 500."""

    items = ma.fields.List(ma.fields.Nested(MissionSchema()))


# -- players ---------------------------------------------------------------------------------------


@blueprint.route("/me/missions")
class MyMissions(MethodView):
    @player_only
    @blueprint.response(200, MissionCardsSchema())
    def get(self) -> dict[str, Any]:
        """Show my missions and how far each is."""
        ctx = current()
        return {"items": board.cards(ctx, ctx.actor.player_id, "mission")}


@blueprint.route("/me/achievements")
class MyAchievements(MethodView):
    @player_only
    @blueprint.response(200, MissionCardsSchema())
    def get(self) -> dict[str, Any]:
        """Show my achievements, unlocked or on the way."""
        ctx = current()
        return {"items": board.cards(ctx, ctx.actor.player_id, "achievement")}


@blueprint.route("/me/visit")
class MyVisit(MethodView):
    @player_only
    @blueprint.response(200, VisitSchema())
    def post(self) -> days.Visit:
        """Say that I am here today; the first time each day counts."""
        ctx = current()
        return days.visit(ctx, ctx.actor.player_id)


@blueprint.route("/me/streak")
class MyStreak(MethodView):
    @player_only
    @blueprint.response(200, StreakSchema())
    def get(self) -> Any:
        """Show how many days in a row I was here."""
        ctx = current()
        return days.streak_of(ctx, ctx.actor.player_id)


# -- operators -------------------------------------------------------------------------------------


@blueprint.route("/missions")
class Missions(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(MissionFilter(), location="query")
    @blueprint.response(200, MissionsSchema())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List missions and achievements by key."""
        return {"items": book.list_missions(current(), **asked)}

    @requires("loyalty.edit")
    @blueprint.arguments(MissionNewArguments())
    @blueprint.response(201, MissionDetailSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Write a new mission or achievement, not active yet."""
        return _shown(book.create(current(), sent))


@blueprint.route("/missions/<key>")
class Mission(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, MissionDetailSchema())
    def get(self, key: str) -> dict[str, Any]:
        """Show a mission, with its ETag."""
        return _shown(book.find(current(), key))

    @requires("loyalty.edit")
    @blueprint.arguments(MissionChangeArguments())
    @blueprint.response(200, MissionDetailSchema())
    def put(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Write a new version; If-Match must name the mission as it was read."""
        _match(key)
        return _shown(book.edit(current(), key, sent))

    @requires("loyalty.edit")
    @blueprint.response(204)
    def delete(self, key: str) -> None:
        """Delete a mission that nobody ever began."""
        _match(key)
        book.remove(current(), key)


@blueprint.route("/missions/<key>/activate")
class Activation(MethodView):
    @requires("loyalty.edit")
    @blueprint.arguments(MissionSwitchArguments())
    @blueprint.response(200, MissionDetailSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Let a mission count from now on."""
        return _shown(book.switch(current(), key, is_active=True, reason=sent["reason"]))


@blueprint.route("/missions/<key>/deactivate")
class Deactivation(MethodView):
    @requires("loyalty.edit")
    @blueprint.arguments(MissionSwitchArguments())
    @blueprint.response(200, MissionDetailSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Let a mission count no longer; what was counted stays."""
        return _shown(book.switch(current(), key, is_active=False, reason=sent["reason"]))


def _match(key: str) -> None:
    check_match(_version(book.find(current(), key)))


def _shown(row: Any) -> dict[str, Any]:
    send_etag(_version(row))
    return {**row._mapping, "figures": board.figures(current(), row.key)}


def _version(row: Any) -> dict[str, Any]:
    return {"key": row.key, "version": row.version, "is_active": row.is_active}
