"""Alerts: those that are written, how each stands, and what fired."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from pitboss.core.http import current, requires
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    names_of,
    page,
    player_named,
    rule_names,
)
from pitboss.rules.alerts import counted, fired
from pitboss.rules.book import store
from pitboss.rules.book.store import Filter

DEFINITIONS_SHOWN = 100
SEVERITIES = tuple(map(str, range(1, 11)))
_NOBODY = UUID(int=0)


@blueprint.get("/alerts")
@requires("rules.read")
def alerts() -> Response:
    """List the alerts with how they stand, then what fired, the newest first."""
    ctx, wanted = current(), asked("rule", "player", "severity")
    rules = store.list_rules(ctx, Filter(kind="alert"), limit=DEFINITIONS_SHOWN)
    player_id = (player_named(ctx, wanted["player"]) or _NOBODY) if wanted["player"] else None
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
