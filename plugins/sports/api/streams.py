"""Streams over HTTP: operators put them up, players watch those that they may."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import URL, And, Length, Range, Regexp

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, check_match, current, player_only, requires, send_etag
from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX, URL_LENGTH_MAX
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.streams import book

TERRITORIES_MAX = 250
MINUTES_MAX = 60 * 24 * 7
NOTE_CHARACTERS_MAX = 300

blueprint = Blueprint("sports_streams", __name__, url_prefix="", description="Live streams")
ROUTES = Routes(blueprint=blueprint)


class StreamArguments(ma.Schema):
    """A stream as operators edit it; the window is counted from the start, and moves along with it."""

    title = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    url = ma.fields.Str(required=True, validate=And(Length(1, URL_LENGTH_MAX), URL(schemes={"https"})))
    opens_minutes = ma.fields.Int(load_default=15, strict=True, validate=Range(0, MINUTES_MAX))
    closes_minutes = ma.fields.Int(load_default=180, strict=True, validate=Range(1, MINUTES_MAX))
    territories = ma.fields.List(
        ma.fields.Str(validate=Regexp(r"[A-Z]{2}\Z")), load_default=list, validate=Length(max=TERRITORIES_MAX)
    )
    age_min = ma.fields.Int(load_default=18, strict=True, validate=Range(0, 99))
    needs_funds = ma.fields.Bool(load_default=True)
    is_active = ma.fields.Bool(load_default=True)


class StreamSchema(StreamArguments):
    """A stream."""

    id = ma.fields.UUID(required=True)
    fixture_id = ma.fields.UUID(required=True)
    revision = ma.fields.Int(required=True)


class WatchedStreamSchema(ma.Schema):
    """A stream as a player sees it: with the link, or with what is in the way."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.Str(required=True)
    opens_at = ma.fields.AwareDateTime(required=True)
    closes_at = ma.fields.AwareDateTime(required=True)
    url = ma.fields.Str(required=True, allow_none=True)
    why_not = ma.fields.Str(required=True, allow_none=True)


class DeadStreamArguments(ma.Schema):
    """What is wrong with it."""

    note = ma.fields.Str(load_default="", validate=Length(max=NOTE_CHARACTERS_MAX))


class StreamReportSchema(ma.Schema):
    """How many say so."""

    stream_id = ma.fields.UUID(required=True)
    reports = ma.fields.Int(required=True)
    is_off = ma.fields.Bool(required=True)


@blueprint.route("/fixtures/<uuid:fixture_id>/streams")
class Streams(MethodView):
    @requires("sports.read")
    @blueprint.response(200, StreamSchema(many=True))
    def get(self, fixture_id: UUID) -> Any:
        """List the streams of a fixture."""
        return book.of_fixture(current(), fixtures.find(current(), fixture_id).id)

    @requires("sports.edit")
    @blueprint.arguments(StreamArguments())
    @blueprint.response(201, StreamSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Put a stream up."""
        return _shown(book.create(current(), fixture_id, sent))


@blueprint.route("/streams/<uuid:stream_id>")
class Stream(MethodView):
    @requires("sports.read")
    @blueprint.response(200, StreamSchema())
    def get(self, stream_id: UUID) -> Any:
        """Show a stream, with its ETag."""
        return _shown(book.find(current(), stream_id))

    @requires("sports.edit")
    @blueprint.arguments(StreamArguments())
    @blueprint.response(200, StreamSchema())
    def put(self, sent: dict[str, Any], stream_id: UUID) -> Any:
        """Write a stream anew; If-Match must name it as it was read."""
        return _shown(book.save(current(), _matched(stream_id), sent))

    @requires("sports.edit")
    @blueprint.response(204)
    def delete(self, stream_id: UUID) -> None:
        """Take a stream down."""
        book.remove(current(), _matched(stream_id))


@blueprint.route("/me/fixtures/<uuid:fixture_id>/streams")
class MyStreams(MethodView):
    @player_only
    @blueprint.response(200, WatchedStreamSchema(many=True))
    def get(self, fixture_id: UUID) -> Any:
        """List the streams of a fixture: with the link where I may watch now."""
        ctx = current()
        return book.shown_to(ctx, fixture_id, ctx.actor.player_id)


@blueprint.route("/me/streams/<uuid:stream_id>/dead")
class DeadStream(MethodView):
    @player_only
    @blueprint.arguments(DeadStreamArguments())
    @blueprint.response(200, StreamReportSchema())
    def post(self, sent: dict[str, Any], stream_id: UUID) -> Any:
        """Say that a stream which I may watch shows nothing."""
        ctx = current()
        return book.report_dead(ctx, stream_id, ctx.actor.player_id, sent["note"])


def _matched(stream_id: UUID) -> Any:
    row = book.find(current(), stream_id, is_locked=True)
    check_match(dict(row._mapping))
    return row


def _shown(row: Any) -> Any:
    send_etag(dict(row._mapping))
    return row
