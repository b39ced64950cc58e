"""The row of each loyalty player: made with what identity knows, and locked before anything of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.identity.tables import Player
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer

_PLAYER, _PROFILE = Player.__table__, LoyaltyPlayer.__table__
_COPIED = ("country", "registered_at")


def lock(ctx: Context, player_ids: Sequence[UUID]) -> set[UUID]:
    """Lock the rows of players, in one order for all, making those that are missing.

    Returns the players that there are. Country and age follow identity at each lock.
    """
    if not player_ids:
        return set()
    statement = _lock(ctx.connection.dialect.name)
    wanted = {"tenant": ctx.tenant.id, "players": sorted(set(player_ids))}
    return set(ctx.connection.scalars(statement, wanted))


def tenant_enabled(ctx: Context) -> None:
    """Make a row for every player who has none yet, when a tenant switches the plugin on."""
    ctx.connection.execute(_enrol(ctx.connection.dialect.name), {"tenant": ctx.tenant.id})


def by_user_name(ctx: Context, names: Sequence[str]) -> dict[str, UUID]:
    """Return the players of user names."""
    if not names:
        return {}
    query = select(_PLAYER.c.username, _PLAYER.c.id).where(
        _PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.username.in_(names)
    )
    return {row.username: row.id for row in ctx.connection.execute(query)}


@lru_cache(maxsize=2)
def _lock(dialect: str) -> Any:
    wanted = bindparam("players", expanding=True, type_=Uuid())
    statement = _insert(dialect, _PLAYER.c.id.in_(wanted))
    renewed = {name: statement.excluded[name] for name in _COPIED}
    return statement.on_conflict_do_update(index_elements=["tenant_id", "player_id"], set_=renewed).returning(
        _PROFILE.c.player_id
    )


@lru_cache(maxsize=2)
def _enrol(dialect: str) -> Any:
    return _insert(dialect).on_conflict_do_nothing()


def _insert(dialect: str, *where: Any) -> Any:
    """Insert what identity knows of players, in the order of their ids."""
    known = (
        select(_PLAYER.c.tenant_id, _PLAYER.c.id, _PLAYER.c.country, _PLAYER.c.created_at)
        .where(_PLAYER.c.tenant_id == bindparam("tenant"), *where)
        .order_by(_PLAYER.c.id)
    )
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(_PROFILE)
    return statement.from_select(["tenant_id", "player_id", *_COPIED], known, include_defaults=False)
