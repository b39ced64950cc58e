"""Teams and athletes over HTTP: names, ids of sources, merging, squads and appearances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import URL, Length, OneOf, Range, Regexp

from pitboss.core.context import Context
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
from pitboss.plugins.sports.catalogue import aliases, athletes, merging, teams
from pitboss.plugins.sports.catalogue.documents import STATISTICS_MAX
from pitboss.plugins.sports.catalogue.tables import (
    CODE_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    URL_LENGTH_MAX,
)

REASON_CHARACTERS_MAX = 500
APPEARANCES_MAX = 200
MINUTES_MAX = 1_000
NUMBER_MAX = 999

blueprint = Blueprint("sports_teams", __name__, url_prefix="", description="Teams and athletes")
ROUTES = Routes(blueprint=blueprint)

_country = Regexp(r"(?:[A-Z]{2})?\Z")


class TeamArguments(ma.Schema):
    """A team as operators edit it."""

    name = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    short_name = ma.fields.Str(load_default="", validate=Length(max=40))
    country = ma.fields.Str(load_default="", validate=_country)
    crest_url = ma.fields.Str(load_default="", validate=Length(max=URL_LENGTH_MAX))
    kind = ma.fields.Str(load_default="team", validate=OneOf(["team", "individual"]))

    @ma.validates("crest_url")
    def _is_https(self, value: str, **_options: Any) -> None:
        if value:
            URL(schemes={"https"})(value)


class NewTeamArguments(TeamArguments):
    """A new team, and what it plays."""

    sport = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))


class TeamSchema(TeamArguments):
    """A team with all that it goes by."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    merged_into = ma.fields.UUID(required=True, allow_none=True)
    aliases = ma.fields.List(ma.fields.Str(), required=True)
    external_ids = ma.fields.Dict(
        keys=ma.fields.Str(), values=ma.fields.Str(), required=True, metadata={"description": "By source."}
    )
    revision = ma.fields.Int(required=True)


class TeamFilter(PageArguments):
    """Which teams."""

    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    text = ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX), metadata={"description": "How a name begins."})


class AliasArguments(ma.Schema):
    """Another name."""

    name = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))


class ExternalIdArguments(ma.Schema):
    """What a source calls it."""

    source = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))
    external_id = ma.fields.Str(required=True, validate=Length(1, EXTERNAL_ID_LENGTH_MAX))


class MergeArguments(ma.Schema):
    """The team that stays, and why they are one."""

    into = ma.fields.UUID(required=True)
    reason = ma.fields.Str(required=True, validate=Length(3, REASON_CHARACTERS_MAX))


class AthleteArguments(ma.Schema):
    """An athlete as operators edit it."""

    name = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    country = ma.fields.Str(load_default="", validate=_country)
    position = ma.fields.Str(load_default="", validate=Length(max=40))
    born_on = ma.fields.Date(load_default=None, allow_none=True)


class NewAthleteArguments(AthleteArguments):
    """A new athlete, and what they play."""

    sport = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))


class AthleteSchema(AthleteArguments):
    """An athlete."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    revision = ma.fields.Int(required=True)


class SquadArguments(ma.Schema):
    """Who joins, and from when to when."""

    athlete_id = ma.fields.UUID(required=True)
    number = ma.fields.Int(load_default=None, allow_none=True, strict=True, validate=Range(0, NUMBER_MAX))
    from_on = ma.fields.Date(required=True)
    until_on = ma.fields.Date(load_default=None, allow_none=True)


class SquadFilter(ma.Schema):
    """On which day."""

    on = ma.fields.Date(metadata={"description": "Today, in the tenant's zone, when left out."})


class LeaveArguments(ma.Schema):
    """The last day."""

    until_on = ma.fields.Date(required=True)


class SquadMemberSchema(ma.Schema):
    """An athlete in a team."""

    athlete_id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    position = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True)
    number = ma.fields.Int(required=True, allow_none=True)
    from_on = ma.fields.Date(required=True)
    until_on = ma.fields.Date(required=True, allow_none=True)


class AppearanceArguments(ma.Schema):
    """What an athlete did in a fixture."""

    athlete_id = ma.fields.UUID(required=True)
    team_id = ma.fields.UUID(load_default=None, allow_none=True)
    is_starting = ma.fields.Bool(load_default=False)
    minutes = ma.fields.Int(load_default=None, allow_none=True, strict=True, validate=Range(0, MINUTES_MAX))
    statistics = ma.fields.Dict(
        keys=ma.fields.Str(validate=Length(1, 20)),
        values=ma.fields.Int(strict=True),
        load_default=dict,
        validate=Length(max=STATISTICS_MAX),
    )


class AppearancesArguments(ma.Schema):
    """Everyone who appeared: the whole list."""

    appearances = ma.fields.List(
        ma.fields.Nested(AppearanceArguments()), required=True, validate=Length(max=APPEARANCES_MAX)
    )


class AppearanceSchema(AppearanceArguments):
    """What an athlete did in a fixture, with the name."""

    name = ma.fields.Str(required=True)


@blueprint.route("/teams")
class Teams(MethodView):
    @requires("sports.read")
    @blueprint.arguments(TeamFilter(), location="query")
    @blueprint.response(200, page_schema(TeamSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List teams."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = teams.list_teams(current(), after=after, limit=limit + 1, **asked)
        return page(_views(current(), found[:limit]), found[limit - 1].id if len(found) > limit else None)

    @requires("sports.edit")
    @blueprint.arguments(NewTeamArguments())
    @blueprint.response(201, TeamSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Add a team."""
        return _shown(teams.create(current(), sent.pop("sport"), sent))


@blueprint.route("/teams/<uuid:team_id>")
class Team(MethodView):
    @requires("sports.read")
    @blueprint.response(200, TeamSchema())
    def get(self, team_id: UUID) -> Any:
        """Show a team, with its ETag."""
        return _shown(teams.find(current(), team_id))

    @requires("sports.edit")
    @blueprint.arguments(TeamArguments())
    @blueprint.response(200, TeamSchema())
    def put(self, sent: dict[str, Any], team_id: UUID) -> Any:
        """Write a team anew; If-Match must name it as it was read."""
        before = teams.find(current(), team_id, is_locked=True)
        check_match(_views(current(), [before])[0])
        return _shown(teams.save(current(), before, sent))


@blueprint.route("/teams/<uuid:team_id>/aliases")
class Aliases(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(AliasArguments())
    @blueprint.response(200, TeamSchema())
    def post(self, sent: dict[str, Any], team_id: UUID) -> Any:
        """Let another name find a team."""
        teams.add_alias(current(), teams.find(current(), team_id, is_locked=True), sent["name"])
        return _shown(teams.find(current(), team_id))

    @requires("sports.edit")
    @blueprint.arguments(AliasArguments(), location="query")
    @blueprint.response(200, TeamSchema())
    def delete(self, asked: dict[str, Any], team_id: UUID) -> Any:
        """Let a name no longer find a team."""
        teams.remove_alias(current(), teams.find(current(), team_id, is_locked=True), asked["name"])
        return _shown(teams.find(current(), team_id))


@blueprint.route("/teams/<uuid:team_id>/external-ids")
class ExternalIds(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(ExternalIdArguments())
    @blueprint.response(200, TeamSchema())
    def put(self, sent: dict[str, Any], team_id: UUID) -> Any:
        """Note what a source calls a team."""
        teams.name_for_source(current(), teams.find(current(), team_id, is_locked=True), **sent)
        return _shown(teams.find(current(), team_id))


@blueprint.route("/teams/<uuid:team_id>/merge")
class Merge(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(MergeArguments())
    @blueprint.response(200, TeamSchema())
    def post(self, sent: dict[str, Any], team_id: UUID) -> Any:
        """Merge a team into another, which is answered."""
        return _shown(merging.merge(current(), team_id, sent["into"], reason=sent["reason"]))


@blueprint.route("/teams/<uuid:team_id>/squad")
class Squad(MethodView):
    @requires("sports.read")
    @blueprint.arguments(SquadFilter(), location="query")
    @blueprint.response(200, SquadMemberSchema(many=True))
    def get(self, asked: dict[str, Any], team_id: UUID) -> Any:
        """List who is in a team on a day."""
        ctx = current()
        on = asked.get("on") or ctx.clock.now().astimezone(ctx.tenant.zone).date()
        return athletes.squad(ctx, teams.find(ctx, team_id).id, on)

    @requires("sports.edit")
    @blueprint.arguments(SquadArguments())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any], team_id: UUID) -> None:
        """Put an athlete into a team."""
        athletes.join(current(), team_id, sent.pop("athlete_id"), **sent)


@blueprint.route("/teams/<uuid:team_id>/squad/<uuid:athlete_id>/leave")
class LeaveSquad(MethodView):
    @requires("sports.edit")
    @blueprint.arguments(LeaveArguments())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any], team_id: UUID, athlete_id: UUID) -> None:
        """End an athlete's time in a team."""
        athletes.leave(current(), team_id, athlete_id, until_on=sent["until_on"])


@blueprint.route("/athletes")
class Athletes(MethodView):
    @requires("sports.read")
    @blueprint.arguments(TeamFilter(), location="query")
    @blueprint.response(200, page_schema(AthleteSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List athletes."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = athletes.list_athletes(current(), after=after, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    @requires("sports.edit")
    @blueprint.arguments(NewAthleteArguments())
    @blueprint.response(201, AthleteSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Add an athlete."""
        return _athlete(athletes.create(current(), sent.pop("sport"), sent))


@blueprint.route("/athletes/<uuid:athlete_id>")
class Athlete(MethodView):
    @requires("sports.read")
    @blueprint.response(200, AthleteSchema())
    def get(self, athlete_id: UUID) -> Any:
        """Show an athlete, with the ETag."""
        return _athlete(athletes.find(current(), athlete_id))

    @requires("sports.edit")
    @blueprint.arguments(AthleteArguments())
    @blueprint.response(200, AthleteSchema())
    def put(self, sent: dict[str, Any], athlete_id: UUID) -> Any:
        """Write an athlete anew; If-Match must name them as they were read."""
        before = athletes.find(current(), athlete_id, is_locked=True)
        check_match(dict(before._mapping))
        return _athlete(athletes.save(current(), before, sent))


@blueprint.route("/fixtures/<uuid:fixture_id>/appearances")
class Appearances(MethodView):
    @requires("sports.read")
    @blueprint.response(200, AppearanceSchema(many=True))
    def get(self, fixture_id: UUID) -> Any:
        """List who appeared in a fixture."""
        return athletes.appearances(current(), str(fixture_id))

    @requires("sports.results")
    @blueprint.arguments(AppearancesArguments())
    @blueprint.response(200, AppearanceSchema(many=True))
    def put(self, sent: dict[str, Any], fixture_id: UUID) -> Any:
        """Write down who appeared: the whole list anew."""
        athletes.record_appearances(current(), fixture_id, sent["appearances"])
        return athletes.appearances(current(), str(fixture_id))


def _views(ctx: Context, rows: Any) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    names, externals = aliases.names_of(ctx, ids), aliases.externals_of(ctx, ids)
    return [{**row._mapping, "aliases": names[row.id], "external_ids": externals[row.id]} for row in rows]


def _shown(row: Any) -> Any:
    view = _views(current(), [row])[0]
    send_etag(view)
    return view


def _athlete(row: Any) -> Any:
    send_etag(dict(row._mapping))
    return row
