"""Reports of betting: what was staked, and what was left of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Report, ReportColumn
from pitboss.core.facts import totals_by_day
from pitboss.core.reports import days_between
from pitboss.plugins.betting.facts.keeping import NET_LOSS, STAKE


def turnover(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each day what players staked, and what they lost of what was settled on it."""
    staked = totals_by_day(ctx, STAKE, begins, ends)
    lost = totals_by_day(ctx, NET_LOSS, begins, ends)
    for day in days_between(begins, ends, ctx.tenant.zone):
        stake, count = staked.get(day, (0, 0))
        won, _ = lost.get(day, (0, 0))
        yield day, count, stake, won


TERMS = (
    Report(
        name="betting.turnover",
        title="Betting turnover",
        doc="Own stakes of players by the day they were accepted, pools included, and gross win by the day "
        "of settlement: stakes less returns. Free stakes are not turnover.",
        columns=(
            ReportColumn("day", "Day", "day"),
            ReportColumn("bets", "Bets", "number"),
            ReportColumn("staked", "Staked", "money"),
            ReportColumn("gross_win", "Gross win", "money"),
        ),
        rows=turnover,
        permission="betting.read",
        chart=("staked", "gross_win"),
        example=(date(2026, 12, 1), 1_204, 2_310_050, 140_220),
    ),
)
