"""Sports and competitions over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range, Regexp

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
from pitboss.plugins.sports.catalogue import competitions, sports
from pitboss.plugins.sports.catalogue.documents import CODE, SportDocument
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX, SEASON_LENGTH_MAX

RANK_MAX = 10_000

blueprint = Blueprint("sports_catalogue", __name__, url_prefix="", description="Sports and competitions")
ROUTES = Routes(blueprint=blueprint)


class NewSportArguments(SportDocument):
    """A sport that does not ship."""

    code = ma.fields.Str(required=True, validate=CODE)


class SportSchema(SportDocument):
    """A sport of the tenant."""

    code = ma.fields.Str(required=True)
    revision = ma.fields.Int(required=True, metadata={"description": "0 when it is as it ships."})


class CompetitionArguments(ma.Schema):
    """A competition as operators edit it."""

    name = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    country = ma.fields.Str(load_default="", validate=Regexp(r"(?:[A-Z]{2})?\Z"))
    season = ma.fields.Str(load_default="", validate=Length(max=SEASON_LENGTH_MAX))
    rank = ma.fields.Int(load_default=100, strict=True, validate=Range(1, RANK_MAX))
    is_active = ma.fields.Bool(load_default=True)


class NewCompetitionArguments(CompetitionArguments):
    """A new competition, and what is played in it."""

    sport = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))


class CompetitionSchema(CompetitionArguments):
    """A competition."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    revision = ma.fields.Int(required=True)


class CompetitionFilter(PageArguments):
    """Which competitions."""

    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    country = ma.fields.Str(validate=Regexp(r"[A-Z]{2}\Z"))
    is_active = ma.fields.Bool()


@blueprint.route("/sports")
class Sports(MethodView):
    @requires("sports.read")
    @blueprint.response(200, SportSchema(many=True))
    def get(self) -> Any:
        """List the sports, those that ship and the tenant's own."""
        return list(sports.every(current()).values())

    @requires("sports.edit")
    @blueprint.arguments(NewSportArguments())
    @blueprint.response(201, SportSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Add a sport."""
        return _sent(sports.create(current(), sent.pop("code"), sent))


@blueprint.route("/sports/<code>")
class Sport(MethodView):
    @requires("sports.read")
    @blueprint.response(200, SportSchema())
    def get(self, code: str) -> Any:
        """Show a sport, with its ETag."""
        return _sent(sports.find(current(), code))

    @requires("sports.edit")
    @blueprint.arguments(SportDocument())
    @blueprint.response(200, SportSchema())
    def put(self, sent: dict[str, Any], code: str) -> Any:
        """Write a sport anew for this tenant; If-Match must name it as it was read."""
        check_match(sports.find(current(), code))
        return _sent(sports.save(current(), code, sent))


@blueprint.route("/competitions")
class Competitions(MethodView):
    @requires("sports.read")
    @blueprint.arguments(CompetitionFilter(), location="query")
    @blueprint.response(200, page_schema(CompetitionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List competitions."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = competitions.list_competitions(current(), after=after, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    @requires("sports.edit")
    @blueprint.arguments(NewCompetitionArguments())
    @blueprint.response(201, CompetitionSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Add a competition."""
        return _shown(competitions.create(current(), sent.pop("sport"), sent))


@blueprint.route("/competitions/<uuid:competition_id>")
class Competition(MethodView):
    @requires("sports.read")
    @blueprint.response(200, CompetitionSchema())
    def get(self, competition_id: UUID) -> Any:
        """Show a competition, with its ETag."""
        return _shown(competitions.find(current(), competition_id))

    @requires("sports.edit")
    @blueprint.arguments(CompetitionArguments())
    @blueprint.response(200, CompetitionSchema())
    def put(self, sent: dict[str, Any], competition_id: UUID) -> Any:
        """Write a competition anew; If-Match must name it as it was read."""
        before = competitions.find(current(), competition_id, is_locked=True)
        check_match(dict(before._mapping))
        return _shown(competitions.save(current(), before, sent))


def _sent(sport: dict[str, Any]) -> dict[str, Any]:
    send_etag(sport)
    return sport


def _shown(row: Any) -> Any:
    send_etag(dict(row._mapping))
    return row
