"""Pages of the catalogue: competitions, and teams with their names and merging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response

from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.plugins.sports.admin.pages import (
    PAGE_ROWS,
    blueprint,
    chosen,
    done,
    failed,
    id_of,
    page,
    text_of,
    whole_of,
)
from pitboss.plugins.sports.api.sports import CompetitionArguments
from pitboss.plugins.sports.api.teams import TeamArguments
from pitboss.plugins.sports.catalogue import aliases, merging, sports
from pitboss.plugins.sports.catalogue import competitions as leagues
from pitboss.plugins.sports.catalogue import teams as clubs
from pitboss.plugins.sports.fixtures import book

FIXTURES_SHOWN = 10


@blueprint.get("/competitions")
@requires("sports.read")
def competitions() -> Response:
    """List competitions."""
    ctx, sport = current(), request.args.get("sport", "")
    found = leagues.list_competitions(
        ctx, after=id_of(request.args.get("cursor", "")), limit=PAGE_ROWS + 1, sport=sport or None
    )
    following = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    every = sports.every(ctx)
    return page("competitions", rows=found[:PAGE_ROWS], next_cursor=following, sport=sport, sports=every)


@blueprint.post("/competitions")
@requires("sports.edit")
def save_competition() -> Response:
    """Add a competition, or write one anew."""
    ctx = current()
    try:
        values = _loaded(CompetitionArguments(), ("name", "country", "season"))
        values["rank"] = whole_of("rank", 100)
        values["is_active"] = "is_active" in request.form
        if text_of("id"):
            leagues.save(ctx, leagues.find(ctx, chosen("id"), is_locked=True), values)
        else:
            leagues.create(ctx, text_of("sport"), values)
    except PitbossError as error:
        return failed(str(error), "competitions")
    return done(_("%(name)s is saved.", name=values["name"]), "competitions")


@blueprint.get("/teams")
@requires("sports.read")
def teams() -> Response:
    """Find teams by how a name of theirs begins."""
    ctx, text, sport = current(), request.args.get("q", "").strip(), request.args.get("sport", "")
    found = clubs.list_teams(
        ctx, after=id_of(request.args.get("cursor", "")), limit=PAGE_ROWS + 1, sport=sport or None, text=text
    )
    following = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    rows = found[:PAGE_ROWS]
    return page(
        "teams",
        rows=rows,
        names=aliases.names_of(ctx, [row.id for row in rows]),
        next_cursor=following,
        text=text,
        sport=sport,
        sports=sports.every(ctx),
    )


@blueprint.get("/teams/<uuid:team_id>")
@requires("sports.read")
def team(team_id: UUID) -> Response:
    """Show one team: its names, its ids at sources, its fixtures, and whom it may be merged into."""
    ctx = current()
    row = clubs.find(ctx, team_id)
    text = request.args.get("other", "").strip()
    others = clubs.list_teams(ctx, sport=row.sport, text=text, limit=PAGE_ROWS) if text else []
    return page(
        "team",
        team=row,
        names=aliases.names_of(ctx, [team_id])[team_id],
        externals=aliases.externals_of(ctx, [team_id])[team_id],
        fixtures=book.list_fixtures(ctx, team_id=team_id, limit=FIXTURES_SHOWN),
        others=[other for other in others if other.id != team_id],
        text=text,
    )


@blueprint.post("/teams/<uuid:team_id>")
@requires("sports.edit")
def save_team(team_id: UUID) -> Response:
    """Write a team anew."""
    ctx = current()
    try:
        values = _loaded(TeamArguments(), ("name", "short_name", "country", "crest_url", "kind"))
        clubs.save(ctx, clubs.find(ctx, team_id, is_locked=True), values)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "team", team_id=team_id)
    return done(_("%(name)s is saved.", name=values["name"]), "team", team_id=team_id)


@blueprint.post("/teams/<uuid:team_id>/names")
@requires("sports.edit")
def name_team(team_id: UUID) -> Response:
    """Add a name, or take one away."""
    ctx, name = current(), text_of("name")
    try:
        row = clubs.find(ctx, team_id, is_locked=True)
        change = clubs.remove_alias if text_of("do") == "remove" else clubs.add_alias
        change(ctx, row, name)
    except PitbossError as error:
        return failed(str(error), "team", team_id=team_id)
    return done(_("The names are saved."), "team", team_id=team_id)


@blueprint.post("/teams/<uuid:team_id>/merge")
@requires("sports.edit")
def merge_team(team_id: UUID) -> Response:
    """Merge a team into another, for good."""
    try:
        kept = merging.merge(current(), team_id, chosen("into"), reason=text_of("reason"))
    except PitbossError as error:
        return failed(str(error), "team", team_id=team_id)
    return done(_("Merged: it is %(name)s from now on.", name=kept.name), "team", team_id=kept.id)


def _loaded(schema: Schema, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what a form says of some fields, held to the schema of the API."""
    try:
        values: dict[str, Any] = schema.load({name: text_of(name) for name in names if text_of(name)})
    except ValidationError as error:
        raise InvalidInput.of(_("not saved"), error) from error
    return values
