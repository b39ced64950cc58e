"""What may be done with a rule as it stands, by whom, and what is said before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.rules.book import life
from pitboss.rules.book.store import Stored
from pitboss.rules.book.tables import Stage, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as its form shows it."""

    title: str
    permission: str
    effect: str
    label: str = marked("Comment")
    """What the text of the form is called."""
    is_needed: bool = False
    """The text may not be left empty."""
    kind: str = ""
    """How the button looks: primary, danger or plain."""


STEPS: dict[str, Step] = {
    "test": Step(
        title=marked("Run its tests"),
        permission="rules.edit",
        effect=marked("The tests of the newest version run now, and what they came to is kept."),
    ),
    "submit": Step(
        title=marked("Submit for approval"),
        permission="rules.edit",
        effect=marked(
            "Its tests run again. Then somebody else than you has to approve it before it can go live."
        ),
        kind="primary",
    ),
    "approve": Step(
        title=marked("Approve"),
        permission="rules.approve",
        effect=marked("It can then be published. What is live stays as it is until then."),
        kind="primary",
    ),
    "reject": Step(
        title=marked("Send back"),
        permission="rules.approve",
        effect=marked("It is a draft again, and its author sees your reason."),
        label=marked("Reason"),
        is_needed=True,
    ),
    "publish": Step(
        title=marked("Publish"),
        permission="rules.publish",
        effect=marked(
            "It works at once and for all players, within its schedule. An earlier version makes way."
        ),
        kind="primary",
    ),
    "schedule": Step(
        title=marked("Change the schedule"),
        permission="rules.edit",
        effect=marked(
            "This writes a new version, which has to be approved. What is live stays as it is until then."
        ),
        label=marked("Why"),
    ),
    "pause": Step(
        title=marked("Pause"),
        permission="rules.publish",
        effect=marked("It does nothing from now on, until somebody resumes it. What it gave stays."),
        label=marked("Reason"),
    ),
    "resume": Step(
        title=marked("Resume"),
        permission="rules.publish",
        effect=marked("It works again at once. Guards are asked as when it was published."),
        kind="primary",
    ),
    "rollback": Step(
        title=marked("Roll back"),
        permission="rules.publish",
        effect=marked(
            "The version you choose is published again at once, as a new one. It was approved before."
        ),
        label=marked("Reason"),
        is_needed=True,
    ),
    "retire": Step(
        title=marked("Retire"),
        permission="rules.publish",
        effect=marked(
            "It is taken out of service for good. Its history stays, and an old version can come back."
        ),
        label=marked("Reason"),
        kind="danger",
    ),
    "delete": Step(
        title=marked("Delete"),
        permission="rules.edit",
        effect=marked("It was never live, so it disappears from the list. Its versions stay on record."),
        label=marked("Reason"),
        kind="danger",
    ),
}
"""The steps, in the order in which they are offered."""


def offered(ctx: Context, rule: Stored) -> dict[str, Step]:
    """Return the steps that the actor may take with a rule now."""
    possible = set(_possible(ctx, rule))
    return {name: step for name, step in STEPS.items() if name in possible and ctx.actor.may(step.permission)}


def _possible(ctx: Context, rule: Stored) -> Iterator[str]:
    yield "schedule"
    yield from _towards_live(ctx, rule)
    if rule.state == State.IDLE:
        yield "delete"
    if rule.state in (State.LIVE, State.PAUSED):
        yield "retire"
    yield from {State.LIVE: ("pause",), State.PAUSED: ("resume",)}.get(State(rule.state), ())
    if rollbacks(ctx, rule):
        yield "rollback"


def _towards_live(ctx: Context, rule: Stored) -> Iterator[str]:
    if rule.stage != Stage.PUBLISHED:
        yield "test"
    if rule.stage in (Stage.DRAFT, Stage.TESTED, Stage.SIMULATED):
        yield "submit"
    if rule.stage in (Stage.SUBMITTED, Stage.APPROVED):
        yield "reject"
    if rule.stage == Stage.APPROVED:
        yield "publish"
    if rule.stage == Stage.SUBMITTED and life.why_not_approve(ctx, rule) is None:
        yield "approve"


def rollbacks(ctx: Context, rule: Stored) -> list[int]:
    """Return the versions that a rule can be rolled back to, the newest first."""
    if rule.state == State.IDLE:
        return []
    at_work = rule.live if rule.state == State.LIVE else None
    return [number for number in life.once_live(ctx, rule.key) if number != at_work]
