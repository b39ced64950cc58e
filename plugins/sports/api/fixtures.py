"""Fixtures over HTTP: scheduling, changing, states and runners."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    check_match,
    current,
    page,
    page_schema,
    read_cursor,
    requires,
    send_etag,
)
from pitboss.plugins.sports.api.moments import MOMENT
from pitboss.plugins.sports.catalogue.tables import (
    CODE_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    SEASON_LENGTH_MAX,
)
from pitboss.plugins.sports.fixtures import book, changing, entering, views
from pitboss.plugins.sports.fixtures.new import PARTICIPANTS_MAX
from pitboss.plugins.sports.fixtures.states import BY_HAND, STATUSES

REASON_CHARACTERS_MAX = 500
NUMBER_MAX = 999

blueprint = Blueprint("sports_fixtures", __name__, url_prefix="", description="Fixtures")
ROUTES = Routes(blueprint=blueprint)


class ParticipantArguments(ma.Schema):
    """One who takes part: a team that is known, or a name."""

    team_id = ma.fields.UUID(load_default=None, allow_none=True)
    name = ma.fields.Str(load_default="", validate=Length(max=NAME_LENGTH_MAX))
    number = ma.fields.Int(load_default=None, allow_none=True, strict=True, validate=Range(0, NUMBER_MAX))

    @ma.validates_schema
    def _is_someone(self, data: dict[str, Any], **_options: Any) -> None:
        if data["team_id"] is None and not data["name"].strip():
            raise ma.ValidationError("Give a team_id or a name.", "name")


class NewFixtureArguments(ma.Schema):
    """A fixture: home first and away second, or the runners of a field."""

    sport = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))
    competition_id = ma.fields.UUID(required=True)
    starts_at = ma.fields.AwareDateTime(required=True, validate=MOMENT)
    participants = ma.fields.List(
        ma.fields.Nested(ParticipantArguments()), required=True, validate=Length(max=PARTICIPANTS_MAX)
    )
    name = ma.fields.Str(
        load_default="",
        validate=Length(max=NAME_LENGTH_MAX),
        metadata={"description": "Of a race; a match is named by its sides."},
    )
    season = ma.fields.Str(load_default="", validate=Length(max=SEASON_LENGTH_MAX))
    round = ma.fields.Str(load_default="", validate=Length(max=CODE_LENGTH_MAX))
    venue = ma.fields.Str(load_default="", validate=Length(max=NAME_LENGTH_MAX))
    source = ma.fields.Str(load_default="", validate=Length(max=CODE_LENGTH_MAX))
    external_id = ma.fields.Str(load_default="", validate=Length(max=EXTERNAL_ID_LENGTH_MAX))

    @ma.validates_schema
    def _fits(self, data: dict[str, Any], **_options: Any) -> None:
        if bool(data["source"]) != bool(data["external_id"]):
            raise ma.ValidationError("A source and its id belong together.", "external_id")


class FixtureParticipantSchema(ma.Schema):
    """One who takes part."""

    id = ma.fields.UUID(required=True)
    team_id = ma.fields.UUID(required=True, allow_none=True)
    name = ma.fields.Str(required=True)
    role = ma.fields.Str(required=True)
    number = ma.fields.Int(required=True, allow_none=True)
    status = ma.fields.Str(required=True)
    withdrawn_at = ma.fields.Str(required=True, allow_none=True)


class FixtureSchema(ma.Schema):
    """A fixture, as other plugins see it."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    competition = ma.fields.Str(required=True)
    competition_id = ma.fields.UUID(required=True)
    country = ma.fields.Str(required=True)
    season = ma.fields.Str(required=True)
    round = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    venue = ma.fields.Str(required=True)
    starts_at = ma.fields.Str(required=True, metadata={"format": "date-time"})
    first_starts_at = ma.fields.Str(required=True, metadata={"format": "date-time"})
    status = ma.fields.Str(required=True, validate=OneOf(STATUSES))
    is_live = ma.fields.Bool(required=True)
    participants = ma.fields.List(ma.fields.Nested(FixtureParticipantSchema()), required=True)
    result_version = ma.fields.Int(required=True)
    result_state = ma.fields.Str(required=True)
    official_version = ma.fields.Int(required=True)


class FixtureFilter(PageArguments):
    """Which fixtures."""

    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    competition_id = ma.fields.UUID()
    team_id = ma.fields.UUID()
    status = ma.fields.Str(validate=OneOf(STATUSES))
    starts_from = ma.fields.AwareDateTime(validate=MOMENT)
    starts_before = ma.fields.AwareDateTime(validate=MOMENT)
    text = ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX))


class FixtureArguments(ma.Schema):
    """What is to be changed; what is left out stays."""

    starts_at = ma.fields.AwareDateTime(validate=MOMENT)
    venue = ma.fields.Str(validate=Length(max=NAME_LENGTH_MAX))
    round = ma.fields.Str(validate=Length(max=CODE_LENGTH_MAX))
    season = ma.fields.Str(validate=Length(max=SEASON_LENGTH_MAX))
    name = ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX))
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class StatusArguments(ma.Schema):
    """Where a fixture moves."""

    status = ma.fields.Str(required=True, validate=OneOf(BY_HAND))
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class WithdrawArguments(ma.Schema):
    """Since when a runner is out, and why."""

    at = ma.fields.AwareDateTime(
        load_default=None, allow_none=True, validate=MOMENT, metadata={"description": "Null is now."}
    )
    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class RestoreArguments(ma.Schema):
    """Why a withdrawal is taken back."""

    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


class FixtureChangeSchema(ma.Schema):
    """One change of a fixture."""

    what = ma.fields.Str(required=True)
    before = ma.fields.Str(required=True)
    after = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    actor = ma.fields.Str(required=True)
    source = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


@blueprint.route("/fixtures")
class Fixtures(MethodView):
    @requires("sports.read")
    @blueprint.arguments(FixtureFilter(), location="query")
    @blueprint.response(200, page_schema(FixtureSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List fixtures by their start."""
        return listed(asked)

    @requires("sports.edit")
    @blueprint.arguments(NewFixtureArguments())
    @blueprint.response(201, FixtureSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Schedule a fixture; one that is known already is a conflict that names it."""
        return shown(entering.enter(current(), sent).id)


@blueprint.route("/fixtures/<uuid:fixture_id>")
class Fixture(MethodView):
    @requires("sports.read")
    @blueprint.response(200, FixtureSchema())
    def get(self, fixture_id: UUID) -> Any:
        """Show a fixture, with its ETag."""
        return shown(fixture_id)

    @requires("sports.edit")
    @blueprint.arguments(FixtureArguments())
    @blueprint.response(200, FixtureSchema())
    def patch(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Move the start or the venue, or rename it; If-Match must name it as it was read."""
        ctx = current()
        book.find(ctx, fixture_id, is_locked=True)
        check_match(_view(fixture_id))
        reason = sent.pop("reason")
        changing.change(ctx, fixture_id, sent, reason=reason)
        return shown(fixture_id)


@blueprint.route("/fixtures/<uuid:fixture_id>/status")
class FixtureStatus(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(StatusArguments())
    @blueprint.response(200, FixtureSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Move a fixture to another state: postponed, suspended, abandoned and their like."""
        changing.move(current(), fixture_id, sent["status"], reason=sent["reason"])
        return shown(fixture_id)


@blueprint.route("/fixtures/<uuid:fixture_id>/changes")
class FixtureChanges(MethodView):
    @requires("sports.read")
    @blueprint.response(200, FixtureChangeSchema(many=True))
    def get(self, fixture_id: UUID) -> Any:
        """List the last changes of a fixture, newest first."""
        return book.changes_of(current(), book.find(current(), fixture_id).id)


@blueprint.route("/fixtures/<uuid:fixture_id>/runners")
class Runners(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(ParticipantArguments())
    @blueprint.response(201, FixtureSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Add a runner to a field that has not begun."""
        ctx = current()
        name = sent["name"] or entering.name_of_team(ctx, sent["team_id"])
        changing.add_runner(ctx, fixture_id, name, number=sent["number"], team_id=sent["team_id"])
        return shown(fixture_id)


@blueprint.route("/fixtures/<uuid:fixture_id>/participants/<uuid:participant_id>/withdraw")
class Withdraw(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(WithdrawArguments())
    @blueprint.response(200, FixtureSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID, participant_id: UUID) -> Any:
        """Take a runner out of a field, from an instant on."""
        changing.withdraw(current(), fixture_id, participant_id, **sent)
        return shown(fixture_id)


@blueprint.route("/fixtures/<uuid:fixture_id>/participants/<uuid:participant_id>/restore")
class Restore(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(RestoreArguments())
    @blueprint.response(200, FixtureSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID, participant_id: UUID) -> Any:
        """Take back a withdrawal that was a mistake."""
        changing.restore(current(), fixture_id, participant_id, reason=sent["reason"])
        return shown(fixture_id)


def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures that a filter asks for."""
    limit, after = asked.pop("limit"), read_place(asked.pop("cursor", None))
    status, competition = asked.pop("status", None), asked.pop("competition_id", None)
    found = book.list_fixtures(
        current(),
        after=after,
        limit=limit + 1,
        statuses=(status,) if status else (),
        competition_ids=(competition,) if competition else (),
        **asked,
    )
    following = place_of(found[limit - 1]) if len(found) > limit else None
    return page(views.views(current(), found[:limit]), following)


def read_place(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return where a page of fixtures begins."""
    place = read_cursor(cursor)
    if place is None:
        return None
    if not isinstance(place, list) or len(place) != 2:
        raise InvalidInput("this cursor is not one of this list", {"cursor": ["Not valid."]})
    return datetime.fromisoformat(place[0]), UUID(place[1])


def place_of(row: Any) -> list[str]:
    """Return where the page after a fixture begins."""
    return [row.starts_at.isoformat(), str(row.id)]


def shown(fixture_id: UUID) -> dict[str, Any]:
    """Return a fixture with its ETag."""
    view = _view(fixture_id)
    send_etag(view)
    return view


def _view(fixture_id: UUID) -> dict[str, Any]:
    ctx = current()
    return views.views(ctx, [book.find(ctx, fixture_id)])[0]
