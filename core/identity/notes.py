"""Notes about players: what operators write for each other; who wrote one may remove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import Forbidden, InvalidInput, NotFound
from pitboss.core.identity.players import find_player, target_of
from pitboss.core.identity.tables import PlayerNote
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

NOTE_CHARACTERS_MAX = 2_000

_NOTE = PlayerNote.__table__


def add_note(ctx: Context, player_id: UUID, text: str) -> UUID:
    """Write a note about a player."""
    text = text.strip()
    if not 1 <= len(text) <= NOTE_CHARACTERS_MAX:
        said = marked(f"Write 1 to {NOTE_CHARACTERS_MAX:,} characters, not {len(text):,}.")
        raise InvalidInput(f"The note was not kept. {said}", {"text": [said]})
    find_player(ctx, player_id)
    note_id, author = uuid7(), ctx.actor.label
    row = {"id": note_id, "player_id": player_id, "at": ctx.clock.now(), "author": author, "text": text}
    ctx.connection.execute(insert(_NOTE), {"tenant_id": ctx.tenant.id, **row})
    # Not what it says: the trail is never erased, personal data may be.
    audit.record(ctx, "core.note_added", target_of(player_id), new={"note": str(note_id)})
    return note_id


def list_notes(ctx: Context, player_id: UUID, *, limit: int) -> Sequence[Any]:
    """Return the notes about a player, the newest first."""
    query = select(_NOTE).where(_NOTE.c.tenant_id == ctx.tenant.id, _NOTE.c.player_id == player_id)
    return ctx.connection.execute(query.order_by(_NOTE.c.id.desc()).limit(limit)).all()


def remove_note(ctx: Context, player_id: UUID, note_id: UUID) -> None:
    """Remove a note of one's own."""
    here = (_NOTE.c.tenant_id == ctx.tenant.id, _NOTE.c.player_id == player_id, _NOTE.c.id == note_id)
    author = ctx.connection.scalar(select(_NOTE.c.author).where(*here))
    if author is None:
        raise NotFound(f"no note {note_id} about player {player_id}")
    if author != ctx.actor.label:
        raise Forbidden(f"the note {note_id} was written by {author}: only they may remove it")
    ctx.connection.execute(delete(_NOTE).where(*here))
    audit.record(ctx, "core.note_removed", target_of(player_id), old={"note": str(note_id)})
