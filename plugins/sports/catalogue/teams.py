"""Teams: who takes part, under all the names that they go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, NotFound
from pitboss.plugins.sports.catalogue import aliases, sports
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.catalogue.tables import AliasRow, TeamRow

EDITED = ("name", "short_name", "country", "crest_url", "kind")
_TEAM, _ALIAS = TeamRow.__table__, AliasRow.__table__


def find(ctx: Context, team_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return one team, also one that was merged into another."""
    query = select(_TEAM).where(*_named(ctx, team_id))
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no team {team_id}")
    return row


def find_many(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Return some teams, by id."""
    query = select(_TEAM).where(_TEAM.c.tenant_id == ctx.tenant.id, _TEAM.c.id.in_(ids))
    return {row.id: row for row in ctx.connection.execute(query)}


def list_teams(
    ctx: Context,
    *,
    after: UUID | None = None,
    limit: int = 50,
    sport: str | None = None,
    text: str = "",
) -> list[Row[Any]]:
    """Return teams that were not merged; with a text, those of which a name begins like it."""
    query = select(_TEAM).where(_TEAM.c.tenant_id == ctx.tenant.id, _TEAM.c.merged_into.is_(None))
    if sport is not None:
        query = query.where(_TEAM.c.sport == sport)
    if text:
        named = select(_ALIAS.c.subject_id).where(
            _ALIAS.c.tenant_id == ctx.tenant.id,
            _ALIAS.c.kind == "team",
            _ALIAS.c.key.startswith(key_of(text), autoescape=True),
        )
        query = query.where(_TEAM.c.id.in_(named))
    if after is not None:
        query = query.where(_TEAM.c.id > after)
    return list(ctx.connection.execute(query.order_by(_TEAM.c.id).limit(limit)))


def create(ctx: Context, sport: str, values: Mapping[str, Any]) -> Row[Any]:
    """Add a team; its name finds it from now on."""
    kind = sports.find(ctx, sport)["takes_part"]
    row = {"country": "", "kind": kind, **values, "tenant_id": ctx.tenant.id, "id": uuid7(), "sport": sport}
    aliases.add(ctx, "team", sport, row["id"], row["name"], country=row["country"])
    ctx.connection.execute(insert(_TEAM), row)
    audit.record(ctx, "sports.team_created", f"team:{row['id']}", new=values)
    return find(ctx, row["id"])


def save(ctx: Context, before: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    """Write a team anew; the old name still finds it. The caller holds the row."""
    refuse_merged(before)
    if (values["name"], values["country"]) != (before.name, before.country):
        aliases.add(ctx, "team", before.sport, before.id, values["name"], country=values["country"])
    changed = update(_TEAM).where(*_named(ctx, before.id))
    ctx.connection.execute(changed.values(**values, revision=before.revision + 1))
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.team_changed", f"team:{before.id}", old=old, new=values)
    return find(ctx, before.id)


def ensure(
    ctx: Context, sport: str, name: str, *, country: str = "", source: str = "", external_id: str = ""
) -> UUID:
    """Return the team that a source means, and add it when there is none."""
    known = aliases.external(ctx, "team", source, [external_id]) if external_id else {}
    found = known.get(external_id)
    if found is None:
        found = aliases.look_up(ctx, "team", sport, [name], country=country).get(name)
    if found is None:
        found = create(ctx, sport, {"name": name, "country": country}).id
    if external_id and external_id not in known:
        aliases.add_external(ctx, "team", source, external_id, found)
    return found


def add_alias(ctx: Context, team: Row[Any], name: str) -> None:
    """Let another name find a team."""
    refuse_merged(team)
    aliases.add(ctx, "team", team.sport, team.id, name, country=team.country)
    audit.record(ctx, "sports.team_alias_added", f"team:{team.id}", new={"name": name})


def remove_alias(ctx: Context, team: Row[Any], name: str) -> None:
    """Let a name no longer find a team; its own name always does."""
    if key_of(name) == key_of(team.name):
        raise Conflict(f"{name!r} is the team's own name: give the team another name first")
    if not aliases.remove(ctx, team.id, name):
        raise NotFound(f"{name!r} is no name of {team.name}")
    audit.record(ctx, "sports.team_alias_removed", f"team:{team.id}", old={"name": name})


def name_for_source(ctx: Context, team: Row[Any], source: str, external_id: str) -> None:
    """Note what a source calls a team, in place of what it called it before."""
    refuse_merged(team)
    aliases.remove_external(ctx, "team", source, team.id)
    aliases.add_external(ctx, "team", source, external_id, team.id)
    told = {"source": source, "external_id": external_id}
    audit.record(ctx, "sports.team_id_noted", f"team:{team.id}", new=told)


def refuse_merged(team: Row[Any]) -> None:
    """Refuse to change a team that is another by now."""
    if team.merged_into is not None:
        raise Conflict(f"{team.name} was merged into the team {team.merged_into}: change that one")


def _named(ctx: Context, team_id: UUID) -> tuple[Any, ...]:
    return _TEAM.c.tenant_id == ctx.tenant.id, _TEAM.c.id == team_id
