"""The report of what came in and went out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Report, ReportColumn
from pitboss.core.facts import totals_by_day
from pitboss.core.reports import days_between


def flow(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each day deposits and withdrawals that were completed, and what was taken back of either."""
    paid_in = totals_by_day(ctx, "payments.deposit", begins, ends)
    paid_out = totals_by_day(ctx, "payments.withdrawal", begins, ends)
    taken_back = totals_by_day(ctx, "payments.reversal", begins, ends)
    for day in days_between(begins, ends, ctx.tenant.zone):
        deposits, deposit_count = paid_in.get(day, (0, 0))
        withdrawals, withdrawal_count = paid_out.get(day, (0, 0))
        back, _ = taken_back.get(day, (0, 0))
        yield (
            day,
            deposit_count,
            deposits,
            withdrawal_count,
            withdrawals,
            back,
            deposits - withdrawals - back,
        )


TERMS = (
    Report(
        name="payments.flow",
        title="Money in and out",
        doc="Completed deposits and withdrawals of each day, in the tenant's currency, "
        "and what was taken back.",
        columns=(
            ReportColumn("day", "Day", "day"),
            ReportColumn("deposits", "Deposits", "number"),
            ReportColumn("deposited", "Paid in", "money"),
            ReportColumn("withdrawals", "Withdrawals", "number"),
            ReportColumn("withdrawn", "Paid out", "money"),
            ReportColumn("reversed", "Taken back", "money"),
            ReportColumn("net", "Net", "money"),
        ),
        rows=flow,
        permission="payments.read",
        chart=("deposited", "withdrawn"),
        example=(date(2026, 12, 1), 40, 200_000, 12, 90_000, 1_000, 109_000),
    ),
)
