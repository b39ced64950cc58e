"""Which players a bulk read goes over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select

from pitboss.core.identity.tables import Player

_PLAYER = Player.__table__


def everyone() -> Select[Any]:
    """Select the id of every player of the tenant, as `player_id`."""
    return select(_PLAYER.c.id.label("player_id")).where(_PLAYER.c.tenant_id == bindparam("tenant"))
