"""Matches over HTTP: today's, the live ones, one of them, and the leagues that play."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import Response
from flask.views import MethodView
from marshmallow.validate import Length, OneOf
from webargs.fields import DelimitedList

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, PageArguments, current, is_known, page, public
from pitboss.plugins.sports.api.fixtures import FixtureSchema, read_place
from pitboss.plugins.sports.api.live import LiveSchema
from pitboss.plugins.sports.api.results import ResultSchema
from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX
from pitboss.plugins.sports.matches import book
from pitboss.plugins.sports.matches.assessing import BANDS
from pitboss.plugins.sports.matches.filtering import RANGES, Wanted, span
from pitboss.plugins.sports.matches.keeping import kept

LEAGUES_MAX = 50
ZONE_LENGTH_MAX = 60
MOVING = frozenset({"age_seconds", "as_of", "delay_seconds"})
"""What changes each second without anything having happened: no part of a version."""

blueprint = Blueprint("sports_matches", __name__, url_prefix="/matches", description="Matches")
ROUTES = Routes(blueprint=blueprint)


class ZoneArguments(ma.Schema):
    """Whose clock the local times are by."""

    zone = ma.fields.Str(
        validate=Length(1, ZONE_LENGTH_MAX),
        metadata={"description": "A time zone; the player's preference or the brand's when left out."},
    )


class MatchFilter(PageArguments, ZoneArguments):
    """Which matches; filters combine."""

    leagues = DelimitedList(
        ma.fields.Str(validate=Length(1, NAME_LENGTH_MAX)),
        load_default=list,
        validate=Length(max=LEAGUES_MAX),
        metadata={"description": "Ids or names, with commas between."},
    )
    confidence = ma.fields.Str(
        validate=OneOf([name for name, _, _ in BANDS]),
        metadata={"description": "low below 60, medium below 80, high from 80 on."},
    )
    time_range = ma.fields.Str(load_default="24h", validate=OneOf(RANGES))
    value_bets = ma.fields.Bool(load_default=False)
    high_scoring = ma.fields.Bool(load_default=False)
    big_matches = ma.fields.Bool(load_default=False)


class ConfidenceSchema(ma.Schema):
    """How sure the market is: 0.7 of the likeliest chance and 0.3 of its distance to the least likely."""

    percent = ma.fields.Str(required=True)
    band = ma.fields.Str(required=True)


class ValueBetSchema(ma.Schema):
    """A price that pays more than is fair by the consensus of the market."""

    market = ma.fields.Str(required=True)
    line = ma.fields.Str(required=True)
    selection = ma.fields.Str(required=True)
    price = ma.fields.Str(required=True)
    bookmaker = ma.fields.Str(required=True)
    fair_chance = ma.fields.Str(required=True)
    edge_percent = ma.fields.Str(required=True)
    strength = ma.fields.Str(required=True)
    age_seconds = ma.fields.Int(required=True)


class MarketSchema(ma.Schema):
    """What bookmakers' prices say of a match."""

    basis = ma.fields.Str(required=True)
    fair = ma.fields.Dict(required=True)
    best = ma.fields.Dict(required=True)
    confidence = ma.fields.Nested(ConfidenceSchema(), required=True, allow_none=True)
    value_bets = ma.fields.List(ma.fields.Nested(ValueBetSchema()), required=True)
    goals_chance = ma.fields.Str(required=True, allow_none=True)
    age_seconds = ma.fields.Int(required=True, allow_none=True)


class MatchSchema(FixtureSchema):
    """A match, as players look for it."""

    starts_at_local = ma.fields.Str(required=True, metadata={"format": "date-time"})
    live = ma.fields.Nested(LiveSchema(), required=True, allow_none=True)
    score = ma.fields.Dict(required=True, allow_none=True)
    market = ma.fields.Nested(MarketSchema(), required=True, allow_none=True)


class WholeMatchSchema(MatchSchema):
    """All that is known of a match."""

    prices = ma.fields.List(ma.fields.Dict(), required=True)
    results = ma.fields.List(ma.fields.Nested(ResultSchema()), required=True)


class MatchesSchema(ma.Schema):
    """Matches, and what the answer rests on."""

    as_of = ma.fields.AwareDateTime(required=True)
    time_zone = ma.fields.Str(required=True)
    basis = ma.fields.Str(required=True)
    note = ma.fields.Str(required=True)
    items = ma.fields.List(ma.fields.Nested(MatchSchema()), required=True)
    next_cursor = ma.fields.Str(required=True, allow_none=True)


class ActiveLeagueSchema(ma.Schema):
    """A league with a match within a day."""

    id = ma.fields.UUID(required=True)
    sport = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True)
    season = ma.fields.Str(required=True)
    rank = ma.fields.Int(required=True)
    matches = ma.fields.Int(required=True)
    first_starts_at = ma.fields.AwareDateTime(required=True)


@blueprint.route("/today")
class Today(MethodView):
    @public
    @blueprint.arguments(MatchFilter(), location="query")
    @blueprint.response(200, MatchesSchema())
    def get(self, asked: dict[str, Any]) -> Any:
        """List the matches that begin soon, by start; every filter works and they combine."""
        ctx = current()
        zone = book.zone_of(ctx, asked.get("zone"))
        said = (str(zone), *((name, str(value)) for name, value in sorted(asked.items())))
        return _answered(kept(ctx, ("today", said), lambda: self._find(ctx, asked, zone)), zone)

    def _find(self, ctx: Context, asked: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
        settings = ctx.settings("sports")["matches"]
        begin, end = span(asked["time_range"], ctx.clock.now(), zone)
        found = book.upcoming(
            ctx,
            Wanted(
                confidence=asked.get("confidence"),
                value_bets=asked["value_bets"],
                high_scoring=asked["high_scoring"],
                goals_chance_min=Fraction(settings["high_scoring_chance_min"]),
            ),
            starts_from=begin,
            starts_before=end,
            competition_ids=book.leagues(ctx, asked["leagues"], is_big=asked["big_matches"]),
            after=read_place(asked.get("cursor")),
            limit=asked["limit"],
            zone=zone,
        )
        following = found.following and [found.following[0].isoformat(), str(found.following[1])]
        return page(found.matches, following)


@blueprint.route("/live")
class LiveMatches(MethodView):
    @public
    @blueprint.arguments(ZoneArguments(), location="query")
    @blueprint.response(200, MatchesSchema())
    def get(self, asked: dict[str, Any]) -> Any:
        """List the matches that are being played, with score, minute and freshness."""
        ctx = current()
        zone = book.zone_of(ctx, asked.get("zone"))
        found = kept(ctx, ("live", str(zone)), lambda: page(book.live(ctx, zone), None))
        return _answered(found, zone)


@blueprint.route("/leagues/active")
class ActiveLeagues(MethodView):
    @public
    @blueprint.response(200, ActiveLeagueSchema(many=True))
    def get(self) -> Any:
        """List the leagues with a match within 24 hours, the greatest first."""
        ctx = current()
        found = kept(ctx, "leagues", lambda: book.active_leagues(ctx))
        return Response(status=304) if is_known(found) else found


@blueprint.route("/<uuid:fixture_id>")
class Match(MethodView):
    @public
    @blueprint.arguments(ZoneArguments(), location="query")
    @blueprint.response(200, WholeMatchSchema())
    def get(self, asked: dict[str, Any], fixture_id: UUID) -> Any:
        """Show all that is known of a match: standing, result with its versions, prices."""
        ctx = current()
        found = book.one(ctx, fixture_id, book.zone_of(ctx, asked.get("zone")))
        return Response(status=304) if is_known(settled(found)) else found


def settled(value: Any) -> Any:
    """Return a value without what moves by itself."""
    if isinstance(value, dict):
        return {name: settled(part) for name, part in value.items() if name not in MOVING}
    return [settled(part) for part in value] if isinstance(value, list) else value


def _answered(found: dict[str, Any], zone: Any) -> Any:
    if is_known(settled(found)):
        return Response(status=304)
    about = {"as_of": current().clock.now(), "time_zone": str(zone)}
    return {**about, "basis": book.BASIS, "note": book.BASIS_NOTE, **found}
