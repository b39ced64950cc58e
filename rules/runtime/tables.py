"""The tables of rules at work: what was judged, what was decided, and how much is used up."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import UNCHANGED, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id
from pitboss.rules.book.tables import KEY_LENGTH_MAX


class Outcome(StrEnum):
    """What became of a rule that matched."""

    DONE = "done"
    """Its actions were done."""
    HELD_OUT = "held_out"
    """The player is in the holdout, and gets nothing on purpose."""
    CAPPED = "capped"
    """The player had it as often as the rule allows, or too short a time ago."""
    OUT_OF_BUDGET = "out_of_budget"
    EXCLUDED = "excluded"
    """Another rule of its exclusive group was taken."""
    NOTHING = "nothing"
    """The amount came to nothing."""
    REFUSED = "refused"
    """A guard said no."""
    UNDONE = "undone"
    """Its actions were done, and taken back because the event behind them was."""


class JudgementRow(TenantRow, Base):
    """An event that rules were judged on, with the facts as they were: it explains, and is replayed."""

    __tablename__ = "rules_judgement"
    __table_args__ = (
        Index("ix_rules_judgement_event", "tenant_id", "event", "at"),
        Index("ix_rules_judgement_player", "tenant_id", "player_id", "id"),
        {"info": UNCHANGED},
    )

    id: Mapped[UUID] = uuid_id()
    """The id of the event."""
    event: Mapped[str] = mapped_column(String(80))
    player_id: Mapped[UUID | None] = mapped_column(Uuid())
    revision: Mapped[int]
    """Of the rulebook that judged it."""
    facts: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """What was known, by the full names of the variables; money in major units."""
    at: Mapped[datetime] = mapped_column(Instant)


class DecisionRow(TenantRow, Base):
    """What was decided of one rule that matched one event."""

    __tablename__ = "rules_decision"
    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id", "rule"),
        Index("ix_rules_decision_rule", "tenant_id", "rule", "id"),
        Index("ix_rules_decision_player", "tenant_id", "player_id", "id"),
        # Rows come in the order of time: so small an index finds a day, and costs a write next to nothing.
        Index("ix_rules_decision_at", "at", postgresql_using="brin"),
    )

    id: Mapped[UUID] = uuid_id()
    event_id: Mapped[UUID] = mapped_column(Uuid())
    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    version: Mapped[int]
    player_id: Mapped[UUID | None] = mapped_column(Uuid())
    outcome: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int | None] = mapped_column(MinorUnits)
    """What was paid, or would have been."""
    unit: Mapped[str | None] = mapped_column(String(16))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    """Why not, and what each action answered."""
    at: Mapped[datetime] = mapped_column(Instant)


class DayRow(TenantRow, Base):
    """What became of one rule on a day that is over, by the unit that it paid in; summed again each hour."""

    __tablename__ = "rules_day"

    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    """Empty in the row that says that the day is summed."""
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """On the calendar of the tenant."""
    unit: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Empty where nothing is paid."""
    hits: Mapped[int]
    given: Mapped[int]
    refused: Mapped[int]
    paid: Mapped[int] = mapped_column(MinorUnits)


class UseRow(TenantRow, Base):
    """How often a player had a rule in the present period."""

    __tablename__ = "rules_use"

    rule: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    period_start: Mapped[datetime] = mapped_column(Instant)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)


class BudgetRow(TenantRow, Base):
    """What of a budget is spent in one period; it never exceeds what there is."""

    __tablename__ = "rules_budget"
    __table_args__ = (CheckConstraint("spent >= 0 AND spent <= total", name="never_over"),)

    owner: Mapped[str] = mapped_column(String(80), primary_key=True)
    """`rule:<key>`, or `campaign:<key>`."""
    period_start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    total: Mapped[int] = mapped_column(MinorUnits)
    spent: Mapped[int] = mapped_column(MinorUnits)
    is_told: Mapped[bool] = mapped_column(default=False)
    """Whether it was told that it could not pay."""
