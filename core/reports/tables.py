"""Tables: reports that operators saved, and what was made of them by plan."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, Instant, TenantRow, uuid_id

NAME_LENGTH_MAX = 120
REPORT_LENGTH_MAX = 160


class SavedReport(TenantRow, Base):
    """A report that an operator looks at again, over the last days of each time."""

    __tablename__ = "saved_report"
    __table_args__ = (Index("ix_saved_report_due", "tenant_id", "next_at"),)

    id: Mapped[UUID] = uuid_id()
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    report: Mapped[str] = mapped_column(String(REPORT_LENGTH_MAX))
    days: Mapped[int]
    """How many whole days it spans: those before the day on which it is made."""
    format: Mapped[str] = mapped_column(String(8))
    cron: Mapped[str] = mapped_column(String(80), default="")
    """When it is made and its owner told; empty: only when somebody looks."""
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    owner_id: Mapped[UUID] = mapped_column(Uuid())
    made_at: Mapped[datetime] = mapped_column(Instant)


class ReportRun(TenantRow, Base):
    """A report as it was made at one time."""

    __tablename__ = "report_run"
    __table_args__ = (Index("ix_report_run_saved", "tenant_id", "saved_id", "id"),)

    id: Mapped[UUID] = uuid_id()
    saved_id: Mapped[UUID] = mapped_column(Uuid())
    report: Mapped[str] = mapped_column(String(REPORT_LENGTH_MAX))
    first: Mapped[date] = mapped_column(Date())
    last: Mapped[date] = mapped_column(Date())
    format: Mapped[str] = mapped_column(String(8))
    content: Mapped[bytes] = mapped_column(LargeBinary())
    made_at: Mapped[datetime] = mapped_column(Instant)
