"""The tiers editor: what holds now, who would move under another version, and saving it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.admin.forms import (
    DIGITS_MAX,
    errors_of,
    is_on,
    json_of,
    lines_of,
    needed,
    text_of,
    whole_of,
)
from pitboss.plugins.loyalty.admin.pages import blueprint, done, page
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers.law import TIERS_MAX
from pitboss.plugins.loyalty.tiers.preview import preview
from pitboss.plugins.loyalty.tiers.tables import LadderRow, StandingRow

MODES = (("window", marked("Points earned in the window")), ("balance", marked("Points that are held")))
VERSIONS_SHOWN = 10

_STANDING, _LADDER = StandingRow.__table__, LadderRow.__table__


@blueprint.get("/tiers")
@requires("loyalty.read")
def tiers() -> Response:
    """Show the tiers that hold now, with how many players stand in each."""
    return _tiers_page(_form(ladders.current(current()).document))


@blueprint.post("/tiers/preview")
@requires("loyalty.read")
def preview_tiers() -> Response:
    """Count who would move under these tiers; nothing is saved."""
    ctx = current()
    try:
        ladder, __ = ladders.check(ctx, _document())
        return _tiers_page(request.form, flows=preview(ctx, ladder))
    except PitbossError as error:
        return _tiers_page(request.form, error=error)


@blueprint.post("/tiers")
@requires("loyalty.edit")
def save_tiers() -> Response:
    """Save another version, unless somebody else did meanwhile."""
    ctx = current()
    try:
        if text_of("version") != str(ladders.current(ctx).version):
            raise Stale(_("somebody saved other tiers meanwhile: look at them, and change them again"))
        saved = ladders.save(ctx, _document(), reason=needed("reason"))
    except PitbossError as error:
        ctx.rollback()
        return _tiers_page(request.form, error=error)
    return done(
        _("Version %(number)s holds. Every player is judged by it in the background.", number=saved.version),
        "tiers",
    )


# -- the form --------------------------------------------------------------------------------------


def _document() -> dict[str, Any]:
    """Return the ladder that the form describes; a tier without a code is left out."""
    return {
        "mode": text_of("mode"),
        "window_days": whole_of("window_days"),
        "term_days": whole_of("term_days"),
        "grace_days": whole_of("grace_days") or 0,
        "has_soft_landing": is_on("has_soft_landing"),
        "tiers": [_tier(place) for place in _places()],
    }


def _places() -> list[int]:
    """Return the places of the form that hold a tier, by what enters it: a new one may stand anywhere."""
    used = [place for place in range(TIERS_MAX + 1) if text_of(f"{place}.code")]
    return sorted(used, key=lambda place: (_rank(text_of(f"{place}.entry")), place))


def _rank(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= DIGITS_MAX else 0


def _tier(place: int) -> dict[str, Any]:
    return {
        "code": text_of(f"{place}.code").upper(),
        "title": text_of(f"{place}.title"),
        "entry": whole_of(f"{place}.entry") or 0,
        "retention": whole_of(f"{place}.retention"),
        "multiplier": text_of(f"{place}.multiplier") or "1",
        "texts": lines_of(f"{place}.texts"),
        "actions": json_of(f"{place}.actions", []),
    }


def _form(document: Mapping[str, Any]) -> dict[str, str]:
    """Return a ladder as the fields of the form."""
    flat = {
        name: "" if document[name] is None else str(document[name])
        for name in ("mode", "window_days", "term_days", "grace_days")
    }
    flat |= {"has_soft_landing": "on"} if document["has_soft_landing"] else {}
    for place, tier in enumerate(document["tiers"]):
        said = {name: tier[name] for name in ("code", "title", "entry", "retention", "multiplier")}
        flat |= {f"{place}.{name}": "" if value is None else str(value) for name, value in said.items()}
        flat[f"{place}.texts"] = "\n".join(tier["texts"])
        flat[f"{place}.actions"] = json.dumps(tier["actions"], indent=2) if tier["actions"] else ""
    return flat


def _tiers_page(form: Mapping[str, str], *, error: PitbossError | None = None, flows: Any = None) -> Response:
    ctx = current()
    saved = ladders.current(ctx)
    rows = [place for place in range(TIERS_MAX) if form.get(f"{place}.code")]
    free = [place for place in range(TIERS_MAX) if place not in rows]
    return page(
        "tiers",
        200 if error is None else 422,
        form=form,
        rows=rows,
        free=free[:1],
        modes=MODES,
        saved=saved,
        counts=_counts(ctx),
        versions=_versions(ctx),
        flows=flows,
        refusal=str(error) if error is not None else "",
        errors=_placed(errors_of(error), _places()) if error is not None else {},
    )


def _placed(errors: dict[str, list[str]], places: list[int]) -> dict[str, list[str]]:
    """Name each field as the form does: the nth tier that was sent stands in the nth of these places."""
    named = {}
    for name, said in errors.items():
        head, __, rest = name.removeprefix("tiers.").partition(".")
        is_tier = name.startswith("tiers.") and head.isdecimal() and int(head) < len(places)
        named[f"{places[int(head)]}.{rest.partition('.')[0]}" if is_tier else name] = said
    return named


def _counts(ctx: Context) -> dict[str, int]:
    query = select(_STANDING.c.tier, func.count()).where(_STANDING.c.tenant_id == ctx.tenant.id)
    return {code: int(count) for code, count in ctx.connection.execute(query.group_by(_STANDING.c.tier))}


def _versions(ctx: Context) -> list[Any]:
    query = select(_LADDER).where(_LADDER.c.tenant_id == ctx.tenant.id).order_by(_LADDER.c.version.desc())
    return list(ctx.connection.execute(query.limit(VERSIONS_SHOWN)))
