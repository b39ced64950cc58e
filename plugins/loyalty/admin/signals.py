"""Signals of abuse: the queue, one of them with its evidence, and what a person decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of, player_meant
from pitboss.core.texts import gettext as _
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.abuse import watch
from pitboss.plugins.loyalty.abuse.api import STATES
from pitboss.plugins.loyalty.admin.forms import reason_of, refuse, text_of
from pitboss.plugins.loyalty.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    id_of,
    page,
    tried,
)

OTHERS_SHOWN = 20


@blueprint.get("/signals")
@requires("loyalty.signals")
def signals() -> Response:
    """List signals, the newest first, and how right each detector has been."""
    ctx, wanted = current(), asked("state", "detector", "severity", "player")
    severity = (
        int(wanted["severity"]) if wanted["severity"].isdecimal() and len(wanted["severity"]) < 3 else 1
    )
    found = watch.list_signals(
        ctx,
        state=wanted["state"] or None,
        detector=wanted["detector"] or None,
        player_id=player_meant(ctx, wanted["player"]),
        severity_min=severity,
        before=cursor(),
        limit=PAGE_ROWS + 1,
    )
    rows, following = cut(found)
    return page(
        "signals",
        rows=rows,
        names=names_of(ctx, [row.player_id for row in rows]),
        next_cursor=following,
        asked=wanted,
        states=STATES,
        severities=[str(one) for one in range(1, watch.SEVERITY_MAX + 1)],
        quality=watch.report(ctx),
    )


@blueprint.get("/signals/<uuid:signal_id>")
@requires("loyalty.signals")
def signal(signal_id: UUID) -> Response:
    """Show a signal: its evidence, the players it names, and what else is known of its player."""
    ctx = current()
    row = watch.find(ctx, signal_id)
    involved = _involved(row)
    others = watch.list_signals(ctx, player_id=row.player_id, limit=OTHERS_SHOWN)
    return page(
        "signal",
        signal=row,
        involved=[player_id for player_id in involved if player_id != row.player_id],
        evidence={name: value for name, value in row.evidence.items() if name not in ("reason", "players")},
        referral_id=id_of(str(row.evidence.get("referral_id", ""))),
        others=[one for one in others if one.id != row.id],
        loyal=players.find(ctx, row.player_id),
        names=names_of(ctx, [row.player_id, *involved]),
    )


@blueprint.post("/signals/<uuid:signal_id>/resolve")
@requires("loyalty.signals")
def resolve_signal(signal_id: UUID) -> Response:
    """Confirm or dismiss a signal."""

    def run(ctx: Context) -> str:
        state: Any = text_of("state")
        if state not in STATES[1:]:
            refuse("state", _("Choose one."))
        watch.resolve(ctx, signal_id, state, reason=reason_of())
        if state == "confirmed":
            return _("Confirmed: what it holds stays held.")
        return _("Dismissed: unless something else holds the player, they get rewards again.")

    return tried(run, "signal", signal_id=signal_id)


def _involved(row: Row[Any]) -> list[UUID]:
    """Return the players whom the evidence names."""
    named = row.evidence.get("players", ())
    found = [id_of(str(one)) for one in named] if isinstance(named, list) else []
    return [one for one in found if one is not None]
