"""Write rules: each save is a new version, checked before anything of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.core.texts import in_each, of_each
from pitboss.rules.book import store
from pitboss.rules.book.checks import Checked, Formulas, check
from pitboss.rules.book.findings import BETWEEN, Found, doubts_now, findings
from pitboss.rules.book.problems import Problem, invalid
from pitboss.rules.book.store import COMMENT_LENGTH_MAX, Stored, Version
from pitboss.rules.book.tables import Stage, State

if TYPE_CHECKING:
    from pitboss.core.context import Context

SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to."""

    rule: Stored
    version: Version
    warnings: list[Found]
    is_new: bool
    """Whether there is a new version: what was saved already is not saved again."""


def create(ctx: Context, document: Any, *, message: str = "") -> Saved:
    """Write a new rule as a draft."""
    checked = refused_or(ctx, document)
    key = checked.document["key"]
    if store.look_up(ctx, key) is not None:
        raise Conflict(
            _("there is a rule %(key)s already: change that one, or choose another key", key=repr(key))
        )
    return write(ctx, checked, message=message)


def save(ctx: Context, key: str, document: Any, *, revision: int | None = None, message: str = "") -> Saved:
    """Write another version of a rule; what is live stays live until the new one is published."""
    store.locked(ctx, key, revision=revision)
    written = document.get("key", key) if isinstance(document, Mapping) else key
    if written != key:
        cause = _(
            "the rule is called %(key)s, and this says %(written)s: a rule keeps its key",
            key=repr(key),
            written=repr(written),
        )
        raise invalid([Problem("key", cause)], document, what=_("the rule cannot be saved"))
    document = {**document, "key": key} if isinstance(document, Mapping) else document
    return write(ctx, refused_or(ctx, document), message=message)


def refused_or(ctx: Context, document: Any, *, formulas: Formulas | None = None) -> Checked:
    """Return a document that passed the checks, or raise InvalidInput with every problem."""
    checked = check(ctx, document, formulas=formulas)
    if checked.problems:
        raise invalid(checked.problems, document, what=_("the rule cannot be saved"))
    return checked


def write(ctx: Context, checked: Checked, *, message: str = "") -> Saved:
    """Write what passed the checks as the newest version."""
    check_comment(message, "message")
    document = dict(checked.document)
    before = store.look_up(ctx, document["key"])
    doubts = in_each(lambda: findings(ctx, checked))
    warnings: list[Found] = of_each(doubts)
    if before is not None:
        before = store.locked(ctx, before.key)
        head = store.version(ctx, before.key, before.head)
        if head.document == document:
            return Saved(before, head, warnings, is_new=False)
    made, after = _written(ctx, before, document, message)
    detail = {"warnings": doubts}
    store.tell(ctx, SAVED, before=before, after=after, comment=message, detail=detail)
    return Saved(after, made, warnings, is_new=True)


def _written(
    ctx: Context, before: Stored | None, document: Mapping[str, Any], message: str
) -> tuple[Version, Stored]:
    key = document["key"]
    try:
        made = store.add_version(ctx, store.next_number(ctx, key), document, message=message)
        if before is None:
            return made, store.add_rule(ctx, made)
    except IntegrityError:
        raise Conflict(
            _("somebody else wrote a rule %(key)s at this moment: read it, then change it", key=repr(key))
        ) from None
    return made, store.move(ctx, before, newest=made, stage=Stage.DRAFT)


def warnings_of(ctx: Context, key: str, number: int) -> list[Found]:
    """Return what was doubtful about a version when it was saved, and what the engine got wrong since."""
    details = [step.detail for step in store.steps(ctx, key, number=number) if step.detail is not None]
    return [*_saved(details), *_judged(details)]


def warnings_now(ctx: Context, version: Version) -> tuple[list[Found], list[Found]]:
    """Return what is doubtful about a version now, and how it stood to other rules when it was saved."""
    steps = store.steps(ctx, version.key, number=version.number)
    details = [step.detail for step in steps if step.detail is not None]
    beside = [found for found in _saved(details) if found["kind"] in BETWEEN]
    return [*doubts_now(ctx, version.document), *_judged(details)], beside


def _saved(details: Sequence[Mapping[str, Any]]) -> list[Found]:
    return next((found["warnings"] for found in reversed(details) if "warnings" in found), [])


def _judged(details: Sequence[Mapping[str, Any]]) -> list[Found]:
    return next((found["findings"] for found in details if "findings" in found), [])


def delete(ctx: Context, key: str, *, revision: int | None = None, reason: str = "") -> None:
    """Remove a rule that was never live; its versions stay on record."""
    check_comment(reason, "reason")
    rule = store.locked(ctx, key, revision=revision)
    if rule.state != State.IDLE:
        raise Conflict(
            _("rule %(key)s has been live, and decisions name it: retire it instead", key=repr(key))
        )
    store.add_step(ctx, rule, "deleted", comment=reason)
    store.remove(ctx, key)
    audit.record(ctx, "rules.deleted", f"rule:{key}", old=rule.standing, reason=reason or None)
    payload = {"key": key, "kind": rule.kind, "step": "deleted", "version": rule.head}
    ctx.emit("rules.rule_changed", payload)


def comment(ctx: Context, key: str, text: str, *, number: int | None = None) -> None:
    """Say something about a version; the rule itself stays as it is."""
    check_comment(text, "comment", is_needed=True)
    rule = store.find(ctx, key)
    if number is not None:
        store.version(ctx, key, number)
    store.add_step(ctx, rule, "commented", number=number, comment=text)
    audit.record(ctx, "rules.commented", f"rule:{key}", new={"number": number or rule.head, "comment": text})


def check_comment(text: str, field: str, *, is_needed: bool = False) -> None:
    """Refuse a comment that says nothing where it has to, or is too long."""
    if is_needed and not text.strip():
        cause = _("say why: whoever reads the history needs to know")
        raise InvalidInput(f"{field}: {cause}", {field: [cause]})
    if len(text) > COMMENT_LENGTH_MAX:
        cause = _(
            "at most %(most)s characters, and this has %(count)s", most=COMMENT_LENGTH_MAX, count=len(text)
        )
        raise InvalidInput(f"{field}: {cause}", {field: [cause]})
