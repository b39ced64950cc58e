"""Athletes: who plays for which team, from when to when, and what they did in each fixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.sports.catalogue import aliases, sports, teams
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.catalogue.tables import AliasRow, AppearanceRow, AthleteRow, SquadRow
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures.views import id_of

EDITED = ("name", "country", "position", "born_on")
_ATHLETE, _SQUAD = AthleteRow.__table__, SquadRow.__table__
_APPEARANCE, _ALIAS = AppearanceRow.__table__, AliasRow.__table__


def find(ctx: Context, athlete_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return one athlete."""
    query = select(_ATHLETE).where(_ATHLETE.c.tenant_id == ctx.tenant.id, _ATHLETE.c.id == athlete_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no athlete {athlete_id}")
    return row


def list_athletes(
    ctx: Context, *, after: UUID | None = None, limit: int = 50, sport: str | None = None, text: str = ""
) -> list[Row[Any]]:
    """Return athletes; with a text, those whose name begins like it."""
    query = select(_ATHLETE).where(_ATHLETE.c.tenant_id == ctx.tenant.id)
    if sport is not None:
        query = query.where(_ATHLETE.c.sport == sport)
    if text:
        named = select(_ALIAS.c.subject_id).where(
            _ALIAS.c.tenant_id == ctx.tenant.id,
            _ALIAS.c.kind == "athlete",
            _ALIAS.c.key.startswith(key_of(text), autoescape=True),
        )
        query = query.where(_ATHLETE.c.id.in_(named))
    if after is not None:
        query = query.where(_ATHLETE.c.id > after)
    return list(ctx.connection.execute(query.order_by(_ATHLETE.c.id).limit(limit)))


def create(ctx: Context, sport: str, values: Mapping[str, Any]) -> Row[Any]:
    """Add an athlete; the name finds them from now on."""
    sports.find(ctx, sport)
    row = {"country": "", **values, "tenant_id": ctx.tenant.id, "id": uuid7(), "sport": sport}
    aliases.add(ctx, "athlete", sport, row["id"], row["name"], country=row["country"])
    ctx.connection.execute(insert(_ATHLETE), row)
    audit.record(ctx, "sports.athlete_created", f"athlete:{row['id']}", new=_plain(values))
    return find(ctx, row["id"])


def save(ctx: Context, before: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    """Write an athlete anew; the caller holds the row."""
    if (values["name"], values["country"]) != (before.name, before.country):
        aliases.add(ctx, "athlete", before.sport, before.id, values["name"], country=values["country"])
    changed = update(_ATHLETE).where(_ATHLETE.c.tenant_id == ctx.tenant.id, _ATHLETE.c.id == before.id)
    ctx.connection.execute(changed.values(**values, revision=before.revision + 1))
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.athlete_changed", f"athlete:{before.id}", old=_plain(old), new=_plain(values))
    return find(ctx, before.id)


# -- squads ----------------------------------------------------------------------------------------


def squad(ctx: Context, team_id: UUID, on: date) -> list[Row[Any]]:
    """Return who is in a team on a day, by number."""
    query = (
        select(_SQUAD, _ATHLETE.c.name, _ATHLETE.c.position, _ATHLETE.c.country)
        .join(_ATHLETE, (_ATHLETE.c.tenant_id == _SQUAD.c.tenant_id) & (_ATHLETE.c.id == _SQUAD.c.athlete_id))
        .where(_SQUAD.c.tenant_id == ctx.tenant.id, _SQUAD.c.team_id == team_id, _SQUAD.c.from_on <= on)
        .where(or_(_SQUAD.c.until_on.is_(None), _SQUAD.c.until_on >= on))
    )
    return list(ctx.connection.execute(query.order_by(_SQUAD.c.number, _ATHLETE.c.name)))


def join(
    ctx: Context,
    team_id: UUID,
    athlete_id: UUID,
    *,
    from_on: date,
    until_on: date | None = None,
    number: int | None = None,
) -> UUID:
    """Put an athlete into a team from a day on; being in it twice at once is a conflict."""
    team, athlete = teams.find(ctx, team_id, is_locked=True), find(ctx, athlete_id)
    teams.refuse_merged(team)
    if team.sport != athlete.sport:
        raise InvalidInput(f"{athlete.name} plays {athlete.sport}, {team.name} {team.sport}")
    if until_on is not None and until_on < from_on:
        raise InvalidInput("the last day is before the first", {"until_on": ["Is before from_on."]})
    twice = select(_SQUAD.c.from_on).where(
        *_membership(ctx, team_id, athlete_id), or_(_SQUAD.c.until_on.is_(None), _SQUAD.c.until_on >= from_on)
    )
    if until_on is not None:
        twice = twice.where(_SQUAD.c.from_on <= until_on)
    since = ctx.connection.execute(twice.limit(1)).scalar()
    if since is not None:
        raise Conflict(f"{athlete.name} is in {team.name} since {since} already: end that first")
    row = {"id": uuid7(), "team_id": team_id, "athlete_id": athlete_id, "number": number}
    ctx.connection.execute(
        insert(_SQUAD), {"tenant_id": ctx.tenant.id, **row, "from_on": from_on, "until_on": until_on}
    )
    told = {"athlete": athlete.name, "from_on": from_on.isoformat()}
    audit.record(ctx, "sports.squad_joined", f"team:{team_id}", new=told)
    identity: UUID = row["id"]  # type: ignore[assignment]  # as it was made above
    return identity


def leave(ctx: Context, team_id: UUID, athlete_id: UUID, *, until_on: date) -> None:
    """End an athlete's time in a team after a day."""
    ended = (
        update(_SQUAD)
        .where(*_membership(ctx, team_id, athlete_id), _SQUAD.c.from_on <= until_on)
        .where(or_(_SQUAD.c.until_on.is_(None), _SQUAD.c.until_on >= until_on))
        .values(until_on=until_on)
    )
    if not ctx.connection.execute(ended).rowcount:
        raise NotFound(f"athlete {athlete_id} is not in team {team_id} on {until_on}")
    audit.record(ctx, "sports.squad_left", f"team:{team_id}", new={"athlete_id": str(athlete_id)})


def _membership(ctx: Context, team_id: UUID, athlete_id: UUID) -> tuple[Any, ...]:
    return (
        _SQUAD.c.tenant_id == ctx.tenant.id,
        _SQUAD.c.team_id == team_id,
        _SQUAD.c.athlete_id == athlete_id,
    )


# -- what they did ---------------------------------------------------------------------------------


def record_appearances(ctx: Context, fixture_id: UUID, told: Sequence[Mapping[str, Any]]) -> int:
    """Write down who appeared in a fixture: the whole list anew; whoever is not on it did not play."""
    fixture = fixtures.find(ctx, fixture_id, is_locked=True)
    ids = [one["athlete_id"] for one in told]
    known = select(_ATHLETE.c.id).where(
        _ATHLETE.c.tenant_id == ctx.tenant.id, _ATHLETE.c.sport == fixture.sport, _ATHLETE.c.id.in_(ids)
    )
    missing = set(ids) - set(ctx.connection.scalars(known))
    if missing:
        raise InvalidInput(
            f"no athlete {min(missing)} of {fixture.sport}", {"athlete_id": ["There is no such athlete."]}
        )
    if len(ids) != len(set(ids)):
        raise InvalidInput("an athlete stands in the list twice", {"athlete_id": ["Is there twice."]})
    ctx.connection.execute(
        delete(_APPEARANCE).where(
            _APPEARANCE.c.tenant_id == ctx.tenant.id, _APPEARANCE.c.fixture_id == fixture_id
        )
    )
    if told:
        rows = [{"tenant_id": ctx.tenant.id, "fixture_id": fixture_id, **one} for one in told]
        ctx.connection.execute(insert(_APPEARANCE), rows)
    ctx.emit("sports.appearances_recorded", {"fixture_id": fixture_id, "count": len(told)})
    audit.record(ctx, "sports.appearances_recorded", f"fixture:{fixture_id}", new={"count": len(told)})
    return len(told)


def appearances(ctx: Context, fixture_id: str) -> list[dict[str, Any]]:
    """Return who appeared in a fixture, whether they started and for how long."""
    query = (
        select(_APPEARANCE, _ATHLETE.c.name)
        .join(
            _ATHLETE,
            (_ATHLETE.c.tenant_id == _APPEARANCE.c.tenant_id) & (_ATHLETE.c.id == _APPEARANCE.c.athlete_id),
        )
        .where(_APPEARANCE.c.tenant_id == ctx.tenant.id, _APPEARANCE.c.fixture_id == id_of(fixture_id))
    )
    rows = ctx.connection.execute(query.order_by(_APPEARANCE.c.is_starting.desc(), _ATHLETE.c.name))
    return [
        {
            "athlete_id": str(row.athlete_id),
            "name": row.name,
            "team_id": str(row.team_id) if row.team_id else None,
            "is_starting": row.is_starting,
            "minutes": row.minutes,
            "statistics": row.statistics,
        }
        for row in rows
    ]


def history(ctx: Context, athlete_id: UUID, *, limit: int = 50) -> list[Row[Any]]:
    """Return an athlete's appearances, the newest first."""
    query = select(_APPEARANCE).where(
        _APPEARANCE.c.tenant_id == ctx.tenant.id, _APPEARANCE.c.athlete_id == athlete_id
    )
    return list(ctx.connection.execute(query.order_by(_APPEARANCE.c.fixture_id.desc()).limit(limit)))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
