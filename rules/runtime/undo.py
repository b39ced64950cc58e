"""Take back what rules did for an event that was itself taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy import Row, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause
from pitboss.rules.book.tables import VersionRow
from pitboss.rules.engine.rule import Reward, read_rule
from pitboss.rules.runtime.budgets import give_back
from pitboss.rules.runtime.periods import period_start
from pitboss.rules.runtime.tables import DecisionRow, Outcome
from pitboss.rules.runtime.uses import give_back_use

_DECISION, _VERSION = DecisionRow.__table__, VersionRow.__table__


class Undo(Schema):
    """Parameters of `rules.undo_event`."""

    event_id = fields.UUID(required=True)


def undo_event(ctx: Context, event_id: UUID) -> int:
    """Undo every decision that was done for an event, once; return how many."""
    taken_back = (
        update(_DECISION)
        .where(
            _DECISION.c.tenant_id == ctx.tenant.id,
            _DECISION.c.event_id == event_id,
            _DECISION.c.outcome == Outcome.DONE,
        )
        .values(outcome=Outcome.UNDONE)
        .returning(_DECISION)
    )
    rows = sorted(ctx.connection.execute(taken_back).all(), key=lambda row: row.id, reverse=True)
    for row in rows:
        _undo(ctx, row)
    return len(rows)


def _undo(ctx: Context, row: Row[Any]) -> None:
    subject = ctx.subject
    ctx.subject, ctx.cause = row.player_id, Cause(row.id, row.rule, row.version, row.event_id)
    try:
        for done in reversed(row.detail["actions"]):
            undo = ctx.view.term(done["action"], Action).undo
            if undo is not None:
                undo(ctx, ctx.cause)
    finally:
        ctx.subject, ctx.cause = subject, None
    _release(ctx, row)


def _release(ctx: Context, row: Row[Any]) -> None:
    """Give back what the decision took of the player's uses and of the budget."""
    document = ctx.connection.scalar(
        select(_VERSION.c.document).where(
            _VERSION.c.tenant_id == ctx.tenant.id,
            _VERSION.c.key == row.rule,
            _VERSION.c.number == row.version,
        )
    )
    rule = read_rule(document)
    assert isinstance(rule, Reward)
    if rule.limits is None:
        return
    per_player, budget, zone = rule.limits.per_player, rule.limits.budget, ctx.tenant.zone
    if per_player is not None and row.player_id is not None:
        give_back_use(ctx, row.rule, row.player_id, period_start(per_player.period, row.at, zone))
    if budget is not None:
        paid = sum(done["amount"] or 0 for done in row.detail["actions"] if done["unit"] == row.unit)
        period = period_start(budget.period, row.at, zone)
        give_back(ctx, f"rule:{row.rule}", period=period, amount=paid)


UNDO = Action(
    name="rules.undo_event",
    title="Undo an event's rewards",
    doc="Take back what rules did for an event that was rolled back: rewards, uses and budgets.",
    example={"event_id": "0195f2d0-0000-7000-8000-000000000001"},
    schema=Undo,
    run=undo_event,
)
