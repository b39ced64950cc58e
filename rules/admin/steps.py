"""The steps of a rule's life as forms: which are offered to whom, and what each says before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.rules.admin.listing import locked_as_read
from pitboss.rules.admin.offers import STEPS
from pitboss.rules.admin.pages import blueprint, done, instant_of, is_missing, sentence_of, text_of
from pitboss.rules.admin.rule import Refusal, rule_page
from pitboss.rules.book import drafts, life, store
from pitboss.rules.book.store import Stored


@dataclass(frozen=True, slots=True)
class Deed:
    """What takes a step, and what is then said."""

    run: Callable[[Context, Stored, str], object]
    says: str
    endpoint: str = "rule"


def _tests(ctx: Context, rule: Stored, _text: str) -> str:
    tested = life.run_tests(ctx, rule.key, revision=rule.revision)
    failing = sum(not case.passed for case in tested.cases)
    if not tested.cases:
        return _("It has no tests, so nothing failed: write some in the editor.")
    return (
        _("All %(count)s tests pass.", count=len(tested.cases))
        if not failing
        else _("%(failing)s of %(count)s tests fail.", failing=failing, count=len(tested.cases))
    )


def _rollback(ctx: Context, rule: Stored, text: str) -> str:
    number = text_of("version")
    if not number.isdecimal() or len(number) > 9:
        raise InvalidInput(_("version: choose one that was live before"), {"version": [_("Choose one.")]})
    made = life.rollback(ctx, rule.key, int(number), revision=rule.revision, reason=text)
    return _("Version %(number)s is live again, as version %(head)s.", number=number, head=made.head)


def _schedule(ctx: Context, rule: Stored, text: str) -> str:
    document = dict(store.version(ctx, rule.key, rule.head).document)
    ends = {"from": instant_of("from"), "until": instant_of("until")}
    said = {name: at.isoformat() for name, at in ends.items() if at is not None}
    changed = (
        {**document, "effective": said} if said else {k: v for k, v in document.items() if k != "effective"}
    )
    saved = drafts.save(
        ctx, rule.key, changed, revision=rule.revision, message=text or _("Another schedule.")
    )
    if not saved.is_new:
        return _("The schedule is as it was.")
    return _(
        "Version %(number)s has the schedule: it is a draft until it is approved and published.",
        number=saved.version.number,
    )


def _publish(ctx: Context, rule: Stored, text: str) -> str:
    made = life.publish(ctx, rule.key, revision=rule.revision, comment=text)
    return _("Version %(number)s is live.", number=made.live)


DEEDS: dict[str, Deed] = {
    "test": Deed(_tests, ""),
    "submit": Deed(
        lambda ctx, rule, text: life.submit(ctx, rule.key, revision=rule.revision, comment=text),
        marked("Submitted: somebody else has to approve it."),
    ),
    "approve": Deed(
        lambda ctx, rule, text: life.approve(ctx, rule.key, revision=rule.revision, comment=text),
        marked("Approved."),
    ),
    "reject": Deed(
        lambda ctx, rule, text: life.reject(ctx, rule.key, revision=rule.revision, reason=text),
        marked("Sent back: it is a draft again."),
    ),
    "publish": Deed(_publish, ""),
    "schedule": Deed(_schedule, ""),
    "pause": Deed(
        lambda ctx, rule, text: life.pause(ctx, rule.key, revision=rule.revision, reason=text),
        marked("Paused: it does nothing until it is resumed."),
    ),
    "resume": Deed(
        lambda ctx, rule, text: life.resume(ctx, rule.key, revision=rule.revision, comment=text),
        marked("Resumed: it works again."),
    ),
    "rollback": Deed(_rollback, ""),
    "retire": Deed(
        lambda ctx, rule, text: life.retire(ctx, rule.key, revision=rule.revision, reason=text),
        marked("Retired: it is out of service."),
    ),
    "delete": Deed(
        lambda ctx, rule, text: drafts.delete(ctx, rule.key, revision=rule.revision, reason=text),
        marked("Deleted."),
        "rules",
    ),
}
"""What each step of `STEPS` does."""


@blueprint.post("/rule/<key>/<step>")
@requires("rules.read")
def take_step(key: str, step: str) -> Response:
    """Take a step with a rule, as the form showed it; what is refused is said on the form."""
    ctx = current()
    if step not in DEEDS:
        raise NotFound(
            _(
                "there is no step %(step)s of a rule: choose from %(known)s",
                step=repr(step),
                known=", ".join(DEEDS),
            )
        )
    ctx.actor.require(STEPS[step].permission)
    store.find(ctx, key)
    text, deed = text_of("text"), DEEDS[step]
    try:
        said = deed.run(ctx, locked_as_read(ctx, key, text_of("mark")), text)
    except PitbossError as error:
        if is_missing(error):
            raise
        ctx.rollback()
        return rule_page(key, error.status, refusal=Refusal(step, sentence_of(error), text))
    arguments: dict[str, Any] = {"key": key} if deed.endpoint == "rule" else {}
    return done(said if isinstance(said, str) else deed.says, deed.endpoint, **arguments)


@blueprint.post("/rule/<key>/comments")
@requires("rules.read")
def add_comment(key: str) -> Response:
    """Say something about the newest version, as somebody who writes rules or approves them."""
    ctx = current()
    if not ctx.actor.may("rules.approve"):
        ctx.actor.require("rules.edit")
    store.find(ctx, key)
    text = text_of("text")
    try:
        drafts.comment(ctx, key, text)
    except InvalidInput as error:
        ctx.rollback()
        return rule_page(key, error.status, refusal=Refusal("comment", sentence_of(error), text))
    return done(_("Your comment is kept."), "rule", key=key)
