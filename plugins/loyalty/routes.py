"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.loyalty.abuse import api as signals
from pitboss.plugins.loyalty.admin import routes as pages
from pitboss.plugins.loyalty.campaigns import api as campaigns
from pitboss.plugins.loyalty.catalogue import api as items
from pitboss.plugins.loyalty.play import api as transactions
from pitboss.plugins.loyalty.points import api as points
from pitboss.plugins.loyalty.quests import api as missions
from pitboss.plugins.loyalty.referrals import api as referrals
from pitboss.plugins.loyalty.rewards import api as rewards
from pitboss.plugins.loyalty.tiers import api as tiers

ROUTES: tuple[Routes, ...] = (
    transactions.ROUTES,
    points.ROUTES,
    tiers.ROUTES,
    items.ROUTES,
    rewards.ROUTES,
    missions.ROUTES,
    referrals.ROUTES,
    signals.ROUTES,
    campaigns.ROUTES,
    pages.ROUTES,
)
