"""The admin pages of the plugin, and their entry in the menu."""

from __future__ import annotations

from flask import url_for

from pitboss.core.contracts import Menu, Routes
from pitboss.plugins.payments.pages import (
    finding,
    methods,
    payment,
    queue,
    reconciliation,
    standing,
    timeline,
)
from pitboss.plugins.payments.pages.shared import blueprint

__all__ = ["methods", "payment", "queue", "reconciliation"]

ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Payments", icon="wallet", order=150),
    permission="payments.read",
    find=finding.find,
    timeline=timeline.timeline,
    player_page=lambda player_id: url_for("payments_admin.index", player=player_id, show="all"),
    dashboard=standing.standing,
)
