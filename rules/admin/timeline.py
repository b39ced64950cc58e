"""What rules decided of a player, for the timeline of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Happening, Moment
from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped, spoken, translated
from pitboss.core.timeline import latest
from pitboss.rules.admin.pages import WORDS, rule_names
from pitboss.rules.replay.decided import amount_text
from pitboss.rules.runtime.tables import DecisionRow

_DECISION = DecisionRow.__table__


def timeline(ctx: Context, player_id: UUID, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield decisions, each with what came of it."""
    rows = latest(ctx, _DECISION, player_id, before, limit)
    names = rule_names(ctx, [row.rule for row in rows])
    for row in rows:
        amount = amount_text(ctx, row.amount, row.unit)
        paid = f", {grouped(amount)} {row.unit}" if amount else ""
        outcome = translated(WORDS[row.outcome]) if row.outcome in WORDS else spoken(row.outcome)
        yield Happening(
            Moment(row.at, row.id),
            _("Rule matched: %(rule)s", rule=names.get(row.rule) or row.rule),
            f"{outcome}{paid}",
            url_for("rules_admin.decision", decision_id=row.id),
            "gauge",
        )
