"""Which player a filter means: by id, or by the beginning of an email or a user name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from pitboss.core.identity.players import search_players

if TYPE_CHECKING:
    from pitboss.core.context import Context

NOBODY = UUID(int=0)
"""Whom a text means that nobody is called by: a list of theirs is empty, not everybody's."""


def player_meant(ctx: Context, text: str) -> UUID | None:
    """Return the player that a text means; NOBODY where there is none, or more than one; None for no text."""
    text = text.strip()
    if not text:
        return None
    with suppress(ValueError):
        return UUID(text)
    found = search_players(ctx, text=text, limit=2).players
    return found[0].id if len(found) == 1 else NOBODY
