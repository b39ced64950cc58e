"""Find rules by a text, and decisions by their id, for the search of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Found
from pitboss.core.errors import NotFound
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.rules.book import store
from pitboss.rules.replay import decided

LOOKED_AT_MAX = 6


def find(ctx: Context, text: str) -> Iterator[Found]:
    """Yield the decision with that id, or the rules whose words hold the text."""
    try:
        found = decided.decision(ctx, UUID(text))
    except NotFound:
        return
    except ValueError:
        yield from _rules(ctx, text)
    else:
        url = url_for("rules_admin.decision", decision_id=found.id)
        yield Found(_("Decision of %(rule)s", rule=found.rule), url, spoken(found.outcome))


def _rules(ctx: Context, text: str) -> Iterator[Found]:
    for rule in store.list_rules(ctx, store.Filter(text=text), limit=LOOKED_AT_MAX):
        hint = f"{spoken(rule.kind)}, {spoken(rule.state).lower()}"
        yield Found(rule.name, url_for("rules_admin.rule", key=rule.key), hint)
