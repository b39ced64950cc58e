"""Alerts: those that are written, how each stands, and what fired."""

from __future__ import annotations

from werkzeug.wrappers import Response

from pitboss.core.http import current, requires
from pitboss.core.identity.naming import player_meant
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    names_of,
    page,
    rule_names,
)
from pitboss.rules.alerts import counted, fired
from pitboss.rules.book import store
from pitboss.rules.book.store import Filter

DEFINITIONS_SHOWN = 100
SEVERITIES = tuple(map(str, range(1, 11)))


@blueprint.get("/alerts")
@requires("rules.read")
def alerts() -> Response:
    """List the alerts with how they stand, then what fired, the newest first."""
    ctx, wanted = current(), asked("rule", "player", "severity")
    rules = store.list_rules(ctx, Filter(kind="alert"), limit=DEFINITIONS_SHOWN)
    player_id = player_meant(ctx, wanted["player"])
    found = fired.list_fired(
        ctx,
        rule=wanted["rule"] or None,
        player_id=player_id,
        severity_min=int(wanted["severity"]) if wanted["severity"] in SEVERITIES else 1,
        before=cursor(),
        limit=PAGE_ROWS + 1,
    )
    rows, following = cut(found)
    return page(
        "alerts",
        rules=rules,
        documents=store.documents(ctx, rules),
        standings=counted.standings(ctx, [rule.key for rule in rules]),
        rows=rows,
        next_cursor=following,
        asked=wanted,
        severities=SEVERITIES,
        players=names_of(ctx, [row.player_id for row in rows]),
        names={
            **{rule.key: rule.name or rule.key for rule in rules},
            **rule_names(ctx, [r.rule for r in rows]),
        },
    )
