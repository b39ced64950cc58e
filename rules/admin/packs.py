"""Packs: what ships with the platform and its plugins, looked at, filled in and taken as drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, request
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, speaking
from pitboss.rules.admin.pages import (
    blueprint,
    done,
    errors_of,
    event_titles,
    failed,
    is_missing,
    one_of,
    page,
    sentence_of,
    text_of,
)
from pitboss.rules.book import blanks, packs, store
from pitboss.rules.book.saying import say, say_all
from pitboss.rules.book.starters import find_starter, fitted, starters

COPIES_MAX = 100
"""So many names are tried for a rule whose key is taken."""


@blueprint.get("/packs", endpoint="packs")
@requires("rules.read")
def list_packs() -> Response:
    """List the packs, and how much of each is here already."""
    ctx = current()
    found = starters(ctx)
    keys = [str(rule["key"]) for pack in found for rule in pack.rules]
    here = store.names(ctx, set(keys))
    taken = {pack.name: sum(rule["key"] in here for rule in pack.rules) for pack in found}
    return page("packs", packs=found, taken=taken)


@blueprint.get("/packs/<name>")
@requires("rules.read")
def pack(name: str) -> Response:
    """Show what a pack says in words, and which of its rules fit this tenant."""
    ctx = current()
    found = find_starter(ctx, name)
    return page(
        "pack",
        pack=found,
        misfits=fitted(ctx, found.rules).misfits,
        said=dict(zip((rule["key"] for rule in found.rules), say_all(ctx, found.rules), strict=True)),
        here=store.names(ctx, {str(rule["key"]) for rule in found.rules}),
    )


@blueprint.post("/packs/<name>")
@requires("rules.edit")
def take_pack(name: str) -> Response:
    """Store those rules of a pack as drafts that fit and are not here yet, as they are."""
    ctx = current()
    found = find_starter(ctx, name)
    fits, here = fitted(ctx, found.rules), store.names(ctx, {str(rule["key"]) for rule in found.rules})
    fitting = [dict(rule) for key, rule in fits.rules.items() if key not in here]
    if not fitting:
        return failed(_("No rule of this pack is left that fits and is not here already."), "pack", name=name)
    try:
        stored = packs.store_all(ctx, fitting, message=_origin(found.title))
    except PitbossError as error:
        return failed(sentence_of(error), "pack", name=name)
    count = len(stored.created)
    return done(
        ngettext(
            "%(count)s rule stored as a draft.", "%(count)s rules stored as drafts.", count, count=count
        ),
        "rules",
        stage="draft",
    )


@blueprint.get("/packs/<name>/<key>")
@requires("rules.edit")
def template(name: str, key: str) -> Response:
    """Show a rule of a pack as a form: its numbers and formulas may be others."""
    ctx = current()
    rule = find_starter(ctx, name).rule(key)
    rule = fitted(ctx, [rule]).rules.get(key, rule)
    form = {
        blank.place: f"{blank.value:g}" if blank.is_number else blank.value
        for blank in blanks.blanks_of(rule)
    }
    named = {"key": _free(ctx, key), "name": rule.get("name", ""), "on": (rule.get("on") or [""])[0]}
    return _form_page(name, rule, {**form, **named})


@blueprint.post("/packs/<name>/<key>")
@requires("rules.edit")
def take_template(name: str, key: str) -> Response:
    """Store a rule of a pack as a draft, with the values of the form."""
    ctx = current()
    found = find_starter(ctx, name)
    rule = found.rule(key)
    try:
        filled = blanks.fill(rule, request.form)
        document = {**filled, "key": text_of("key"), "name": text_of("name"), **_events(ctx, rule)}
        made = blanks.take(ctx, document, message=_origin(found.title))
    except PitbossError as error:
        if is_missing(error):
            raise
        ctx.rollback()
        return _form_page(name, rule, request.form, error)
    if made.left_out:
        text = ngettext(
            "%(count)s of its tests was left out, because of the values that you chose: "
            "write new ones in the editor.",
            "%(count)s of its tests were left out, because of the values that you chose: "
            "write new ones in the editor.",
            made.left_out,
            count=made.left_out,
        )
        flash(text, "warn")
    return done(_("Stored as a draft."), "rule", key=document["key"])


def _events(ctx: Context, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of the form, for a rule that is judged on one."""
    if rule["kind"] not in ("reward", "alert"):
        return {}
    chosen = one_of(text_of("on"), event_titles(ctx))
    had = list(rule.get("on", ()))
    return {"on": [chosen, *(event for event in had[1:] if event != chosen)] if chosen else had}


def _origin(title: str) -> str:
    """Say what a version was taken from; its history keeps that, for readers of any language."""
    with speaking():
        return _("From the pack %(title)s.", title=title)


def _free(ctx: Context, key: str) -> str:
    """Return a key that no rule has yet."""
    tries = [key, *(f"{key}-{number}" for number in range(2, COPIES_MAX))]
    taken = store.names(ctx, tries)
    return next((one for one in tries if one not in taken), key)


def _form_page(
    name: str, rule: Mapping[str, Any], form: Mapping[str, Any], error: PitbossError | None = None
) -> Response:
    ctx = current()
    found = blanks.blanks_of(rule)
    parts = {part: [one for one in found if one.part == part] for part in ("when", "then", "limits", "rule")}
    errors = errors_of(error)
    shown = {"key", "name", *(one.place for one in found)}
    return page(
        "template",
        200 if error is None else error.status,
        pack=find_starter(ctx, name),
        rule=rule,
        said=say(ctx, rule),
        parts={part: some for part, some in parts.items() if some},
        form=form,
        events=event_titles(ctx),
        errors={f"/{at.replace('.', '/')}" if at not in shown else at: said for at, said in errors.items()},
        refusal=sentence_of(error) if error is not None else "",
    )
