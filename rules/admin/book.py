"""The rulebook as a whole: the switch that stops it, conflicts between rules, and rules out of files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    blueprint,
    done,
    errors_of,
    page,
    place,
    rule_names,
    sentence_of,
    text_of,
    tried,
)
from pitboss.rules.book import packs, switch
from pitboss.rules.book.findings import conflicts_of
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.rule import FILE_BYTES_MAX, AnyRule, Reward

PROBLEMS_SHOWN = 50


@blueprint.post("/stop")
@requires("rules.stop")
def stop() -> Response:
    """Stop all rules at once."""

    def run(ctx: Context) -> str:
        switch.stop(ctx, reason=text_of("reason"))
        return _(
            "Stopped. Events are recorded, and nothing is given or told until the rules are started again."
        )

    return tried(run, "rules")


@blueprint.post("/start")
@requires("rules.stop")
def start() -> Response:
    """Let the rules work again."""

    def run(ctx: Context) -> str:
        switch.start(ctx, reason=text_of("reason"))
        return _("The rules work again.")

    return tried(run, "rules")


@blueprint.get("/conflicts")
@requires("rules.read")
def conflicts() -> Response:
    """Show which live rules meet: groups of which only one pays, and pairs that pay together."""
    ctx, start = current(), place()
    found, following = conflicts_of(ctx, start, PAGE_ROWS)
    groups = groups_of(live.rule for live in book_of(ctx).rules.values())
    keys = {key for one in found for key in one["rules"]} | {
        key for group in groups for key in group["rules"]
    }
    return page(
        "conflicts",
        findings=found,
        next_cursor=following,
        is_first=not start,
        groups=groups,
        names=rule_names(ctx, keys),
    )


def groups_of(rules: Iterable[AnyRule]) -> list[dict[str, Any]]:
    """Return the exclusive groups of live rewards, each with its rules by priority."""
    groups: dict[str, dict[str, Any]] = {}
    for rule in rules:
        if isinstance(rule, Reward) and rule.exclusive is not None:
            name = rule.exclusive.group
            group = groups.setdefault(name, {"name": name, "picks": set(), "rules": [], "priorities": {}})
            group["picks"].add(rule.exclusive.pick)
            group["rules"].append(rule.key)
            group["priorities"][rule.key] = rule.priority
    for group in groups.values():
        group["rules"].sort(key=lambda key, of=group["priorities"]: (-of[key], key))
    return [groups[name] for name in sorted(groups)]


# -- files -----------------------------------------------------------------------------------------


@blueprint.get("/import")
@requires("rules.edit")
def importing() -> Response:
    """Show the form that takes a file of rules."""
    return page("import", text="", found=None, refusal="", problems={})


@blueprint.post("/import")
@requires("rules.edit")
def take_file() -> Response:
    """Say what a file would come to, or store its rules as drafts: all of them, or none."""
    ctx, text = current(), ""
    is_trial = text_of("do") != "import"
    try:
        text = _sent()
        found = packs.load(ctx, text, dry_run=is_trial, message=text_of("message"))
    except PitbossError as error:
        ctx.rollback()
        problems = dict(list(errors_of(error).items())[:PROBLEMS_SHOWN])
        said = _("Nothing was stored.") if problems else sentence_of(error)
        return page("import", 422, text=text, found=None, refusal=said, problems=problems)
    if is_trial:
        return page("import", text=text, found=found, refusal="", problems={})
    stored = len(found.created) + len(found.changed)
    if not stored:
        return done(_("Nothing was stored: every rule of the file is here already, as it is."), "rules")
    return done(
        ngettext(
            "%(count)s rule stored as a draft.", "%(count)s rules stored as drafts.", stored, count=stored
        ),
        "rules",
        stage="draft",
    )


def _sent() -> str:
    """Return the text of the file that was chosen, or what was pasted."""
    chosen = request.files.get("file")
    raw = chosen.read(FILE_BYTES_MAX + 1) if chosen is not None else b""
    try:
        return raw.decode("utf-8-sig") if raw else request.form.get("pack", "")
    except UnicodeDecodeError:
        raise InvalidInput(
            _("the file is no text in UTF-8: export it again as JSON"), {"file": [_("Not UTF-8.")]}
        ) from None
