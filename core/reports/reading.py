"""Read a report over a span of whole days of the tenant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pitboss.core.contracts import Report, ReportColumn
from pitboss.core.errors import Forbidden, InvalidInput, NotFound, nearest

if TYPE_CHECKING:
    from pitboss.core.context import Context

SPAN_DAYS_MAX = 366
ROWS_MAX = 10_000
"""A report is read by people; what has more rows belongs into an export."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, the last one included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput(
                f"last: {self.last} is before {self.first}: a span ends after it begins",
                {"last": ["Before the first day."]},
            )
        if (self.last - self.first).days >= SPAN_DAYS_MAX:
            raise InvalidInput(
                f"first: {self.first} to {self.last} is too long: ask for up to {SPAN_DAYS_MAX} days",
                {"first": ["Too long a span."]},
            )

    @classmethod
    def before(cls, today: date, days: int) -> Span:
        """Return so many whole days before a day.

        >>> Span.before(date(2026, 12, 1), 7)
        Span(first=datetime.date(2026, 11, 24), last=datetime.date(2026, 11, 30))
        """
        return cls(today - timedelta(days=days), today - timedelta(days=1))

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins, and the first instant after it."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Table:
    """A report as it was read."""

    report: Report
    span: Span
    rows: list[tuple[Any, ...]]
    is_cut: bool
    """Whether there were more rows than a report holds."""

    @property
    def totals(self) -> list[int | None]:
        """Return the sums of the columns that can be summed."""
        return [
            sum(row[place] or 0 for row in self.rows)
            if column.is_summed and column.type in ("number", "money")
            else None
            for place, column in enumerate(self.report.columns)
        ]

    def drawn(self) -> list[tuple[ReportColumn, list[float]]]:
        """Return the columns that are drawn, and their values, oldest first."""
        places = {column.name: place for place, column in enumerate(self.report.columns)}
        return [
            (self.report.columns[places[name]], [float(row[places[name]] or 0) for row in self.rows])
            for name in self.report.chart
        ]


def reports_of(ctx: Context) -> Mapping[str, Report]:
    """Return the reports that the actor may read, by name."""
    return {report.name: report for report in _contributed(ctx) if ctx.actor.may(report.permission)}


def find_report(ctx: Context, name: str) -> Report:
    """Return a report of the tenant's plugins, whoever may read it."""
    known = {report.name: report for report in _contributed(ctx)}
    if name not in known:
        raise NotFound(f"no report {name!r}: {nearest(name, list(known))}")
    return known[name]


def read(ctx: Context, name: str, span: Span) -> Table:
    """Read a report that the actor may read."""
    report = find_report(ctx, name)
    if not ctx.actor.may(report.permission):
        raise Forbidden(f"reading {name} takes the permission {report.permission}")
    return read_for(ctx, report, span)


def read_for(ctx: Context, report: Report, span: Span) -> Table:
    """Read a report for somebody who may: whoever calls has looked."""
    begins, ends = span.instants(ctx.tenant.zone)
    rows = list(islice(report.rows(ctx, begins, ends), ROWS_MAX + 1))
    return Table(report, span, rows[:ROWS_MAX], len(rows) > ROWS_MAX)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def days_between(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the days of a span, for reports that have a row for each."""
    day, last = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    while day < last:
        yield day
        day += timedelta(days=1)


def _contributed(ctx: Context) -> Iterator[Report]:
    terms = (owned.item for owned in ctx.view.terms.values())
    found = [term for term in terms if isinstance(term, Report)]
    return iter(sorted(found, key=lambda report: report.title))
