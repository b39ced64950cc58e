"""What rules decided: the list, one decision with why, and all that was judged of one event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.http import current, requires
from pitboss.core.identity.naming import player_meant
from pitboss.core.texts import day
from pitboss.rules.admin.aloud import aloud
from pitboss.rules.admin.pages import (
    COLOURS,
    PAGE_ROWS,
    WORDS,
    asked,
    blueprint,
    cursor,
    cut,
    day_of,
    event_titles,
    names_of,
    one_of,
    page,
    rule_names,
)
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.catalogue import NOW, Variable
from pitboss.rules.engine.insight.wording import plain
from pitboss.rules.replay import decided, explaining
from pitboss.rules.replay.decided import Decision, Filter
from pitboss.rules.runtime.tables import Outcome

OTHERS_SHOWN = 25
OTHERS_JUDGED_MAX = 50
"""So many of the rules that did not match are explained, by priority: the nearest of them are shown."""


@blueprint.get("/decisions")
@requires("rules.read")
def decisions() -> Response:
    """List what was decided, the newest first."""
    ctx, wanted = current(), asked("rule", "player", "event", "outcome", "since", "until")
    found = decided.decisions(ctx, filter_of(ctx, wanted), before=cursor(), limit=PAGE_ROWS + 1)
    rows, following = cut(found)
    return page(
        "decisions",
        rows=rows,
        next_cursor=following,
        asked=wanted,
        outcomes=list(Outcome),
        events=event_titles(ctx),
        players=names_of(ctx, [row.player_id for row in rows]),
        names=rule_names(ctx, [row.rule for row in rows]),
    )


def filter_of(ctx: Context, wanted: dict[str, str]) -> Filter:
    """Return the filter of the address; a player whom nobody knows has no decisions."""
    return Filter(
        rule=wanted["rule"] or None,
        player_id=player_meant(ctx, wanted["player"]),
        event=wanted["event"] or None,
        outcome=one_of(wanted["outcome"], Outcome),
        from_=day_of(wanted["since"]),
        until=day_of(wanted["until"], after=1),
    )


@blueprint.get("/decisions/<uuid:decision_id>")
@requires("rules.read")
def decision(decision_id: UUID) -> Response:
    """Explain a decision: from the version that decided, on the facts as they were."""
    ctx = current()
    found = decided.decision(ctx, decision_id)
    judged = decided.look_up_judgement(ctx, found.event_id)
    names = rule_names(ctx, [found.rule])
    return page(
        "decision",
        judged=judged,
        events=event_titles(ctx),
        players=names_of(ctx, [found.player_id]),
        names=names,
        facts=facts_of(ctx, judged) if judged is not None else [],
        **explained(ctx, found, judged, names),
    )


def explained(
    ctx: Context, found: Decision, judged: decided.Judgement | None, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return a decision with its checks, its trace and what to say of it."""
    why = explaining.explained(ctx, found.rule, found.version, judged)
    checks = explaining.checks_of(ctx, found)
    return {
        "decision": found,
        "checks": checks,
        "explanation": why.explanation,
        "missing": why.missing,
        "aloud": aloud(found, names.get(found.rule, found.rule), checks, why.explanation),
    }


def why_of(ctx: Context, decision_id: UUID) -> Markup:
    """Return why a decision came to what it did, for the page of a plugin."""
    found = decided.decision(ctx, decision_id)
    judged = decided.look_up_judgement(ctx, found.event_id)
    told = explained(ctx, found, judged, rule_names(ctx, [found.rule]))
    return Markup(render_template("rules/_why.html", w=told, colours=COLOURS, wordings=WORDS))  # noqa: S704 - escaped


@blueprint.get("/judgements/<uuid:event_id>")
@requires("rules.read")
def judgement(event_id: UUID) -> Response:
    """Show all that was judged of an event: what matched, and why the other rules of then did not."""
    ctx = current()
    judged = decided.judgement(ctx, event_id)
    found = decided.decisions(ctx, Filter(event_id=event_id))
    others = explaining.others_of(ctx, judged, most=OTHERS_JUDGED_MAX)
    names = rule_names(ctx, [*(one.rule for one in found), *(one["key"] for one in others)])
    return page(
        "judgement",
        judged=judged,
        decisions=[explained(ctx, one, judged, names) for one in found],
        others=others[:OTHERS_SHOWN],
        other_count=len(others),
        is_part=len(others) >= OTHERS_JUDGED_MAX,
        events=event_titles(ctx),
        players=names_of(ctx, [judged.player_id]),
        names=names,
        facts=facts_of(ctx, judged),
    )


def facts_of(ctx: Context, judged: decided.Judgement) -> list[tuple[str, str]]:
    """Return what was known of an event, by title, as people read it."""
    words = book_of(ctx).words.of([judged.event] if judged.event in ctx.view.terms else [])
    found = []
    for name, value in judged.facts.items():
        known = words.variables.get(name)
        if known is None:
            found.append((name, str(value)))
        elif name != NOW:
            found.append((known.title or name, _shown(ctx, known, value)))
    return sorted(found, key=lambda pair: pair[0].lower())


def _shown(ctx: Context, known: Variable, value: Any) -> str:
    """Write what was recorded of a fact; an instant on the wall clock of the tenant, as everywhere."""
    if known.value_type == "instant":
        at = datetime.fromtimestamp(value, ctx.tenant.zone)
        return f"{day(at)}, {at:%H:%M}"
    return plain(frozenset(value) if isinstance(value, list) else value, known.value_type, known)
