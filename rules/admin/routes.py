"""The pages of the rulebook, as the admin mounts them."""

from __future__ import annotations

from flask import url_for

from pitboss.core.contracts import Menu, Routes
from pitboss.rules.admin import (
    alerts,
    book,
    decisions,
    editor,
    finding,
    listing,
    packs,
    players,
    rule,
    segments,
    simulations,
    standing,
    steps,
    timeline,
)
from pitboss.rules.admin.pages import blueprint

__all__ = [
    "ADMIN",
    "alerts",
    "book",
    "decisions",
    "listing",
    "packs",
    "players",
    "rule",
    "segments",
    "simulations",
    "steps",
]

ADMIN = (
    Routes(
        blueprint=blueprint,
        area="admin",
        menu=Menu(title="Rules", icon="gauge", order=10),
        permission="rules.read",
        find=finding.find,
        timeline=timeline.timeline,
        player_page=lambda player_id: url_for("rules_admin.player", player_id=player_id),
        dashboard=standing.concerns,
    ),
    editor.ROUTES,
)
