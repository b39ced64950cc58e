"""Sports: those that ship, and those that a tenant added or wrote anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, NotFound, nearest
from pitboss.plugins.sports.catalogue.documents import SportDocument
from pitboss.plugins.sports.catalogue.tables import SportRow

_SPORT = SportRow.__table__


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the sports that ship with the plugin, by code."""
    folder, found = files("pitboss.plugins.sports").joinpath("data"), {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        document = json.loads(path.read_text("utf-8"))
        code = document.pop("code")
        found[code] = SportDocument().load(document)
    return MappingProxyType(found)


def every(ctx: Context) -> dict[str, dict[str, Any]]:
    """Return the sports of the tenant, by code."""
    rows = ctx.connection.execute(select(_SPORT).where(_SPORT.c.tenant_id == ctx.tenant.id))
    found = {code: _shown(code, document, 0) for code, document in shipped().items()}
    found |= {row.code: _shown(row.code, row.document, row.revision) for row in rows}
    return dict(sorted(found.items()))


def find(ctx: Context, code: str) -> dict[str, Any]:
    """Return one sport; `revision` is 0 when it is as it ships."""
    row = ctx.connection.execute(select(_SPORT).where(*_named(ctx, code))).first()
    if row is not None:
        return _shown(code, row.document, row.revision)
    if code in shipped():
        return _shown(code, shipped()[code], 0)
    raise NotFound(f"no sport {code!r}: {nearest(code, list(every(ctx)))}")


def create(ctx: Context, code: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add a sport."""
    if code in every(ctx):
        raise Conflict(f"there is a sport {code!r} already: change that one, or choose another code")
    _insert(ctx, code, document)
    audit.record(ctx, "sports.sport_created", f"sport:{code}", new=document)
    return find(ctx, code)


def save(ctx: Context, code: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Write a sport anew for this tenant; the results that there are keep their shape."""
    before = find(ctx, code)
    if before["revision"] == 0:
        _insert(ctx, code, document)
    else:
        changed = update(_SPORT).where(*_named(ctx, code), _SPORT.c.revision == before["revision"])
        values = {"document": dict(document), "revision": before["revision"] + 1}
        if ctx.connection.execute(changed.values(**values)).rowcount != 1:
            raise Conflict(f"someone else changed the sport {code!r} just now: look again")
    audit.record(ctx, "sports.sport_changed", f"sport:{code}", old=document_of(before), new=document)
    return find(ctx, code)


def document_of(sport: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sport as it is edited."""
    return {name: value for name, value in sport.items() if name not in ("code", "revision")}


def _insert(ctx: Context, code: str, document: Mapping[str, Any]) -> None:
    row = {"tenant_id": ctx.tenant.id, "code": code, "document": dict(document), "revision": 1}
    ctx.connection.execute(insert(_SPORT), row)


def _shown(code: str, document: Mapping[str, Any], revision: int) -> dict[str, Any]:
    return {"code": code, **document, "revision": revision}


def _named(ctx: Context, code: str) -> tuple[Any, ...]:
    return _SPORT.c.tenant_id == ctx.tenant.id, _SPORT.c.code == code
