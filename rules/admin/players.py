"""A player as rules see them: segments, decisions, why and why not at this moment, and alerts."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from pitboss.core.http import current, requires
from pitboss.core.identity.players import find_player
from pitboss.rules.admin.pages import asked, blueprint, event_titles, page, rule_names
from pitboss.rules.alerts import fired
from pitboss.rules.replay import decided, explaining
from pitboss.rules.replay.decided import Filter
from pitboss.rules.segments import members

SHOWN = 10
"""Rows of each list; the lists of their own have more."""
NEAREST_SHOWN = 10
JUDGED_MAX = 30
"""So many live rules are explained: those that fire first, then by priority."""


@blueprint.get("/players/<uuid:player_id>")
@requires("rules.read")
def player(player_id: UUID) -> Response:
    """Show what rules know and decided of a player."""
    ctx, wanted = current(), asked("event")
    found, events = find_player(ctx, player_id), event_titles(ctx)
    event = wanted["event"] if wanted["event"] in events else None
    why = explaining.why(ctx, player_id, event, most=JUDGED_MAX)
    decisions = decided.decisions(ctx, Filter(player_id=player_id), limit=SHOWN)
    stays = members.history(ctx, player_id, limit=SHOWN) if ctx.actor.may("rules.members") else []
    alerts = fired.list_fired(ctx, player_id=player_id, limit=SHOWN)
    keys = [
        *(one.rule for one in decisions),
        *(one.rule for one in alerts),
        *(stay.segment for stay in stays),
    ]
    return page(
        "player",
        player=found,
        asked=wanted,
        events=events,
        why=why,
        nearest=list(why.nearest)[:NEAREST_SHOWN],
        is_part=len(why.matches) + len(why.nearest) >= JUDGED_MAX,
        decisions=decisions,
        judgements=decided.judgements(ctx, player_id, limit=SHOWN),
        stays=stays,
        alerts=alerts,
        names=rule_names(ctx, keys),
    )
