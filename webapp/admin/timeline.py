"""A player's timeline, of what all parts tell, and the notes that operators write beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from uuid import UUID

from flask import request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core import timeline
from pitboss.core.audit.entries import AuditEntry
from pitboss.core.context import Context
from pitboss.core.contracts import Happening, Moment
from pitboss.core.errors import InvalidInput
from pitboss.core.http import current, requires
from pitboss.core.identity import notes, players
from pitboss.core.identity.tables import Activity, Player, PlayerNote
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.webapp.admin import asking
from pitboss.webapp.admin.filters import titled, who
from pitboss.webapp.admin.players import KINDS
from pitboss.webapp.admin.shell import PAGE_ROWS, Undo, done, failed, page, pages, text_of

NOTES_SHOWN = 50
_ACTIVITY, _ENTRY, _NOTE = Activity.__table__, AuditEntry.__table__, PlayerNote.__table__


@pages.get("/players/<uuid:player_id>/timeline")
@requires("core.players")
def player_timeline(player_id: UUID) -> Response:
    """Show what happened to a player, the newest first, and what operators wrote."""
    ctx = current()
    found = players.find_player(ctx, player_id)
    before = timeline.read(request.args.get("cursor", ""))
    newest = merge(*_told(ctx, found, before), key=lambda one: one.moment, reverse=True)
    shown = list(islice(newest, PAGE_ROWS + 1))
    has_more = len(shown) > PAGE_ROWS
    return page(
        "player_timeline",
        player=found,
        kinds=KINDS,
        happenings=shown[:PAGE_ROWS],
        next_cursor=timeline.written(shown[PAGE_ROWS - 1].moment) if has_more else None,
        notes=notes.list_notes(ctx, player_id, limit=NOTES_SHOWN),
        me=ctx.actor.label,
    )


@pages.post("/players/<uuid:player_id>/notes")
@requires("core.players", "core.players_notes")
def add_note(player_id: UUID) -> Response:
    """Write a note about a player."""
    try:
        notes.add_note(current(), player_id, text_of("text"))
    except InvalidInput as error:
        return failed(str(error), "admin.player_timeline", player_id=player_id)
    return done(_("The note is kept."), "admin.player_timeline", player_id=player_id)


@pages.post("/players/<uuid:player_id>/notes/<uuid:note_id>/remove")
@requires("core.players", "core.players_notes")
def remove_note(player_id: UUID, note_id: UUID) -> Response:
    """Remove a note of one's own; taken back, it is written again as of then."""
    ctx = current()
    text = ctx.connection.scalar(
        select(_NOTE.c.text).where(_NOTE.c.tenant_id == ctx.tenant.id, _NOTE.c.id == note_id)
    )
    notes.remove_note(ctx, player_id, note_id)
    undo = Undo(_("Write it again"), url_for("admin.add_note", player_id=player_id), {"text": text or ""})
    return done(_("The note is removed."), "admin.player_timeline", undo=undo, player_id=player_id)


# -- what happened ---------------------------------------------------------------------------------


def _told(ctx: Context, player: Player, before: Moment | None) -> Iterator[Iterable[Happening]]:
    """Yield what each part tells, the newest first: so much that a page and its successor are known."""
    limit = PAGE_ROWS + 1
    yield list(_account(ctx, player, before, limit))
    if ctx.actor.may("core.audit"):
        yield list(_operators(ctx, player, before, limit))
    question = (player.id, before, limit)
    for _plugin, told in asking.each(ctx, lambda routes: routes.timeline, *question, limit=limit):
        yield told


def _account(ctx: Context, player: Player, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield what was done in the account: the registration, sign-ins and changes."""
    for row in timeline.latest(ctx, _ACTIVITY, player.id, before, limit):
        title = spoken(row.kind)
        url = url_for("admin.player_activity", player_id=player.id)
        yield Happening(
            Moment(row.at, row.id), title, " ".join((row.address, row.device)).strip(), url, "user"
        )


def _operators(ctx: Context, player: Player, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield what operators did, as the audit trail has it."""
    target = players.target_of(player.id)
    query = select(_ENTRY).where(_ENTRY.c.tenant_id == ctx.tenant.id, _ENTRY.c.target == target)
    for row in timeline.page_of(ctx, query, _ENTRY.c.at, _ENTRY.c.id, before, limit):
        text = _("by %(name)s", name=who(row.actor))
        text += f": {row.reason}" if row.reason else ""
        title = titled(row.action)
        url = url_for("admin.audit_trail", target=target)
        yield Happening(Moment(row.at, row.id), title, text, url, "shield")
