"""A rule's page: what it says, how it stands, what it came to, its versions and who did what with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.contracts import Event
from pitboss.core.http import current, requires
from pitboss.core.pictures import bars
from pitboss.core.texts import gettext as _
from pitboss.rules.admin.listing import mark_of
from pitboss.rules.admin.offers import offered, rollbacks
from pitboss.rules.admin.pages import asked, blueprint, event_titles, one_of, page
from pitboss.rules.alerts.counted import standings
from pitboss.rules.book import drafts, life, store
from pitboss.rules.book.compare import between
from pitboss.rules.book.diff import Change
from pitboss.rules.book.live import book_of
from pitboss.rules.book.saying import say
from pitboss.rules.book.schedule import is_in_effect, span
from pitboss.rules.book.store import Stored
from pitboss.rules.book.tables import Stage, State
from pitboss.rules.book.uses import uses_of
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import Effective, read_struct
from pitboss.rules.replay import reports
from pitboss.rules.replay.figures import Figures, budgets_of, day_starts, figures_of
from pitboss.rules.replay.uplift import Hoped
from pitboss.rules.segments.refresh import size_of

VERSIONS_SHOWN = 20
STEPS_SHOWN = 30
USES_SHOWN = 50
SIMULATIONS_SHOWN = 5
UPLIFT_DAYS = 90
WITHIN_DAYS = ("1", "3", "7", "14", "30")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that was refused: why, and what was typed, so that nothing of it is lost."""

    step: str
    said: str
    text: str = ""


@blueprint.get("/rule/<key>")
@requires("rules.read")
def rule(key: str) -> Response:
    """Show a rule."""
    return rule_page(key)


def rule_page(key: str, status: int = 200, *, refusal: Refusal | None = None) -> Response:
    """Render a rule's page, with what was refused on it."""
    ctx = current()
    found = store.find(ctx, key)
    head = store.version(ctx, key, found.head)
    at_work = store.version(ctx, key, found.live) if found.live and found.live != found.head else None
    document = (at_work or head).document
    warnings, beside = drafts.warnings_now(ctx, head)
    return page(
        "rule",
        status,
        rule=found,
        mark=mark_of(found),
        document=document,
        head=head,
        at_work=at_work,
        said=say(ctx, document),
        schedule=schedule_of(ctx, document, found),
        draft_schedule=span(effective_of(head.document), ctx.tenant.zone),
        draft=_draft(ctx, found, at_work),
        steps=offered(ctx, found),
        why_not_approve=life.why_not_approve(ctx, found) if found.stage == Stage.SUBMITTED else None,
        approvals=_approvals(ctx, found),
        rollbacks=rollbacks(ctx, found),
        warnings=warnings,
        beside=beside,
        tests=_tests(ctx, found),
        broken=book_of(ctx).why_broken().get(key),
        refusal=refusal,
        uses=uses_of(ctx, found, most=USES_SHOWN + 1)[:USES_SHOWN],
        versions=store.versions(ctx, key, limit=VERSIONS_SHOWN),
        history=store.steps(ctx, key, limit=STEPS_SHOWN),
        simulations=reports.listed(ctx, rule=key, limit=SIMULATIONS_SHOWN) if found.kind == "reward" else [],
        size=size_of(ctx, key) if found.kind == "segment" else None,
        standing=standings(ctx, [key])[key] if found.kind == "alert" else None,
        **_figures(ctx, found, document),
        **_uplift(ctx, found, document),
    )


# -- how it stands ---------------------------------------------------------------------------------


def effective_of(document: Mapping[str, Any]) -> Effective | None:
    """Return the schedule of a document."""
    said = document.get("effective")
    try:
        return read_struct(said, Effective) if said else None
    except Refused:
        return None


def schedule_of(ctx: Context, document: Mapping[str, Any], found: Stored) -> dict[str, Any]:
    """Return from when until when a rule works, and whether it does now."""
    effective, now = effective_of(document), ctx.clock.now()
    start, end = span(effective, ctx.tenant.zone)
    return {
        "from": start,
        "until": end,
        "waits": found.state == State.LIVE and start is not None and now < start,
        "is_over": found.state == State.LIVE and end is not None and now >= end,
        "is_on": found.state == State.LIVE and is_in_effect(effective, now, ctx.tenant.zone),
    }


def _draft(ctx: Context, found: Stored, at_work: store.Version | None) -> list[Change] | None:
    """Return what the newest version would change of what is live; None where there is nothing to compare."""
    return None if at_work is None else between(ctx, found.key, at_work.number, found.head)


def _approvals(ctx: Context, found: Stored) -> dict[str, Any] | None:
    """Return how many approvals the newest version has, where it waits for more than one."""
    needed = ctx.settings(life.PART)["approvals_required"]
    if found.stage != Stage.SUBMITTED or needed < 2:
        return None
    steps = store.steps(ctx, found.key, number=found.head)
    since = [step.step for step in steps]
    return {"given": since[: since.index("submitted")].count("approved"), "needed": needed}


def _tests(ctx: Context, found: Stored) -> Mapping[str, Any] | None:
    """Return what the tests of the newest version came to when they ran last."""
    steps = store.steps(ctx, found.key, number=found.head)
    return next((step.detail for step in steps if step.step in ("tested", "tests_failed")), None)


# -- what it came to -------------------------------------------------------------------------------


def _figures(ctx: Context, found: Stored, document: Mapping[str, Any]) -> dict[str, Any]:
    if found.kind != "reward":
        return {"figures": None, "picture": None, "budget": None}
    figures = figures_of(ctx, [found.key]).get(found.key, Figures())
    titles = [f"{at:%-d %b}: {count}" for at, count in zip(day_starts(ctx), figures.days, strict=True)]
    return {
        "figures": figures,
        "picture": bars(figures.days, titles, _("Matches a day")),
        "budget": budgets_of(ctx, [found], {found.key: document}).get(found.key),
    }


def _uplift(ctx: Context, found: Stored, document: Mapping[str, Any]) -> dict[str, Any]:
    """Measure what the rule gained against those held out, once somebody says by which event."""
    wanted = asked("by", "days")
    nothing: dict[str, Any] = {"measured": None, "uplift": None, "events": {}, "within": WITHIN_DAYS}
    if found.kind != "reward" or not document.get("holdout_percent"):
        return nothing
    events = event_titles(ctx)
    days = one_of(wanted["days"], WITHIN_DAYS) or "7"
    shown = {**nothing, "events": events, "measured": {"by": wanted["by"], "days": days}}
    if wanted["by"] not in events:
        return shown
    # Here, because Polars takes longer to load than the page.
    from pitboss.rules.replay.measured import measure

    until = ctx.clock.now()
    hoped = Hoped(event=ctx.view.term(wanted["by"], Event).name, within_days=int(days))
    from_ = until - timedelta(days=UPLIFT_DAYS)
    return {**shown, "uplift": measure(ctx, found.key, from_=from_, until=until, hoped=hoped)["uplift"]}


# -- versions --------------------------------------------------------------------------------------


@blueprint.get("/rule/<key>/versions")
@requires("rules.read")
def versions(key: str) -> Response:
    """Show any two versions of a rule side by side: what changed in words, and then to the letter."""
    ctx = current()
    found = store.find(ctx, key)
    listed = store.versions(ctx, key)
    numbers = [one.number for one in listed]
    old = _number("from", numbers, found.live or numbers[min(1, len(numbers) - 1)])
    new = _number("to", numbers, found.head)
    by_number = {one.number: one for one in listed}
    return page(
        "versions",
        rule=found,
        versions=listed,
        old=by_number[old],
        new=by_number[new],
        changes_said=between(ctx, key, old, new),
        said=say(ctx, by_number[new].document),
    )


def _number(name: str, numbers: list[int], otherwise: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 and int(text) in numbers else otherwise
