"""The list of rules: found by what they are and where they stand, with figures, and changed many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.pictures import line
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, marked_plural, number
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cut,
    event_titles,
    failed,
    one_of,
    page,
    sentence_of,
    text_of,
)
from pitboss.rules.book import life, packs, store
from pitboss.rules.book.live import book_of
from pitboss.rules.book.store import Filter, Stored
from pitboss.rules.book.tables import Stage, State
from pitboss.rules.book.uses import uses_of
from pitboss.rules.engine.rule import KINDS
from pitboss.rules.replay.figures import budgets_of, figures_of

BULK_MAX = 200
USES_NAMED = 5
"""Rules that are changed, or written to a file, at once."""
REFUSALS_SHOWN = 5
FILTERS = ("text", "kind", "state", "stage", "tag", "event")
VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    (marked("All"), {}),
    (marked("Live"), {"state": State.LIVE}),
    (marked("Paused"), {"state": State.PAUSED}),
    (marked("Waits for approval"), {"stage": Stage.SUBMITTED}),
    (marked("Drafts"), {"stage": Stage.DRAFT}),
    (marked("Retired"), {"state": State.RETIRED}),
)
"""Filters that operators come back to."""
BULK: dict[str, tuple[str, str, Callable[..., Stored]]] = {
    "pause": (
        marked("Pause"),
        marked("What was chosen does nothing from now on, until somebody resumes it."),
        life.pause,
    ),
    "resume": (
        marked("Resume"),
        marked("What was chosen works again at once; guards are asked as when it was published."),
        life.resume,
    ),
    "retire": (
        marked("Retire"),
        marked(
            "What was chosen is out of service for good. Its history stays, and an old version can come back."
        ),
        life.retire,
    ),
}
"""What can be done with many rules: its name, its effect, and what does it."""
QUESTIONS = {
    "pause": marked_plural("Pause %(count)s rule?", "Pause %(count)s rules?"),
    "resume": marked_plural("Resume %(count)s rule?", "Resume %(count)s rules?"),
    "retire": marked_plural("Retire %(count)s rule?", "Retire %(count)s rules?"),
}
DONE = {
    "pause": marked("%(count)s paused: %(keys)s."),
    "resume": marked("%(count)s resumed: %(keys)s."),
    "retire": marked("%(count)s retired: %(keys)s."),
}
"""What is said once it is done."""


@blueprint.get("/")
@requires("rules.read")
def rules() -> Response:
    """List rules by key."""
    ctx, wanted = current(), asked(*FILTERS, "cursor")
    found = store.list_rules(ctx, filter_of(wanted), after=wanted["cursor"], limit=PAGE_ROWS + 1)
    rows, following = cut(found, "key")
    figures = figures_of(ctx, [row.key for row in rows])
    return page(
        "rules",
        rows=rows,
        next_cursor=following,
        asked=wanted,
        filters={name: wanted[name] for name in FILTERS if wanted[name]},
        figures=figures,
        sparks={key: line(one.days, _("Matches a day, two weeks")) for key, one in figures.items()},
        budgets=budgets_of(ctx, rows, store.documents(ctx, rows)),
        broken=book_of(ctx).why_broken(),
        events=event_titles(ctx),
        kinds=list(KINDS),
        states=list(State),
        stages=list(Stage),
        views=VIEWS,
        counts=store.counts(ctx),
    )


def filter_of(wanted: dict[str, str]) -> Filter:
    """Return the filter of the address; a kind, state or stage that there is not asks for nothing."""
    return Filter(
        kind=one_of(wanted["kind"], KINDS),
        state=one_of(wanted["state"], State),
        stage=one_of(wanted["stage"], Stage),
        tag=wanted["tag"] or None,
        event=wanted["event"] or None,
        text=wanted["text"] or None,
    )


@blueprint.get("/export")
@requires("rules.read")
def export() -> Response:
    """Send what is live, or the rules that the filter lets through, as a file."""
    ctx, wanted = current(), asked(*FILTERS)
    keys = None
    if any(wanted.values()):
        found = store.list_rules(ctx, filter_of(wanted), limit=packs.RULES_MAX + 1)
        if len(found) > packs.RULES_MAX:
            said = _(
                "More than %(count)s rules fit, which no import takes at once: narrow the filter.",
                count=number(packs.RULES_MAX),
            )
            return failed(said, "rules", **wanted)
        keys = [rule.key for rule in found]
    return _file(ctx, keys)


def _file(ctx: Context, keys: list[str] | None) -> Response:
    try:
        text = packs.export(ctx, keys)
    except InvalidInput as error:
        return failed(sentence_of(error), "rules")
    name = f"rules-{ctx.tenant.code}-{ctx.clock.now():%Y%m%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return FlaskResponse(text, 200, headers, content_type="application/json; charset=utf-8")


# -- many at once ----------------------------------------------------------------------------------


@blueprint.post("/bulk")
@requires("rules.read")
def bulk() -> Response:
    """Ask once more before many rules are changed, with the effect and each of them by name."""
    ctx, keys, do = current(), request.form.getlist("key")[:BULK_MAX], text_of("do")
    if not keys:
        return failed(_("No rule was chosen: tick those that are meant."), "rules")
    if do == "export":
        return _file(ctx, keys)
    ctx.actor.require("rules.publish")
    if do not in BULK:
        return failed(_("Choose what to do with the rules: pause, resume, retire or export."), "rules")
    found = [rule for rule in (store.look_up(ctx, key) for key in keys) if rule is not None]
    uses = {row.key: uses_of(ctx, row, most=USES_NAMED) if do != "resume" else [] for row in found}
    verb, effect = BULK[do][:2]
    return page("bulk", rows=found, uses=uses, do=do, verb=verb, question=QUESTIONS[do], effect=effect)


@blueprint.post("/bulk/apply")
@requires("rules.publish")
def apply_bulk() -> Response:
    """Do it with each rule that can be; what is refused is said, and changes nothing of the others."""
    ctx, do = current(), text_of("do")
    if do not in BULK:
        return failed(_("Choose what to do with the rules: pause, resume or retire."), "rules")
    changed, refused = [], []
    for chosen in request.form.getlist("rule")[:BULK_MAX]:
        key, __, mark = chosen.partition(" ")
        try:
            _change(ctx, do, key, mark)
            changed.append(key)
        except PitbossError as error:
            refused.append(sentence_of(error))
    if changed:
        flash(_(DONE[do], count=len(changed), keys=", ".join(changed)), "good")
    for said in refused[:REFUSALS_SHOWN]:
        flash(said, "bad")
    if len(refused) > REFUSALS_SHOWN:
        flash(
            _("%(count)s more were refused.", count=len(refused) - REFUSALS_SHOWN),
            "bad",
        )
    return redirect(url_for("rules_admin.rules"), 303)


def _change(ctx: Context, do: str, key: str, mark: str) -> None:
    rule = locked_as_read(ctx, key, mark)
    said = text_of("reason")
    told: dict[str, Any] = {"comment" if do == "resume" else "reason": said}
    BULK[do][2](ctx, key, revision=rule.revision, **told)


def locked_as_read(ctx: Context, key: str, mark: str) -> Stored:
    """Return a rule, held for a change; raise where it is no longer as the form showed it."""
    rule = store.locked(ctx, key)
    if mark != mark_of(rule):
        who = rule.changed_by.partition(":")[2] or rule.changed_by
        raise Stale(
            _(
                "the rule %(key)s was changed by %(who)s meanwhile, so nothing was done: this is how "
                "it stands now, decide again",
                key=repr(key),
                who=who,
            )
        )
    return rule


def mark_of(rule: Stored) -> str:
    """Return what a form keeps of a rule, to tell later whether it is still the same: its ETag."""
    return f"{rule.head}.{rule.revision}"
