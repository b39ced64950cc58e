"""Live updates over HTTP: feeds send them, and everyone sees how it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range, Regexp

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, current, public, requires
from pitboss.plugins.sports.api.moments import MOMENT
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX
from pitboss.plugins.sports.live import book, views
from pitboss.plugins.sports.live.feed import Update
from pitboss.plugins.sports.results.shapes import MINUTES_MAX, SCORE_MAX, PairShape

SEQUENCE_MAX = 2**31 - 1
FIGURES_MAX = 60

blueprint = Blueprint("sports_live", __name__, url_prefix="", description="Live fixtures")
ROUTES = Routes(blueprint=blueprint)


class UpdateArguments(ma.Schema):
    """One update; what it leaves out stays as it was."""

    sequence = ma.fields.Int(required=True, strict=True, validate=Range(1, SEQUENCE_MAX))
    happened_at = ma.fields.AwareDateTime(required=True, validate=MOMENT)
    score = ma.fields.Dict(
        keys=ma.fields.Str(validate=OneOf(["home", "away"])),
        values=ma.fields.Int(strict=True, validate=Range(0, SCORE_MAX)),
        load_default=dict,
    )
    minute = ma.fields.Int(load_default=None, allow_none=True, strict=True, validate=Range(0, MINUTES_MAX))
    period = ma.fields.Str(load_default="", validate=Length(max=20))
    statistics = ma.fields.Dict(
        keys=ma.fields.Str(validate=Length(1, 20)),
        values=ma.fields.Nested(PairShape()),
        load_default=dict,
        validate=Length(max=FIGURES_MAX),
    )
    status = ma.fields.Str(load_default="", validate=OneOf(["", "live", "suspended", "finished"]))
    is_snapshot = ma.fields.Bool(
        load_default=False, metadata={"description": "Tells everything: what was missed no longer matters."}
    )


class UpdatesArguments(ma.Schema):
    """Updates of one source; none at all is a sign of life."""

    source = ma.fields.Str(
        required=True, validate=Regexp(rf"[a-z0-9][a-z0-9_.-]{{0,{CODE_LENGTH_MAX - 1}}}\Z")
    )
    updates = ma.fields.List(
        ma.fields.Nested(UpdateArguments()), required=True, validate=Length(max=book.BATCH_UPDATES_MAX)
    )


class UpdatesTakenSchema(ma.Schema):
    """What became of the updates, by their numbers."""

    sequence = ma.fields.Int(required=True, metadata={"description": "Up to here everything was applied."})
    applied = ma.fields.List(ma.fields.Int(), required=True)
    duplicates = ma.fields.List(ma.fields.Int(), required=True)
    waiting = ma.fields.List(
        ma.fields.Int(), required=True, metadata={"description": "For one before them that is missing."}
    )
    is_stalled = ma.fields.Bool(required=True)


class LiveSchema(ma.Schema):
    """How a fixture stands."""

    fixture_id = ma.fields.UUID(required=True)
    score = ma.fields.Dict(required=True)
    minute = ma.fields.Int(required=True, allow_none=True)
    period = ma.fields.Str(required=True)
    statistics = ma.fields.Dict(required=True)
    sequence = ma.fields.Int(required=True)
    source = ma.fields.Str(required=True)
    updated_at = ma.fields.Str(required=True, metadata={"format": "date-time"})
    age_seconds = ma.fields.Int(required=True, metadata={"description": "Since its feed was last heard."})
    delay_seconds = ma.fields.Int(required=True, allow_none=True)
    is_stalled = ma.fields.Bool(required=True)
    stalled_cause = ma.fields.Str(required=True)
    is_over = ma.fields.Bool(required=True)


@blueprint.route("/fixtures/<uuid:fixture_id>/live")
class Live(MethodView):
    @public
    @blueprint.response(200, LiveSchema())
    def get(self, fixture_id: UUID) -> Any:
        """Show how a fixture stands, and whether that can be believed; /api/v1/events/stream follows it."""
        ctx = current()
        return views.view(ctx, book.find(ctx, fixture_id))

    @requires("sports.feed")
    @blueprint.arguments(UpdatesArguments())
    @blueprint.response(200, UpdatesTakenSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Send updates, in any order and as often as it takes."""
        updates = [Update(**update) for update in sent["updates"]]
        return book.take(current(), fixture_id, sent["source"], updates)
