"""The core's own reports: who came, and what money moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from pitboss.core.contracts import Report, ReportColumn
from pitboss.core.identity.tables import Player
from pitboss.core.ledger.tables import JournalRow, TransferRow
from pitboss.core.reports.reading import days_between
from pitboss.core.texts import translated

if TYPE_CHECKING:
    from pitboss.core.context import Context

_PLAYER = Player.__table__
_JOURNAL, _TRANSFER = JournalRow.__table__, TransferRow.__table__


def registrations(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each day how many players registered, and how many there were at its end."""
    zone, of_tenant = ctx.tenant.zone, _PLAYER.c.tenant_id == ctx.tenant.id
    query = select(_PLAYER.c.created_at).where(
        of_tenant, _PLAYER.c.created_at >= begins, _PLAYER.c.created_at < ends
    )
    new = Counter(at.astimezone(zone).date() for at in ctx.connection.scalars(query))
    before = select(func.count()).select_from(_PLAYER).where(of_tenant, _PLAYER.c.created_at < begins)
    total = int(ctx.connection.scalar(before) or 0)
    for day in days_between(begins, ends, zone):
        total += new[day]
        yield day, new[day], total


def money_moved(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each kind of operation how often it was posted, and what its transfers moved."""
    unit = ctx.tenant.currency
    query = (
        select(_JOURNAL.c.op, func.count(_JOURNAL.c.id.distinct()), func.sum(_TRANSFER.c.amount))
        .join(
            _TRANSFER,
            (_TRANSFER.c.tenant_id == _JOURNAL.c.tenant_id) & (_TRANSFER.c.journal_id == _JOURNAL.c.id),
        )
        .where(
            _JOURNAL.c.tenant_id == ctx.tenant.id,
            _JOURNAL.c.at >= begins,
            _JOURNAL.c.at < ends,
            _TRANSFER.c.currency == unit,
        )
        .group_by(_JOURNAL.c.op)
        .order_by(_JOURNAL.c.op)
    )
    for op, count, moved in ctx.connection.execute(query):
        yield translated(ctx.kernel.registry.title_of(op)), count, int(moved)


TERMS = (
    Report(
        name="core.registrations",
        title="Registrations",
        doc="New players of each day, and how many there were at its end.",
        columns=(
            ReportColumn("day", "Day", "day"),
            ReportColumn("new", "New players", "number"),
            ReportColumn("all", "Players at the end", "number", is_summed=False),
        ),
        rows=registrations,
        permission="core.players",
        chart=("new",),
        example=(date(2026, 12, 1), 12, 4_310),
    ),
    Report(
        name="core.money_moved",
        title="Money moved",
        doc="What the ledger posted: journals of each kind of operation, and the sum of their transfers.",
        columns=(
            ReportColumn("operation", "Operation"),
            ReportColumn("journals", "Journals", "number"),
            ReportColumn("moved", "Moved", "money"),
        ),
        rows=money_moved,
        permission="core.players",
        example=("deposit", 310, 1_250_000),
    ),
)
