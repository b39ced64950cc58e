"""Sources over HTTP: registering them, their keys, their record."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range, Regexp

from pitboss.core.contracts import Routes
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
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX, URL_LENGTH_MAX
from pitboss.plugins.sports.sources.api.names import names_field
from pitboss.plugins.sports.sources.feeds import book, polling
from pitboss.plugins.sports.sources.feeds.shapes import SHAPES

SECRET_CHARACTERS_MAX = 500
POLL_SECONDS_MAX = 7 * 24 * 3600
QUOTA_MAX = 10**9

blueprint = Blueprint("sports_sources", __name__, url_prefix="", description="Sources of data")
ROUTES = Routes(blueprint=blueprint)

_KEY = Regexp(rf"[a-z0-9][a-z0-9_-]{{0,{CODE_LENGTH_MAX - 1}}}\Z")
_WORD = Regexp(r"[A-Za-z0-9_-]{1,64}\Z")


class SourceOptions(ma.Schema):
    """What its items do not say, and how it wants to be asked."""

    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    competition = ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX))
    names = names_field()
    shape = ma.fields.Str(validate=OneOf(sorted(SHAPES)))
    key_header = ma.fields.Str(
        validate=_WORD, metadata={"description": "The header that carries its key; else Authorization."}
    )
    key_parameter = ma.fields.Str(
        validate=_WORD, metadata={"description": "The parameter that carries its key, instead of a header."}
    )


class SourceArguments(ma.Schema):
    """A source as operators edit it."""

    title = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    provider = ma.fields.Str(
        load_default="",
        validate=Length(max=CODE_LENGTH_MAX),
        metadata={"description": "Whose ids it speaks; its own key where it is empty."},
    )
    url = ma.fields.Str(
        load_default="",
        validate=Length(max=URL_LENGTH_MAX),
        metadata={"description": "Where it is asked; empty for one that only sends."},
    )
    licence = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    priority = ma.fields.Int(load_default=100, strict=True, validate=Range(0, 10_000))
    is_standby = ma.fields.Bool(load_default=False)
    poll_seconds = ma.fields.Int(
        load_default=60, strict=True, validate=Range(polling.POLL_SECONDS_MIN, POLL_SECONDS_MAX)
    )
    options = ma.fields.Nested(SourceOptions(), load_default=dict)
    quota_per_day = ma.fields.Int(
        load_default=None, allow_none=True, strict=True, validate=Range(1, QUOTA_MAX)
    )
    is_active = ma.fields.Bool(load_default=True)


class NewSourceArguments(SourceArguments):
    """A new source, and what it is called for good."""

    key = ma.fields.Str(required=True, validate=_KEY)
    kind = ma.fields.Str(required=True, validate=OneOf(book.KINDS))


class SourceSchema(SourceArguments):
    """A source with its record; never its key."""

    key = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    has_secret = ma.fields.Function(lambda row: bool(row.secret), metadata={"type": "boolean"})
    score = ma.fields.Int(required=True, metadata={"description": "0 to 100, by its own record."})
    failures = ma.fields.Int(required=True, metadata={"description": "In a row."})
    error = ma.fields.Str(required=True)
    is_suspended = ma.fields.Bool(required=True)
    cursor = ma.fields.Str(required=True, allow_none=True)
    heard_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    next_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    revision = ma.fields.Int(required=True)


class SecretArguments(ma.Schema):
    """The key that a source wants; an empty one forgets it."""

    secret = ma.fields.Str(required=True, validate=Length(max=SECRET_CHARACTERS_MAX))


class CallSchema(ma.Schema):
    """One call of a source."""

    id = ma.fields.UUID(required=True)
    request = ma.fields.Str(required=True)
    status = ma.fields.Int(required=True, allow_none=True)
    outcome = ma.fields.Str(required=True)
    items = ma.fields.Int(required=True)
    problems = ma.fields.Int(required=True)
    corrections = ma.fields.Int(required=True)
    size_bytes = ma.fields.Int(required=True)
    milliseconds = ma.fields.Int(required=True)
    error = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class SourceFilter(ma.Schema):
    """Which sources."""

    kind = ma.fields.Str(validate=OneOf(book.KINDS))


class SourceListSchema(ma.Schema):
    """All sources, in the order in which they are asked."""

    items = ma.fields.List(ma.fields.Nested(SourceSchema()), required=True)


@blueprint.route("/sources")
class Sources(MethodView):
    @requires("sports.read")
    @blueprint.arguments(SourceFilter(), location="query")
    @blueprint.response(200, SourceListSchema())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List sources with their scores, in the order in which they are asked"""
        return {"items": book.list_sources(current(), kind=asked.get("kind"))}

    @requires("sports.sources")
    @blueprint.arguments(NewSourceArguments())
    @blueprint.response(201, SourceSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Register a source"""
        return _sent(book.register(current(), sent.pop("key"), sent.pop("kind"), sent))


@blueprint.route("/sources/<key>")
class Source(MethodView):
    @requires("sports.read")
    @blueprint.response(200, SourceSchema())
    def get(self, key: str) -> Any:
        """Show a source, with its ETag"""
        return _sent(book.find(current(), key))

    @requires("sports.sources")
    @blueprint.arguments(SourceArguments())
    @blueprint.response(200, SourceSchema())
    def put(self, sent: dict[str, Any], key: str) -> Any:
        """Write a source anew; If-Match must name it as it was read."""
        return _sent(book.save(current(), _matched(key), sent))

    @requires("sports.sources")
    @blueprint.response(204)
    def delete(self, key: str) -> None:
        """Remove a source; what it told stays"""
        book.remove(current(), _matched(key))


@blueprint.route("/sources/<key>/secret")
class SourceSecret(MethodView):
    @requires("sports.sources")
    @blueprint.arguments(SecretArguments())
    @blueprint.response(204)
    def put(self, sent: dict[str, Any], key: str) -> None:
        """Set the key that a source wants; it is never shown again."""
        book.set_secret(current(), key, sent["secret"])


@blueprint.route("/sources/<key>/poll")
class PollSource(MethodView):
    @requires("sports.sources")
    @blueprint.response(202)
    def post(self, key: str) -> None:
        """Ask a source now, as a job"""
        ctx = current()
        book.find(ctx, key)
        ctx.enqueue(polling.POLL, {"source": key})


@blueprint.route("/sources/<key>/rewind")
class RewindSource(MethodView):
    @requires("sports.sources")
    @blueprint.response(200, SourceSchema())
    def post(self, key: str) -> Any:
        """Read a source from its beginning again; what is known comes out as the same."""
        return _sent(book.rewind(current(), key))


@blueprint.route("/sources/<key>/calls")
class SourceCalls(MethodView):
    @requires("sports.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(CallSchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List the calls of a source, the newest first."""
        ctx, limit = current(), asked["limit"]
        book.find(ctx, key)
        before = read_id_cursor(asked.get("cursor"))
        found = book.calls_of(ctx, key, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _sent(row: Any) -> Any:
    send_etag(_version(row))
    return row


def _matched(key: str) -> Any:
    row = book.find(current(), key, is_locked=True)
    check_match(_version(row))
    return row


def _version(row: Any) -> Any:
    return {"key": row.key, "revision": row.revision}
