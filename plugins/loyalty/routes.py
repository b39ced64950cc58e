"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.loyalty.api import (
    campaigns,
    items,
    missions,
    points,
    referrals,
    rewards,
    signals,
    tiers,
    transactions,
)

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
)
