"""Matches as players look for them: found, assessed and put together in a few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.identity.preferences import preferences_of
from pitboss.plugins.sports.catalogue import sports
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.catalogue.tables import AliasRow, CompetitionRow
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures import views
from pitboss.plugins.sports.fixtures.states import LIVE
from pitboss.plugins.sports.fixtures.tables import FixtureRow
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live import views as live_views
from pitboss.plugins.sports.matches.assessing import Assessment, assess, text
from pitboss.plugins.sports.matches.filtering import Wanted, fits
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.results import scores
from pitboss.plugins.sports.sources.prices.reading import prices_of

SCANNED_MAX = 2_000
"""Fixtures that one question looks at; a cursor goes on from there."""
PIECE = 200
LIVE_MAX = 500
ACTIVE_HOURS = 24
BASIS = "market_consensus"
BASIS_NOTE = (
    "Chances are what bookmakers' prices say without their margin, not a forecast of a model; "
    "a match without prices has none, and does not fit a filter that needs them."
)

_FIXTURE, _COMPETITION, _ALIAS = FixtureRow.__table__, CompetitionRow.__table__, AliasRow.__table__
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Page:
    """Matches, and where the next ones begin."""

    matches: list[dict[str, Any]]
    following: Place | None


def upcoming(
    ctx: Context,
    wanted: Wanted,
    *,
    starts_from: datetime,
    starts_before: datetime,
    competition_ids: Sequence[UUID] | None,
    after: Place | None,
    limit: int,
    zone: ZoneInfo,
) -> Page:
    """Return the matches that begin in a span and fit, by their start."""
    found: list[dict[str, Any]] = []
    if competition_ids is not None and not competition_ids:
        return Page(found, None)
    for _ in range(0, SCANNED_MAX, PIECE):
        rows = fixtures.list_fixtures(
            ctx,
            after=after,
            limit=PIECE,
            starts_from=starts_from,
            starts_before=starts_before,
            statuses=("scheduled",),
            competition_ids=competition_ids or (),
        )
        assessed = _assessed(ctx, [row.id for row in rows])
        fitting = [row for row in rows if fits(assessed[row.id], wanted)]
        room = limit - len(found)
        found += matches(ctx, fitting[:room], assessed, zone)
        if len(fitting) > room or (len(found) == limit and len(rows) == PIECE):
            last = fitting[room - 1]
            return Page(found, (last.starts_at, last.id))
        if len(rows) < PIECE:
            return Page(found, None)
        after = rows[-1].starts_at, rows[-1].id
    return Page(found, after)


def live(ctx: Context, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the matches that are being played, by their start."""
    rows = fixtures.list_fixtures(ctx, statuses=LIVE, limit=LIVE_MAX)
    return matches(ctx, rows, _assessed(ctx, [row.id for row in rows]), zone)


def one(ctx: Context, fixture_id: UUID, zone: ZoneInfo) -> dict[str, Any]:
    """Return all that is known of a match."""
    row = fixtures.find(ctx, fixture_id)
    prices = prices_of(ctx, [fixture_id])[fixture_id]
    assessed = {fixture_id: assess(prices, _ratio_min(ctx))}
    history = [results.view(version) for version in results.versions(ctx, fixture_id)]
    return {**matches(ctx, [row], assessed, zone)[0], "prices": prices["markets"], "results": history}


def active_leagues(ctx: Context) -> list[dict[str, Any]]:
    """Return the competitions with a match in the next day or being played, the greatest first."""
    now = ctx.clock.now()
    soon = (_FIXTURE.c.status == "scheduled") & (_FIXTURE.c.starts_at >= now)
    soon &= _FIXTURE.c.starts_at < now + timedelta(hours=ACTIVE_HOURS)
    joined = (_COMPETITION.c.tenant_id == _FIXTURE.c.tenant_id) & (
        _COMPETITION.c.id == _FIXTURE.c.competition_id
    )
    query = (
        select(
            *(_COMPETITION.c[name] for name in ("id", "sport", "name", "country", "season", "rank")),
            func.count().label("matches"),
            func.min(_FIXTURE.c.starts_at).label("first_starts_at"),
        )
        .select_from(_FIXTURE.join(_COMPETITION, joined))
        .where(_FIXTURE.c.tenant_id == ctx.tenant.id, _COMPETITION.c.is_active.is_(True))
        .where(soon | _FIXTURE.c.status.in_(LIVE))
        .group_by(_COMPETITION.c.tenant_id, _COMPETITION.c.id)
        .order_by(_COMPETITION.c.rank, _COMPETITION.c.name)
    )
    return [dict(row._mapping) for row in ctx.connection.execute(query)]


def leagues(ctx: Context, named: Sequence[str], *, is_big: bool) -> list[UUID] | None:
    """Return the competitions that a filter means: by id or by any name; None where it says nothing."""
    if not named and not is_big:
        return None
    query = select(_COMPETITION.c.id).where(_COMPETITION.c.tenant_id == ctx.tenant.id)
    query = query.where(_COMPETITION.c.is_active.is_(True))
    if is_big:
        query = query.where(_COMPETITION.c.rank <= ctx.settings("sports")["matches"]["big_rank_max"])
    if named:
        query = query.where(_COMPETITION.c.id.in_(_meant(ctx, named)))
    return list(ctx.connection.scalars(query.order_by(_COMPETITION.c.id)))


def zone_of(ctx: Context, asked: str | None) -> ZoneInfo:
    """Return the viewer's time zone: as asked for, as the player prefers, else the tenant's."""
    if asked is None and ctx.actor.kind == "player":
        asked = preferences_of(ctx, ctx.actor.player_id)["time_zone"]
    if asked is None:
        return ctx.tenant.zone
    try:
        return ZoneInfo(asked)
    except (KeyError, ValueError, OSError) as error:  # as ZoneInfo raises them
        raise InvalidInput(
            f"no time zone {asked!r}: give a name such as 'Europe/London'", {"zone": ["No such time zone."]}
        ) from error


def matches(
    ctx: Context, rows: Sequence[Row[Any]], assessed: dict[UUID, Assessment], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Return rows of fixtures with how they stand, how they ended and what the market says."""
    standing = lives.of_fixtures(ctx, [row.id for row in rows])
    ended = results.of_fixtures(ctx, rows)
    found = []
    for row, view in zip(rows, views.views(ctx, rows), strict=True):
        stands, result = standing.get(row.id), ended.get(row.id)
        found.append(
            {
                **view,
                "starts_at_local": row.starts_at.astimezone(zone).isoformat(),
                "live": live_views.view(ctx, stands) if stands is not None and row.status in LIVE else None,
                "score": _score(ctx, row, result),
                "market": _market(assessed[row.id]),
            }
        )
    return found


# -- pieces ----------------------------------------------------------------------------------------


def _assessed(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Assessment]:
    ratio_min = _ratio_min(ctx)
    return {one_id: assess(prices, ratio_min) for one_id, prices in prices_of(ctx, ids).items()}


def _ratio_min(ctx: Context) -> Fraction:
    return Fraction(ctx.settings("sports")["matches"]["value_ratio_min"])


def _score(ctx: Context, row: Row[Any], result: Row[Any] | None) -> dict[str, Any] | None:
    if result is None:
        return None
    summary = scores.summary(result.outcome, sports.find(ctx, row.sport))
    return {**summary, "version": result.version, "state": result.state}


def _market(found: Assessment) -> dict[str, Any] | None:
    if found.confidence_percent is None and not found.value and found.goals_chance is None:
        return None
    confidence = found.confidence_percent
    return {
        "basis": BASIS,
        "fair": found.fair,
        "best": found.best,
        "confidence": None if confidence is None else {"percent": text(confidence), "band": found.band},
        "value_bets": list(found.value),
        "goals_chance": None if found.goals_chance is None else text(found.goals_chance, 4),
        "age_seconds": found.age_seconds,
    }


def _meant(ctx: Context, named: Sequence[str]) -> list[UUID]:
    ids = [views.id_of(name) for name in named]
    keys = [key_of(name) for name, one_id in zip(named, ids, strict=True) if one_id is None]
    query = select(_ALIAS.c.subject_id).where(
        _ALIAS.c.tenant_id == ctx.tenant.id, _ALIAS.c.kind == "competition", _ALIAS.c.key.in_(keys)
    )
    return [one_id for one_id in ids if one_id is not None] + list(ctx.connection.scalars(query))
