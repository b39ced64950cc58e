"""Take a transaction back, with all that followed from it, and keep rules from rewarding it later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Guard
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.effects import EFFECTS
from pitboss.plugins.loyalty.play import happenings
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players import profiles

_TX = Transaction.__table__


def roll_back(ctx: Context, transaction_id: UUID) -> Transaction:
    """Mark a transaction, undo its effects in reverse order, and what rules gave for it."""
    marked = (
        update(_TX)
        .where(_TX.c.tenant_id == ctx.tenant.id, _TX.c.id == transaction_id, _TX.c.rolled_back_at.is_(None))
        .values(rolled_back_at=ctx.clock.now())
        .returning(_TX)
    )
    # What is in the table, and not what was read before: a win may have settled it meanwhile.
    tx = Transaction(**ctx.connection.execute(marked).one()._mapping)
    for effect in reversed(EFFECTS):
        effect.rolled_back(ctx, tx)
    if tx.event_id is not None:
        ctx.act("rules.undo_event", event_id=tx.event_id)
    happenings.tell_rolled_back(ctx, tx)
    return tx


def still_stands(ctx: Context, reward: Any) -> str | None:
    """Refuse a reward for a transaction that was rolled back before rules were judged on it."""
    found = ctx.connection.scalar(_player_of(ctx, reward.event_id))
    if found is None:
        return None
    # Who rolls back holds the lock until all is undone, so one of the two sees the other's work.
    profiles.lock(ctx, [found])
    rolled_back_at = ctx.connection.scalar(
        select(_TX.c.rolled_back_at).where(_TX.c.tenant_id == ctx.tenant.id, _TX.c.id == reward.event_id)
    )
    return marked("the transaction was rolled back") if rolled_back_at is not None else None


def _player_of(ctx: Context, event_id: UUID) -> Any:
    # The event of a transaction has the transaction's id.
    return select(_TX.c.player_id).where(_TX.c.tenant_id == ctx.tenant.id, _TX.c.id == event_id)


GUARDS = (Guard("rules.reward", still_stands, order=10),)
