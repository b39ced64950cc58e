"""Segments over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    read_cursor,
    read_id_cursor,
    requires,
)
from pitboss.core.identity.players import find_player
from pitboss.rules.book.tables import KEY_LENGTH_MAX
from pitboss.rules.segments import explaining, frozen, members, preview
from pitboss.rules.segments.refresh import check_known
from pitboss.rules.segments.tasks import REFRESH

SAMPLE_DEFAULT = 10

blueprint = Blueprint(
    "rules_segments", __name__, url_prefix="", description="Who is in which segment, and why"
)


class SegmentSchema(ma.Schema):
    """A segment, and how many are in it."""

    key = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    live = ma.fields.Int(required=True, allow_none=True)
    priority = ma.fields.Int(required=True, allow_none=True)
    size = ma.fields.Int(required=True)


class StaySchema(ma.Schema):
    """One stay of a player in a segment."""

    segment = ma.fields.Str(required=True)
    player_id = ma.fields.UUID(required=True)
    entered_at = ma.fields.AwareDateTime(required=True)
    left_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    version = ma.fields.Int(required=True, metadata={"description": "Of the segment that let the player in."})
    event_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null where a refresh of all players did."}
    )
    left_event_id = ma.fields.UUID(required=True, allow_none=True)


class SegmentPreviewArguments(ma.Schema):
    """What is previewed; the newest version without a document."""

    document = ma.fields.Dict(keys=ma.fields.Str())
    sample = ma.fields.Int(
        load_default=SAMPLE_DEFAULT, strict=True, validate=Range(min=0, max=preview.SAMPLE_MAX)
    )


class SegmentPreviewSchema(ma.Schema):
    """What a condition comes to now, beside who is in the segment."""

    size = ma.fields.Int(required=True)
    size_now = ma.fields.Int(required=True)
    entering = ma.fields.Int(required=True)
    leaving = ma.fields.Int(required=True)
    sample = ma.fields.List(
        ma.fields.UUID(),
        required=True,
        metadata={"description": "Empty for callers who may not see who is in segments."},
    )


class ExplainArguments(ma.Schema):
    """For whom; with an instant, the stay that was going on then."""

    player_id = ma.fields.UUID(required=True)
    at = ma.fields.AwareDateTime()


class SegmentWhySchema(ma.Schema):
    """The trace of one end of a stay, or why there is none."""

    explanation = ma.fields.Dict(required=True, allow_none=True)
    missing = ma.fields.Str(required=True, allow_none=True)


class SegmentExplainedSchema(ma.Schema):
    """Why a player is in a segment or not, or was."""

    stay = ma.fields.Nested(StaySchema(), required=True, allow_none=True)
    key = ma.fields.Str()
    version = ma.fields.Int()
    is_live = ma.fields.Bool()
    explanation = ma.fields.Dict()
    entered = ma.fields.Nested(SegmentWhySchema())
    left = ma.fields.Nested(SegmentWhySchema())


class FreezeArguments(ma.Schema):
    """What a segment is frozen for."""

    reason = ma.fields.Str(required=True, validate=Length(min=1, max=frozen.REASON_LENGTH_MAX))


class FrozenSchema(ma.Schema):
    """A segment as it was at one moment."""

    id = ma.fields.UUID(required=True)
    segment = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    size = ma.fields.Int(required=True)
    frozen_by = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class FrozenFilter(PageArguments):
    """Which frozen segments."""

    segment = ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX))


class SegmentIdsArguments(ma.Schema):
    """Where a page of ids begins, and how long it is."""

    cursor = PageArguments().fields["cursor"]
    limit = ma.fields.Int(
        load_default=members.EXPORT_IDS_MAX, validate=Range(min=1, max=members.EXPORT_IDS_MAX)
    )


class SegmentIdsSchema(ma.Schema):
    """A page of ids."""

    items = ma.fields.List(ma.fields.UUID(), required=True)
    next_cursor = ma.fields.Str(required=True, allow_none=True)


class SegmentRefreshSchema(ma.Schema):
    """The job that refreshes."""

    job_id = ma.fields.UUID(required=True)


@blueprint.route("/segments")
class Segments(MethodView):
    @requires("rules.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(SegmentSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the segments by key, with their sizes."""
        limit, after = asked["limit"], read_cursor(asked.get("cursor"))
        found = members.list_segments(current(), after=after or "", limit=limit + 1)
        return page(found[:limit], found[limit - 1].key if len(found) > limit else None)


@blueprint.route("/segments/<key>/members")
class SegmentMembers(MethodView):
    @requires("rules.members")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(StaySchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List who is in a segment, and since when."""
        ctx, limit = current(), asked["limit"]
        check_known(ctx, key)
        after = read_id_cursor(asked.get("cursor"))
        found = members.list_members(ctx, key, after=after, limit=limit + 1)
        return page(found[:limit], found[limit - 1].player_id if len(found) > limit else None)


@blueprint.route("/segments/<key>/ids")
class SegmentIds(MethodView):
    @requires("rules.members")
    @blueprint.arguments(SegmentIdsArguments(), location="query")
    @blueprint.response(200, SegmentIdsSchema())
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """Export the ids of those who are in a segment, in long pages."""
        ctx, limit = current(), asked["limit"]
        check_known(ctx, key)
        after = read_id_cursor(asked.get("cursor"))
        found = members.member_ids(ctx, key, after=after, limit=limit + 1)
        return page(found[:limit], found[limit - 1] if len(found) > limit else None)


@blueprint.route("/segments/<key>/preview")
class SegmentPreview(MethodView):
    @requires("rules.read")
    @blueprint.arguments(SegmentPreviewArguments())
    @blueprint.response(200, SegmentPreviewSchema())
    def post(self, sent: dict[str, Any], key: str) -> preview.Preview:
        """Say how large a segment would be, and who would come and go; nothing is stored."""
        ctx = current()
        sample = sent["sample"] if ctx.actor.may("rules.members") else 0
        if "document" in sent:
            return preview.preview(ctx, {**sent["document"], "key": key}, sample=sample)
        return preview.preview_saved(ctx, key, sample=sample)


@blueprint.route("/segments/<key>/explain")
class SegmentExplain(MethodView):
    @requires("rules.members")
    @blueprint.arguments(ExplainArguments(), location="query")
    @blueprint.response(200, SegmentExplainedSchema())
    def get(self, asked: dict[str, Any], key: str) -> Any:
        """Explain why a player is in a segment or not, or what began and ended a stay of the past."""
        if "at" in asked:
            return explaining.explain_then(current(), key, asked["player_id"], asked["at"])
        return explaining.explain_now(current(), key, asked["player_id"])


@blueprint.route("/segments/<key>/freeze")
class SegmentFreeze(MethodView):
    @requires("rules.members")
    @blueprint.arguments(FreezeArguments())
    @blueprint.response(201, FrozenSchema())
    def post(self, sent: dict[str, Any], key: str) -> frozen.Frozen:
        """Keep who is in a segment now, for the run of a campaign."""
        return frozen.freeze(current(), key, sent["reason"])


@blueprint.route("/segments/<key>/refresh")
class SegmentRefresh(MethodView):
    @requires("rules.members")
    @blueprint.response(202, SegmentRefreshSchema())
    def post(self, key: str) -> dict[str, UUID | None]:
        """Have a segment brought up to date for all players, in the background."""
        ctx = current()
        check_known(ctx, key)
        return {"job_id": ctx.enqueue(REFRESH, {"key": key})}


@blueprint.route("/segments/frozen")
class FrozenSegments(MethodView):
    @requires("rules.members")
    @blueprint.arguments(FrozenFilter(), location="query")
    @blueprint.response(200, page_schema(FrozenSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was frozen, the newest first."""
        limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = frozen.list_frozen(current(), before=before, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/segments/frozen/<uuid:frozen_id>")
class FrozenSegment(MethodView):
    @requires("rules.members")
    @blueprint.response(200, FrozenSchema())
    def get(self, frozen_id: UUID) -> frozen.Frozen:
        """Show a segment as it was."""
        return frozen.find_frozen(current(), frozen_id)


@blueprint.route("/segments/frozen/<uuid:frozen_id>/members")
class FrozenMembers(MethodView):
    @requires("rules.members")
    @blueprint.arguments(SegmentIdsArguments(), location="query")
    @blueprint.response(200, SegmentIdsSchema())
    def get(self, asked: dict[str, Any], frozen_id: UUID) -> dict[str, Any]:
        """List who was in a segment when it was frozen."""
        ctx, limit = current(), asked["limit"]
        frozen.find_frozen(ctx, frozen_id)
        after = read_id_cursor(asked.get("cursor"))
        found = frozen.frozen_ids(ctx, frozen_id, after=after, limit=limit + 1)
        return page(found[:limit], found[limit - 1] if len(found) > limit else None)


@blueprint.route("/players/<uuid:player_id>/segments")
class PlayerSegments(MethodView):
    @requires("rules.members")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(StaySchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List what a player is in and was in, the newest first."""
        ctx, limit = current(), asked["limit"]
        find_player(ctx, player_id)
        cursor = read_cursor(asked.get("cursor"))
        before = (datetime.fromisoformat(cursor[0]), cursor[1]) if cursor else None
        found = members.history(ctx, player_id, before=before, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        following = [last.entered_at.isoformat(), last.segment] if last is not None else None
        return page(found[:limit], following)
