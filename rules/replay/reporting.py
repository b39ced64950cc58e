"""The report of what rules gave: how often, how much, and how often not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from pitboss.core.context import Context
from pitboss.core.contracts import Report, ReportColumn
from pitboss.rules.runtime.tables import DecisionRow, Outcome

_DECISION = DecisionRow.__table__


def what_rules_gave(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each rule and unit what was decided: done, and not done."""
    is_done = _DECISION.c.outcome == Outcome.DONE
    query = (
        select(
            _DECISION.c.rule,
            _DECISION.c.unit,
            func.sum(case((is_done, 1), else_=0)),
            func.sum(case((is_done, 0), else_=1)),
            func.sum(case((is_done, func.coalesce(_DECISION.c.amount, 0)), else_=0)),
        )
        .where(_DECISION.c.tenant_id == ctx.tenant.id, _DECISION.c.at >= begins, _DECISION.c.at < ends)
        .group_by(_DECISION.c.rule, _DECISION.c.unit)
        .order_by(_DECISION.c.rule)
    )
    own = ctx.tenant.currency
    for rule, unit, done, not_done, amount in ctx.connection.execute(query):
        paid, given = (int(amount), None) if unit == own else (None, int(amount))
        yield rule, int(done), int(not_done), paid, unit or "", given


TERMS = (
    Report(
        name="rules.given",
        title="What rules gave",
        doc="Decisions of each rule: rewards that were done, those that were not (caps, budgets, holdout, "
        "refusals), and what was paid, in money or in another unit.",
        columns=(
            ReportColumn("rule", "Rule"),
            ReportColumn("done", "Done", "number"),
            ReportColumn("not_done", "Not done", "number"),
            ReportColumn("paid", "Paid", "money"),
            ReportColumn("unit", "Unit"),
            ReportColumn("given", "Given in that unit", "number", is_summed=False),
        ),
        rows=what_rules_gave,
        permission="rules.read",
        example=("weekly-cashback", 310, 24, 155_000, "GBP", None),
    ),
)
