"""The life of a rule: tested, simulated, submitted, approved by a second person, live, paused, retired.

Every step locks the rule, asks whether it may be taken, and is written down with who took it. What
could refuse is asked before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pitboss.core.errors import Conflict, Forbidden
from pitboss.core.texts import gettext as _
from pitboss.core.texts import in_each, spoken
from pitboss.rules.book import store
from pitboss.rules.book.agreement import ROW_PATH, disagreements, findings_of, wrong_backends
from pitboss.rules.book.calls import callers_of
from pitboss.rules.book.checks import Checked, check
from pitboss.rules.book.drafts import check_comment
from pitboss.rules.book.problems import invalid
from pitboss.rules.book.store import Stored, Version
from pitboss.rules.book.tables import Stage, State
from pitboss.rules.engine.insight.casebook import Outcome, run_cases
from pitboss.rules.engine.insight.examine import Finding
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.rule import AnyRule

if TYPE_CHECKING:
    from pitboss.core.context import Context

PART = "rules"
PEOPLE = ("operator", "system")
"""Who may approve: a key is not a second person, since its maker holds it."""
_WENT_LIVE = ("published", "rolled_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is about to be live: guards of `rules.publish` are asked about it."""

    key: str
    version: int
    document: Mapping[str, Any]
    rule: AnyRule

    @property
    def kind(self) -> str:
        """The kind of the rule."""
        return self.rule.kind


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests of a rule came to."""

    rule: Stored
    passed: bool
    cases: tuple[Outcome, ...]
    findings: tuple[Finding, ...] = ()
    """Where backends of the engine do not agree on the rule."""


# -- on the way to being live ----------------------------------------------------------------------


def run_tests(ctx: Context, key: str, *, revision: int | None = None) -> Tested:
    """Run the tests of the newest version, and keep what they came to."""
    before = store.locked(ctx, key, revision=revision)
    _refuse_published(before)
    checked = _readable(ctx, before)
    cases, findings = _run(checked), _disagreements(checked)
    # Where the row path itself is wrong, there is nothing left that could judge the rule.
    passed = all(case.passed for case in cases) and not any(f.severity == "error" for f in findings)
    stage = _stage_after_tests(ctx, before) if passed else Stage.DRAFT
    after = store.move(ctx, before, stage=stage)
    detail = {
        "passed": passed,
        "cases": in_each(lambda: as_json(_run(checked))),
        "findings": in_each(lambda: as_json(_disagreements(checked))) if findings else [],
    }
    store.tell(ctx, "tested" if passed else "tests_failed", before=before, after=after, detail=detail)
    return Tested(after, passed, cases, findings)


def record_simulation(ctx: Context, key: str, number: int, report_id: UUID) -> Stored:
    """Note that a version was simulated; the report is kept elsewhere."""
    before = store.locked(ctx, key)
    store.version(ctx, key, number)
    is_next = number == before.head and before.stage == Stage.TESTED
    after = store.move(ctx, before, stage=Stage.SIMULATED) if is_next else before
    detail = {"report": str(report_id)}
    store.tell(ctx, "simulated", before=before, after=after, number=number, detail=detail)
    return after


def submit(ctx: Context, key: str, *, revision: int | None = None, comment: str = "") -> Stored:
    """Ask for approval; the tests run again, because the words may have changed since."""
    check_comment(comment, "comment")
    before = store.locked(ctx, key, revision=revision)
    _refuse_published(before)
    if before.stage in (Stage.SUBMITTED, Stage.APPROVED):
        raise Conflict(
            _(
                "version %(number)s of rule %(key)s is %(stage)s already",
                number=before.head,
                key=repr(key),
                stage=_state(before.stage),
            )
        )
    _refuse_failing(before, _run(_readable(ctx, before)))
    _refuse_unsimulated(ctx, before)
    after = store.move(ctx, before, stage=Stage.SUBMITTED)
    store.tell(ctx, "submitted", before=before, after=after, comment=comment)
    return after


def approve(ctx: Context, key: str, *, revision: int | None = None, comment: str = "") -> Stored:
    """Approve what somebody else wrote and submitted; where two have to, the second makes it so."""
    check_comment(comment, "comment")
    before = store.locked(ctx, key, revision=revision)
    _refuse_unsubmitted(before)
    approvers = _refuse_same_person(ctx, before)
    needed = ctx.settings(PART)["approvals_required"]
    given = len(approvers) + 1
    is_enough = given >= needed
    after = store.move(ctx, before, stage=Stage.APPROVED if is_enough else Stage.SUBMITTED)
    detail = {"approvals": given, "needed": needed}
    store.tell(ctx, "approved", before=before, after=after, comment=comment, detail=detail)
    return after


def why_not_approve(ctx: Context, rule: Stored) -> str | None:
    """Return why the actor may not approve the newest version, or None when they may."""
    try:
        _refuse_unsubmitted(rule)
        _refuse_same_person(ctx, rule)
    except (Conflict, Forbidden) as refusal:
        return str(refusal)
    return None


def reject(ctx: Context, key: str, *, revision: int | None = None, reason: str) -> Stored:
    """Send a submitted version back to its author, with the reason."""
    check_comment(reason, "reason", is_needed=True)
    before = store.locked(ctx, key, revision=revision)
    if before.stage not in (Stage.SUBMITTED, Stage.APPROVED):
        raise Conflict(
            _(
                "version %(number)s of rule %(key)s is %(stage)s: nobody submitted it",
                number=before.head,
                key=repr(key),
                stage=_state(before.stage),
            )
        )
    after = store.move(ctx, before, stage=Stage.DRAFT)
    store.tell(ctx, "rejected", before=before, after=after, comment=reason)
    return after


# -- live --------------------------------------------------------------------------------------


def publish(ctx: Context, key: str, *, revision: int | None = None, comment: str = "") -> Stored:
    """Make the approved version live."""
    check_comment(comment, "comment")
    before = store.locked(ctx, key, revision=revision)
    if before.stage != Stage.APPROVED:
        cure = _("only an approved version can be published: test it, submit it, and have it approved")
        raise Conflict(_staged(before, cure))
    store.hold(ctx)
    version = store.version(ctx, key, before.head)
    checked = _allowed(ctx, version)
    _refuse_failing(before, _run(checked))
    row_path, told = _row_path(checked)
    moved: dict[str, Any] = {
        "stage": Stage.PUBLISHED,
        "state": State.LIVE,
        "live": before.head,
        "row_path": row_path,
    }
    after = store.move(ctx, before, **moved)
    detail = {"live_before": before.live, **told}
    store.tell(ctx, "published", before=before, after=after, comment=comment, detail=detail)
    store.touch(ctx)
    return after


def rollback(ctx: Context, key: str, number: int, *, revision: int | None = None, reason: str) -> Stored:
    """Publish a version that was live before, as a new one; it was approved then."""
    check_comment(reason, "reason", is_needed=True)
    before = store.locked(ctx, key, revision=revision)
    old = store.version(ctx, key, number)
    if before.state == State.LIVE and before.live == number:
        raise Conflict(
            _("version %(number)s of rule %(key)s is the one that is live", number=number, key=repr(key))
        )
    if not _was_live(ctx, key, number):
        cure = _("only what was approved and published once can come back: publish it the usual way")
        raise Conflict(
            _(
                "version %(number)s of rule %(key)s was never live: %(cure)s",
                number=number,
                key=repr(key),
                cure=cure,
            )
        )
    store.hold(ctx)
    row_path, told = _row_path(_allowed(ctx, old))
    made = store.add_version(
        ctx, store.next_number(ctx, key), old.document, message=reason, copy_of=old.number
    )
    moved: dict[str, Any] = {
        "stage": Stage.PUBLISHED,
        "state": State.LIVE,
        "live": made.number,
        "row_path": row_path,
    }
    after = store.move(ctx, before, newest=made, **moved)
    detail = {"live_before": before.live, "copy_of": number, **told}
    store.tell(ctx, "rolled_back", before=before, after=after, comment=reason, detail=detail)
    store.touch(ctx)
    return after


def pause(ctx: Context, key: str, *, revision: int | None = None, reason: str = "") -> Stored:
    """Have a live rule do nothing until it is resumed."""
    return _leave(ctx, key, State.PAUSED, "paused", revision=revision, reason=reason)


def retire(ctx: Context, key: str, *, revision: int | None = None, reason: str = "") -> Stored:
    """Take a rule out of service for good; its history stays, and a version of it may be rolled back to."""
    return _leave(ctx, key, State.RETIRED, "retired", revision=revision, reason=reason)


def resume(ctx: Context, key: str, *, revision: int | None = None, comment: str = "") -> Stored:
    """Let a paused rule work again; guards are asked as when it was published."""
    check_comment(comment, "comment")
    before = store.locked(ctx, key, revision=revision)
    if before.state != State.PAUSED or before.live is None:
        raise Conflict(
            _(
                "rule %(key)s is %(state)s: only a paused rule can be resumed",
                key=repr(key),
                state=_state(before.state),
            )
        )
    store.hold(ctx)
    row_path, told = _row_path(_allowed(ctx, store.version(ctx, key, before.live)))
    after = store.move(ctx, before, state=State.LIVE, row_path=row_path)
    store.tell(ctx, "resumed", before=before, after=after, number=before.live, comment=comment, detail=told)
    store.touch(ctx)
    return after


def once_live(ctx: Context, key: str) -> list[int]:
    """Return the versions that were live at some time, and may come back: the newest first."""
    return store.numbers_with(ctx, key, _WENT_LIVE)


def _leave(ctx: Context, key: str, state: State, step: str, *, revision: int | None, reason: str) -> Stored:
    check_comment(reason, "reason")
    before = store.locked(ctx, key, revision=revision)
    leaving = (State.LIVE, State.PAUSED) if state == State.RETIRED else (State.LIVE,)
    if before.state not in leaving:
        raise Conflict(
            _(
                "rule %(key)s is %(state)s: only a live rule can be %(step)s",
                key=repr(key),
                state=_state(before.state),
                step=_state(step),
            )
        )
    store.hold(ctx)
    _refuse_needed(ctx, before, step)
    number = before.live
    live = None if state == State.RETIRED else number
    after = store.move(ctx, before, state=state, live=live)
    store.tell(ctx, step, before=before, after=after, number=number, comment=reason)
    store.touch(ctx)
    return after


# -- what may be refused ---------------------------------------------------------------------------


def _allowed(ctx: Context, version: Version) -> Checked:
    """Return a version that can be live now, or raise what stands in the way; guards are asked last."""
    checked = check(ctx, version.document)
    problems = (*checked.problems, *checked.unavailable)
    if problems or checked.rule is None:
        what = _(
            "version %(number)s of rule %(key)s cannot be live", number=version.number, key=repr(version.key)
        )
        raise invalid(problems, version.document, what=what)
    ctx.guard(
        "rules.publish",
        Publication(
            key=version.key, version=version.number, document=dict(version.document), rule=checked.rule
        ),
    )
    return checked


def _readable(ctx: Context, rule: Stored) -> Checked:
    version = store.version(ctx, rule.key, rule.head)
    checked = check(ctx, version.document)
    if checked.problems:
        what = _(
            "version %(number)s of rule %(key)s can no longer be read", number=rule.head, key=repr(rule.key)
        )
        raise invalid(checked.problems, version.document, what=what)
    return checked


def _run(checked: Checked) -> tuple[Outcome, ...]:
    assert checked.program is not None, "what has no problems is compiled"
    return tuple(run_cases(checked.program))


def _disagreements(checked: Checked) -> tuple[Finding, ...]:
    assert checked.program is not None, "what has no problems is compiled"
    return tuple(disagreements(checked.program))


def _row_path(checked: Checked) -> tuple[list[str] | None, dict[str, Any]]:
    """Return which backends a rule is kept out of, and what to tell; refuse what the row path gets wrong."""
    assert checked.program is not None, "what has no problems is compiled"
    wrong = wrong_backends(checked.program)
    if ROW_PATH in wrong:
        found = wrong[ROW_PATH]
        cause = _(
            "rule %(key)s cannot be judged: for %(facts)s %(part)s is %(got)s and should be %(expected)s: "
            "report it",
            key=repr(checked.program.key),
            facts=dict(found.facts),
            part=found.part,
            got=found.got,
            expected=found.expected,
        )
        raise Conflict(cause)
    key = checked.program.key
    return sorted(wrong) or None, {"findings": in_each(lambda: as_json(findings_of(key, wrong)))}


def _stage_after_tests(ctx: Context, rule: Stored) -> str:
    """Return the stage of a version whose tests pass: no earlier than it was."""
    if rule.stage not in (Stage.DRAFT, Stage.TESTED):
        return rule.stage
    return Stage.SIMULATED if _is_simulated(ctx, rule) else Stage.TESTED


def _state(name: str) -> str:
    """Say a state, a stage or a step within a sentence."""
    return spoken(name).lower()


def _staged(rule: Stored, cure: str) -> str:
    """Say that a version is not far enough for a step."""
    return _(
        "version %(number)s of rule %(key)s is %(stage)s: %(cure)s",
        number=rule.head,
        key=repr(rule.key),
        stage=_state(rule.stage),
        cure=cure,
    )


def _refuse_published(rule: Stored) -> None:
    if rule.stage == Stage.PUBLISHED:
        raise Conflict(
            _(
                "version %(number)s of rule %(key)s was published: save a new version first",
                number=rule.head,
                key=repr(rule.key),
            )
        )


def _refuse_failing(rule: Stored, cases: tuple[Outcome, ...]) -> None:
    failing = [case for case in cases if not case.passed]
    if failing:
        said = "; ".join(f"{case.name}: {case.sentence}" for case in failing[:3])
        raise Conflict(
            _(
                "%(count)s of %(total)s tests of rule %(key)s fail: %(why)s",
                count=len(failing),
                total=len(cases),
                key=repr(rule.key),
                why=said,
            )
        )


def _refuse_unsimulated(ctx: Context, rule: Stored) -> None:
    if ctx.settings(PART)["simulation_required"] and not _is_simulated(ctx, rule):
        cause = _(
            "version %(number)s of rule %(key)s was not simulated: this tenant wants each version "
            "simulated before it is submitted",
            number=rule.head,
            key=repr(rule.key),
        )
        raise Conflict(cause)


def _refuse_unsubmitted(rule: Stored) -> None:
    if rule.stage != Stage.SUBMITTED:
        cure = _("only what was submitted can be approved")
        raise Conflict(_staged(rule, cure))


def _refuse_same_person(ctx: Context, rule: Stored) -> list[str]:
    """Return who approved already; refuse the author, who submitted, and who approved before."""
    who = ctx.actor.label
    if ctx.actor.kind not in PEOPLE:
        raise Forbidden(
            _("rules are approved by a person: sign in as an operator, an API key cannot approve")
        )
    version = store.version(ctx, rule.key, rule.head)
    named = _("version %(number)s of rule %(key)s", number=rule.head, key=repr(rule.key))
    if who == version.author:
        raise Forbidden(_("you wrote %(version)s, so somebody else has to approve it", version=named))
    submitter, approvers = _submission(ctx, rule)
    if who == submitter:
        raise Forbidden(_("you submitted %(version)s, so somebody else has to approve it", version=named))
    if who in approvers:
        raise Forbidden(
            _("you approved %(version)s already, so somebody else has to be the second", version=named)
        )
    return approvers


def _submission(ctx: Context, rule: Stored) -> tuple[str, list[str]]:
    """Return who submitted the newest version last, and who approved it since."""
    approvers: list[str] = []
    for step in store.steps(ctx, rule.key, number=rule.head):
        if step.step == "submitted":
            return step.actor, approvers
        if step.step == "approved":
            approvers.append(step.actor)
    return "", approvers


def _is_simulated(ctx: Context, rule: Stored) -> bool:
    return any(step.step == "simulated" for step in store.steps(ctx, rule.key, number=rule.head))


def _was_live(ctx: Context, key: str, number: int) -> bool:
    found = store.steps(ctx, key, number=number)
    return any(step.step in _WENT_LIVE for step in found)


def _refuse_needed(ctx: Context, rule: Stored, step: str) -> None:
    """Refuse to take a formula away from live rules that call it."""
    if rule.kind != "formula":
        return
    callers = callers_of(rule.key, store.live_documents(ctx))
    if callers:
        raise Conflict(
            _(
                "the formula %(key)s cannot be %(step)s: live rules call it: %(callers)s",
                key=repr(rule.key),
                step=_state(step),
                callers=", ".join(callers),
            )
        )
