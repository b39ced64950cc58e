"""A player's row: what all of theirs came to, and the one lock under which it changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer, PlayerChange

PLAYER, CHANGE = LoyaltyPlayer.__table__, PlayerChange.__table__


def lock(ctx: Context, player_id: UUID) -> Row[Any]:
    """Return a player's row, made where there was none, and hold it until the transaction ends."""
    ctx.flush()
    row = {"tenant_id": ctx.tenant.id, "player_id": player_id}
    return ctx.connection.execute(_touch(ctx.connection.dialect.name), row).one()


def find(ctx: Context, player_id: UUID) -> Row[Any] | None:
    """Return a player's row as it is now, or None before anything happened."""
    return ctx.connection.execute(
        select(PLAYER).where(PLAYER.c.tenant_id == ctx.tenant.id, PLAYER.c.player_id == player_id)
    ).first()


def change(ctx: Context, player_id: UUID, **values: Any) -> None:
    """Set columns of a player's row, which the caller holds."""
    ctx.connection.execute(
        update(PLAYER)
        .where(PLAYER.c.tenant_id == ctx.tenant.id, PLAYER.c.player_id == player_id)
        .values(**values)
    )


def note(
    ctx: Context, player_id: UUID, what: str, before: str | None, after: str | None, *, reason: str, at: Any
) -> None:
    """Remember a change of a player's standing, with its cause."""
    ctx.connection.execute(
        insert(CHANGE).values(
            tenant_id=ctx.tenant.id,
            id=uuid7(),
            player_id=player_id,
            what=what,
            before=before,
            after=after,
            reason=reason,
            at=at,
        )
    )


@lru_cache(maxsize=2)
def _touch(dialect: str) -> Any:
    # One statement makes the row, locks it and reads it.
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(PLAYER)
    touched = {"player_id": statement.excluded.player_id}
    return statement.on_conflict_do_update(index_elements=("tenant_id", "player_id"), set_=touched).returning(
        *PLAYER.c
    )
