"""Which players a filter means: by an id, an email or a name."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select

from pitboss.core.context import Context
from pitboss.core.identity.tables import Player
from pitboss.plugins.betting.pages import id_of

PLAYERS_MAX = 100
"""Of one name; who means others writes more of it."""

_PLAYER = Player.__table__.c


def players_called(ctx: Context, text: str) -> list[UUID]:
    """Return the player with that id, or those whose email or user name begins so, or whose name has it."""
    found = id_of(text)
    if found is not None:
        return [found]
    said = text.casefold()
    is_called = or_(
        _PLAYER.email.startswith(said, autoescape=True),
        _PLAYER.username.startswith(said, autoescape=True),
        func.lower(_PLAYER.display_name).contains(said, autoescape=True),
    )
    mine = select(_PLAYER.id).where(_PLAYER.tenant_id == ctx.tenant.id, is_called)
    return list(ctx.connection.scalars(mine.order_by(_PLAYER.id).limit(PLAYERS_MAX)))
