"""Results over HTTP: recorded by one, confirmed by another, corrected in the open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range, Regexp

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, current, requires
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.results import book

REASON_CHARACTERS_MAX = 500
VERSION_MAX = 100_000

blueprint = Blueprint("sports_results", __name__, url_prefix="", description="Results")
ROUTES = Routes(blueprint=blueprint)


class ResultArguments(ma.Schema):
    """How a fixture ended."""

    outcome = ma.fields.Dict(
        required=True,
        metadata={
            "description": "Periods with the score of each alone, or positions of the participants.",
            "example": {
                "periods": [{"code": "1h", "home": 1, "away": 0}, {"code": "2h", "home": 0, "away": 2}],
                "statistics": {"corners": {"home": 5, "away": 3}},
            },
        },
    )
    source = ma.fields.Str(
        load_default=book.DESK,
        validate=Regexp(rf"[a-z0-9][a-z0-9_.-]{{0,{CODE_LENGTH_MAX - 1}}}\Z"),
        metadata={"description": "Of an API key: whose word it passes on. A person's is `desk`."},
    )
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class ConfirmResultArguments(ma.Schema):
    """Which version is confirmed."""

    version = ma.fields.Int(required=True, strict=True, validate=Range(1, VERSION_MAX))
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class ResultSchema(ma.Schema):
    """A version of a result: it never changes."""

    fixture_id = ma.fields.UUID(required=True)
    version = ma.fields.Int(required=True)
    state = ma.fields.Str(required=True)
    outcome = ma.fields.Dict(required=True)
    source = ma.fields.Str(required=True)
    recorded_by = ma.fields.Str(required=True)
    confirmed_by = ma.fields.Str(required=True, allow_none=True)
    confirms = ma.fields.Int(required=True, allow_none=True)
    reason = ma.fields.Str(required=True)
    at = ma.fields.Str(required=True, metadata={"format": "date-time"})


@blueprint.route("/fixtures/<uuid:fixture_id>/results")
class Results(MethodView):
    @requires("sports.read")
    @blueprint.response(200, ResultSchema(many=True))
    def get(self, fixture_id: UUID) -> Any:
        """List all versions of a result, newest first."""
        ctx = current()
        return [book.view(row) for row in book.versions(ctx, fixtures.find(ctx, fixture_id).id)]

    @requires("sports.results")
    @blueprint.arguments(ResultArguments())
    @blueprint.response(200, ResultSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Record how it ended, or correct what was official; somebody else confirms it."""
        ctx = current()
        if ctx.actor.kind == "operator":
            sent["source"] = book.DESK
        return book.view(book.record(ctx, fixture_id, **sent))


@blueprint.route("/fixtures/<uuid:fixture_id>/results/confirm")
class ConfirmResult(MethodView):
    @requires("sports.confirm")
    @blueprint.arguments(ConfirmResultArguments())
    @blueprint.response(200, ResultSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Confirm the newest version, which somebody else recorded."""
        return book.view(book.confirm(current(), fixture_id, **sent))


@blueprint.route("/fixtures/<uuid:fixture_id>/results/<int(max=100000):version>")
class Result(MethodView):
    @requires("sports.read")
    @blueprint.response(200, ResultSchema())
    def get(self, fixture_id: UUID, version: int) -> Any:
        """Show one version of a result."""
        return book.view(book.find(current(), fixture_id, version))
