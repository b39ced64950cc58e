"""Missions, achievements and streaks: written, switched on and off, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy import Row, func, select
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.admin.forms import (
    REASON_CHARACTERS_MAX,
    actions_of,
    errors_of,
    instant_of,
    is_on,
    lines_of,
    local,
    needed,
    offer_fields,
    offer_of,
    refuse,
    text_of,
    whole_of,
)
from pitboss.plugins.loyalty.admin.pages import asked, blueprint, done, page, tried
from pitboss.plugins.loyalty.quests import board, book

GOALS = (
    ("count", marked("So many times")),
    ("sum", marked("So much in sum")),
    ("distinct", marked("So many different ones")),
    ("streak", marked("So many days in a row")),
)
STREAKS = (1, 3, 7, 30)
"""From how many days in a row on players are counted."""
NEW: Mapping[str, str] = {
    **offer_fields(None),
    "kind": "mission",
    "goal": "count",
    "period": "lifetime",
    "on": "wager",
    "repeats": "on",
}

_PLAYER = players.PLAYER


@blueprint.get("/missions")
@requires("loyalty.read")
def missions() -> Response:
    """List missions and achievements with what became of them, and how long streaks are."""
    ctx, wanted = current(), asked("kind", "active")
    is_active = {"yes": True, "no": False}.get(wanted["active"])
    kind = wanted["kind"] if wanted["kind"] in book.KINDS else None
    rows = book.list_missions(ctx, kind=kind, is_active=is_active)
    return page(
        "missions",
        rows=rows,
        figures=board.figures_of(ctx, [row.key for row in rows]),
        streaks=_streaks(ctx),
        asked=wanted,
        kinds=book.KINDS,
        goals=dict(GOALS),
    )


@blueprint.get("/missions/new")
@requires("loyalty.edit")
def new_mission() -> Response:
    """Show an empty form."""
    return _form_page(None, NEW)


@blueprint.post("/missions")
@requires("loyalty.edit")
def create_mission() -> Response:
    """Write a mission, which counts once it is switched on."""
    ctx = current()
    try:
        row = book.create(ctx, {**_sent(), "key": needed("key"), "kind": _one_of("kind", book.KINDS)})
    except PitbossError as error:
        ctx.rollback()
        return _form_page(None, request.form, error)
    return done(_("Written. It counts once you switch it on."), "mission", key=row.key)


@blueprint.get("/missions/<key>")
@requires("loyalty.read")
def mission(key: str) -> Response:
    """Show a mission: what it asks, what it gives, and what became of it."""
    row = book.find(current(), key)
    return _form_page(row, _form(row))


@blueprint.post("/missions/<key>")
@requires("loyalty.edit")
def edit_mission(key: str) -> Response:
    """Write a new version, unless somebody else did meanwhile."""
    ctx = current()
    row = book.find(ctx, key)
    try:
        if text_of("version") != str(row.version):
            raise Stale(_("somebody changed it meanwhile: look at it, and change it again"))
        book.edit(ctx, key, _sent())
    except PitbossError as error:
        ctx.rollback()
        return _form_page(row, request.form, error)
    return done(_("Saved."), "mission", key=key)


@blueprint.post("/missions/<key>/switch")
@requires("loyalty.edit")
def switch_mission(key: str) -> Response:
    """Let a mission count, or no longer."""

    def run(ctx: Context) -> str:
        is_active, reason = text_of("do") == "activate", text_of("reason")[:REASON_CHARACTERS_MAX]
        book.switch(ctx, key, is_active=is_active, reason=reason)
        return _("It counts from now on.") if is_active else _("It counts no longer; what was counted stays.")

    return tried(run, "mission", key=key)


@blueprint.post("/missions/<key>/remove")
@requires("loyalty.edit")
def remove_mission(key: str) -> Response:
    """Delete a mission that nobody ever began."""
    ctx = current()
    row = book.find(ctx, key)
    try:
        book.remove(ctx, key)
    except PitbossError as error:
        ctx.rollback()
        return _form_page(row, _form(row), error)
    return done(_("%(key)s is deleted.", key=key), "missions")


# -- the form --------------------------------------------------------------------------------------


def _sent() -> dict[str, Any]:
    goal = {
        "kind": _one_of("goal", [kind for kind, __ in GOALS]),
        "target": needed("target"),
        "of": text_of("of"),
        "unit": text_of("unit"),
        "freezes": whole_of("freezes") or 0,
    }
    definition = {
        "text": text_of("text"),
        "on": lines_of("on"),
        "when": _when(),
        "goal": goal,
        "period": _one_of("period", book.PERIODS),
        "repeats": is_on("repeats"),
        "reward": offer_of(),
        "keeps_reward": is_on("keeps_reward"),
    }
    times = {name: instant_of(name) for name in ("starts_at", "ends_at")}
    return {"title": needed("title"), "definition": definition, **times}


def _when() -> Any:
    """Return the condition: JSON where it looks so, and else an expression."""
    text = text_of("when")
    if not text.startswith(("{", "[")):
        return text or {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        refuse("when", _("It is no JSON: %(error)s", error=error))


def _one_of(name: str, choices: Any) -> str:
    return text_of(name) if text_of(name) in choices else refuse(name, _("Choose one."))


def _form(row: Row[Any]) -> dict[str, Any]:
    said, goal, when = row.definition, row.definition["goal"], row.definition["when"]
    boxes = {name: "on" for name in ("repeats", "keeps_reward") if said[name]}
    return {
        "title": row.title,
        "text": said["text"],
        "on": "\n".join(said["on"]),
        "when": when if isinstance(when, str) else json.dumps(when, ensure_ascii=False) if when else "",
        "goal": goal["kind"],
        **{name: goal[name] for name in ("target", "of", "unit", "freezes")},
        "period": said["period"],
        "starts_at": local(row.starts_at),
        "ends_at": local(row.ends_at),
        **boxes,
        **offer_fields(said["reward"]),
    }


def _form_page(row: Row[Any] | None, form: Mapping[str, Any], error: PitbossError | None = None) -> Response:
    ctx = current()
    return page(
        "mission",
        200 if error is None else 422,
        mission=row,
        form=form,
        figures=board.figures(ctx, row.key) if row is not None else None,
        actions=actions_of(ctx),
        goals=GOALS,
        periods=book.PERIODS,
        kinds=book.KINDS,
        refusal=str(error) if error is not None else "",
        errors=errors_of(error) if error is not None else {},
    )


def _streaks(ctx: Context) -> list[tuple[int, int]]:
    """Return how many players came so many days in a row, and more."""
    columns = [func.count().filter(_PLAYER.c.streak_days >= days) for days in STREAKS]
    query = select(*columns).where(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.streak_days > 0)
    return list(zip(STREAKS, ctx.connection.execute(query).one(), strict=True))
