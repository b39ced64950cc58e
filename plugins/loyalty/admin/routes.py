"""The pages of the plugin, as the admin mounts them."""

from __future__ import annotations

from flask import url_for

from pitboss.core.contracts import Menu, Routes
from pitboss.plugins.loyalty.admin import (
    campaigns,
    catalogue,
    helping,
    missions,
    overview,
    players,
    redemptions,
    referrals,
    rewards,
    signals,
    tiers,
    timeline,
)
from pitboss.plugins.loyalty.admin.pages import blueprint

__all__ = [
    "ROUTES",
    "campaigns",
    "catalogue",
    "helping",
    "missions",
    "overview",
    "players",
    "redemptions",
    "referrals",
    "rewards",
    "signals",
    "tiers",
]

ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Loyalty", icon="coins", order=170),
    permission="loyalty.read",
    timeline=timeline.timeline,
    player_page=lambda player_id: url_for("loyalty_admin.player", player_id=player_id),
    dashboard=overview.dashboard,
)
