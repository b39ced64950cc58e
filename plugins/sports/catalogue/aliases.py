"""Names and foreign ids by which teams, competitions, athletes and fixtures are found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.catalogue.tables import AliasRow, ExternalIdRow

Kind = Literal["team", "competition", "athlete", "fixture"]
LOOKED_UP_MAX = 500
"""Names in one query."""

_ALIAS, _EXTERNAL = AliasRow.__table__, ExternalIdRow.__table__


# -- names -----------------------------------------------------------------------------------------


def look_up(
    ctx: Context, kind: Kind, sport: str, names: Iterable[str], *, country: str = ""
) -> dict[str, UUID]:
    """Return what these names mean, by name; those of the country win, a doubtful one is left out."""
    keys = {name: key_of(name) for name in names}
    found: dict[str, dict[str, set[UUID]]] = {}
    wanted = sorted(set(keys.values()))
    for begin in range(0, len(wanted), LOOKED_UP_MAX):
        query = select(_ALIAS.c.key, _ALIAS.c.country, _ALIAS.c.subject_id).where(
            _ALIAS.c.tenant_id == ctx.tenant.id,
            _ALIAS.c.kind == kind,
            _ALIAS.c.sport == sport,
            _ALIAS.c.key.in_(wanted[begin : begin + LOOKED_UP_MAX]),
        )
        for row in ctx.connection.execute(query):
            found.setdefault(row.key, {}).setdefault(row.country, set()).add(row.subject_id)
    meant = {name: _meant(found.get(key, {}), country) for name, key in keys.items()}
    return {name: subject for name, subject in meant.items() if subject is not None}


def _meant(by_country: dict[str, set[UUID]], country: str) -> UUID | None:
    if country:
        of_all = by_country.get(country) or by_country.get("", set())
    else:
        of_all = set().union(*by_country.values())
    return next(iter(of_all)) if len(of_all) == 1 else None


def add(ctx: Context, kind: Kind, sport: str, subject_id: UUID, name: str, *, country: str = "") -> None:
    """Let a name mean something; a name that means another already is a conflict."""
    key = key_of(name)
    if not key:
        raise InvalidInput(
            f"{name!r} has no letter or figure to be found by", {"name": ["Needs a letter or a figure."]}
        )
    known = ctx.connection.execute(
        select(_ALIAS.c.subject_id).where(
            *_of(ctx, kind, sport), _ALIAS.c.key == key, _ALIAS.c.country == country
        )
    ).scalar()
    if known == subject_id:
        return
    if known is not None:
        raise Conflict(
            f"{name!r} is a name of the {kind} {known} already: "
            "merge the two, give another name, or give both their countries"
        )
    row = {"kind": kind, "sport": sport, "country": country, "key": key, "name": name}
    _insert(ctx, _ALIAS, {**row, "id": uuid7(), "subject_id": subject_id})


def names_of(ctx: Context, subject_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return all names of some subjects."""
    query = select(_ALIAS.c.subject_id, _ALIAS.c.name).where(
        _ALIAS.c.tenant_id == ctx.tenant.id, _ALIAS.c.subject_id.in_(subject_ids)
    )
    found: dict[UUID, list[str]] = {subject: [] for subject in subject_ids}
    for row in ctx.connection.execute(query.order_by(_ALIAS.c.id)):
        found[row.subject_id].append(row.name)
    return found


def remove(ctx: Context, subject_id: UUID, name: str) -> bool:
    """Let a name no longer mean a subject; tell whether it did."""
    gone = delete(_ALIAS).where(
        _ALIAS.c.tenant_id == ctx.tenant.id, _ALIAS.c.subject_id == subject_id, _ALIAS.c.key == key_of(name)
    )
    return ctx.connection.execute(gone).rowcount > 0


# -- ids of sources --------------------------------------------------------------------------------


def external(ctx: Context, kind: Kind, source: str, ids: Iterable[str]) -> dict[str, UUID]:
    """Return what a source's ids mean here, by id."""
    wanted, found = sorted(set(ids)), dict[str, UUID]()
    for begin in range(0, len(wanted), LOOKED_UP_MAX):
        query = select(_EXTERNAL.c.external_id, _EXTERNAL.c.subject_id).where(
            _EXTERNAL.c.tenant_id == ctx.tenant.id,
            _EXTERNAL.c.kind == kind,
            _EXTERNAL.c.source == source,
            _EXTERNAL.c.external_id.in_(wanted[begin : begin + LOOKED_UP_MAX]),
        )
        found |= {row.external_id: row.subject_id for row in ctx.connection.execute(query)}
    return found


def add_external(ctx: Context, kind: Kind, source: str, external_id: str, subject_id: UUID) -> None:
    """Note what a source calls something; an id that means another already is a conflict."""
    known = external(ctx, kind, source, [external_id]).get(external_id)
    if known == subject_id:
        return
    if known is not None:
        raise Conflict(
            f"{source} calls the {kind} {known} {external_id!r} already: remove that id, or merge the two"
        )
    row = {"source": source, "kind": kind, "external_id": external_id, "subject_id": subject_id}
    _insert(ctx, _EXTERNAL, row)


def externals_of(ctx: Context, subject_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Return what each source calls some subjects."""
    query = select(_EXTERNAL).where(
        _EXTERNAL.c.tenant_id == ctx.tenant.id, _EXTERNAL.c.subject_id.in_(subject_ids)
    )
    found: dict[UUID, dict[str, str]] = {subject: {} for subject in subject_ids}
    for row in ctx.connection.execute(query.order_by(_EXTERNAL.c.source)):
        found[row.subject_id][row.source] = row.external_id
    return found


def remove_external(ctx: Context, kind: Kind, source: str, subject_id: UUID) -> bool:
    """Forget what a source calls something; tell whether it was known."""
    gone = delete(_EXTERNAL).where(
        _EXTERNAL.c.tenant_id == ctx.tenant.id,
        _EXTERNAL.c.kind == kind,
        _EXTERNAL.c.source == source,
        _EXTERNAL.c.subject_id == subject_id,
    )
    return ctx.connection.execute(gone).rowcount > 0


# -- both ------------------------------------------------------------------------------------------


def move(ctx: Context, from_id: UUID, to_id: UUID) -> None:
    """Let all names and ids of one subject mean another."""
    for table in (_ALIAS, _EXTERNAL):
        moved = update(table).where(table.c.tenant_id == ctx.tenant.id, table.c.subject_id == from_id)
        ctx.connection.execute(moved.values(subject_id=to_id))


def _of(ctx: Context, kind: Kind, sport: str) -> tuple[Any, ...]:
    return _ALIAS.c.tenant_id == ctx.tenant.id, _ALIAS.c.kind == kind, _ALIAS.c.sport == sport


def _insert(ctx: Context, table: Any, row: dict[str, Any]) -> None:
    kind = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    new = kind(table).values(tenant_id=ctx.tenant.id, **row).on_conflict_do_nothing()
    if ctx.connection.execute(new.returning(table.c.subject_id)).first() is None:
        raise Conflict("somebody else gave this name or id in the same moment: look again, then repeat it")
