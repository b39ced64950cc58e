"""Keep a player from rewards, and let them have rewards again: by a signal, or by a person."""

from __future__ import annotations

from uuid import UUID

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict
from pitboss.plugins.loyalty.players import rows

BLOCK = "block"
"""What the history of a player calls it."""


def set_blocked(ctx: Context, player_id: UUID, *, is_blocked: bool, reason: str) -> None:
    """Block a player whose row the caller holds, or let them go, and remember why."""
    before = rows.find(ctx, player_id)
    rows.change(ctx, player_id, is_blocked=is_blocked)
    was = before is not None and before.is_blocked
    rows.note(ctx, player_id, BLOCK, _text(was), _text(is_blocked), reason=reason, at=ctx.clock.now())


def block(ctx: Context, player_id: UUID, *, reason: str) -> None:
    """Block a player by hand: no signal that is dismissed lets them go."""
    _decide(ctx, player_id, is_blocked=True, reason=reason)


def let_go(ctx: Context, player_id: UUID, *, reason: str) -> None:
    """Let a blocked player have rewards again, whatever blocked them."""
    if not rows.lock(ctx, player_id).is_blocked:
        raise Conflict("the player is not blocked: there is nothing to end")
    _decide(ctx, player_id, is_blocked=False, reason=reason)


def _decide(ctx: Context, player_id: UUID, *, is_blocked: bool, reason: str) -> None:
    was = rows.lock(ctx, player_id).is_blocked
    set_blocked(ctx, player_id, is_blocked=is_blocked, reason=reason)
    action = "loyalty.player_blocked" if is_blocked else "loyalty.player_let_go"
    audit.record(
        ctx, action, f"player:{player_id}", old={"blocked": was}, new={"blocked": is_blocked}, reason=reason
    )


def _text(is_blocked: bool) -> str:
    return "true" if is_blocked else "false"
