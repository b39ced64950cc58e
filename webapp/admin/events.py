"""The event log: what happened, with what it carried and the facts it was judged on."""

from __future__ import annotations

from uuid import UUID

from flask import request
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core.contracts import Event
from pitboss.core.events import EventRow
from pitboss.core.http import current, requires
from pitboss.webapp.admin.filters import titled
from pitboss.webapp.admin.shell import PAGE_ROWS, cursor, page, pages, player_names

_EVENT = EventRow.__table__


@pages.get("/events")
@requires("core.events")
def events() -> Response:
    """List events, newest first."""
    ctx = current()
    name, player = request.args.get("name", ""), request.args.get("player", "").strip()
    query = select(_EVENT).where(_EVENT.c.tenant_id == ctx.tenant.id)
    if name:
        query = query.where(_EVENT.c.name == name)
    if player:
        query = query.where(_EVENT.c.player_id == _player(player))
    after = cursor()
    if after is not None:
        query = query.where(_EVENT.c.id < after)
    rows = ctx.connection.execute(query.order_by(_EVENT.c.id.desc()).limit(PAGE_ROWS + 1)).all()
    shown = rows[:PAGE_ROWS]
    events = [name for name, owned in ctx.view.terms.items() if isinstance(owned.item, Event)]
    return page(
        "events",
        rows=shown,
        next_cursor=rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None,
        titles=sorted((titled(code), code) for code in events),
        players=player_names(row.player_id for row in shown if row.player_id),
        name=name,
        player=player,
    )


def _player(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
