"""Hold a player's withdrawals, for compliance or fraud, and release them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from pitboss.core import audit, facts
from pitboss.core.context import Context
from pitboss.core.identity import find_player
from pitboss.core.texts import marked
from pitboss.plugins.payments import book
from pitboss.plugins.payments.cards import refuse_card_in
from pitboss.plugins.payments.models import PaymentsPlayer

_PLAYER = PaymentsPlayer.__table__


def reason_of(ctx: Context, player_id: UUID) -> str | None:
    """Return why a player's withdrawals are held, or None where they are not."""
    query = select(_PLAYER.c.is_held, _PLAYER.c.held_reason).where(
        _PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.player_id == player_id
    )
    row = ctx.connection.execute(query).first()
    return (row.held_reason or marked("no reason given")) if row is not None and row.is_held else None


def hold(ctx: Context, player_id: UUID, *, reason: str) -> None:
    """Let no withdrawal of a player be approved or sent; the first reason stays."""
    refuse_card_in("reason", reason)
    find_player(ctx, player_id)
    if book.lock_player(ctx, player_id).is_held:
        return
    held = {"is_held": True, "held_reason": reason, "held_by": ctx.actor.label, "held_at": ctx.clock.now()}
    facts.write(ctx, player_id, PaymentsPlayer, **held)
    audit.record(ctx, "payments.withdrawals_held", f"player:{player_id}", reason=reason)


def release(ctx: Context, player_id: UUID, *, reason: str) -> None:
    """Let withdrawals of a player go on; what was approved before is sent."""
    # Here, because withdrawals themselves ask whether they are held.
    from pitboss.plugins.payments.withdrawals import send_approved

    refuse_card_in("reason", reason)
    find_player(ctx, player_id)
    if not book.lock_player(ctx, player_id).is_held:
        return
    free = {"is_held": False, "held_reason": None, "held_by": None, "held_at": None}
    facts.write(ctx, player_id, PaymentsPlayer, **free)
    audit.record(ctx, "payments.withdrawals_released", f"player:{player_id}", reason=reason)
    send_approved(ctx, player_id)
