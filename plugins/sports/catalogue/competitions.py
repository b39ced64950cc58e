"""Competitions: leagues, cups and meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.plugins.sports.catalogue import aliases, sports
from pitboss.plugins.sports.catalogue.tables import CompetitionRow

EDITED = ("name", "country", "season", "rank", "is_active")
_COMPETITION = CompetitionRow.__table__


def find(ctx: Context, competition_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return one competition."""
    query = select(_COMPETITION).where(*_named(ctx, competition_id))
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no competition {competition_id}")
    return row


def find_many(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Return some competitions, by id."""
    query = select(_COMPETITION).where(_COMPETITION.c.tenant_id == ctx.tenant.id, _COMPETITION.c.id.in_(ids))
    return {row.id: row for row in ctx.connection.execute(query)}


def list_competitions(
    ctx: Context,
    *,
    after: UUID | None = None,
    limit: int = 50,
    sport: str | None = None,
    country: str | None = None,
    is_active: bool | None = None,
) -> list[Row[Any]]:
    """Return competitions, in the order in which they were added."""
    query = select(_COMPETITION).where(_COMPETITION.c.tenant_id == ctx.tenant.id)
    wanted = {"sport": sport, "country": country, "is_active": is_active}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(_COMPETITION.c[name] == value)
    if after is not None:
        query = query.where(_COMPETITION.c.id > after)
    return list(ctx.connection.execute(query.order_by(_COMPETITION.c.id).limit(limit)))


def create(ctx: Context, sport: str, values: Mapping[str, Any]) -> Row[Any]:
    """Add a competition; its name finds it from now on."""
    sports.find(ctx, sport)
    row = {"country": "", **values, "tenant_id": ctx.tenant.id, "id": uuid7(), "sport": sport}
    aliases.add(ctx, "competition", sport, row["id"], row["name"], country=row["country"])
    ctx.connection.execute(insert(_COMPETITION), row)
    audit.record(ctx, "sports.competition_created", f"competition:{row['id']}", new=values)
    return find(ctx, row["id"])


def save(ctx: Context, before: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    """Write a competition anew; the caller holds the row."""
    if (values["name"], values["country"]) != (before.name, before.country):
        aliases.add(ctx, "competition", before.sport, before.id, values["name"], country=values["country"])
    changed = update(_COMPETITION).where(*_named(ctx, before.id))
    ctx.connection.execute(changed.values(**values, revision=before.revision + 1))
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.competition_changed", f"competition:{before.id}", old=old, new=values)
    return find(ctx, before.id)


def ensure(
    ctx: Context,
    sport: str,
    name: str,
    *,
    country: str = "",
    season: str = "",
    source: str = "",
    external_id: str = "",
) -> UUID:
    """Return the competition that a source means, and add it when there is none."""
    known = aliases.external(ctx, "competition", source, [external_id]) if external_id else {}
    found = known.get(external_id)
    if found is None:
        found = aliases.look_up(ctx, "competition", sport, [name], country=country).get(name)
    if found is None:
        found = create(ctx, sport, {"name": name, "country": country, "season": season}).id
    if external_id and external_id not in known:
        aliases.add_external(ctx, "competition", source, external_id, found)
    return found


def _named(ctx: Context, competition_id: UUID) -> tuple[Any, ...]:
    return _COMPETITION.c.tenant_id == ctx.tenant.id, _COMPETITION.c.id == competition_id
