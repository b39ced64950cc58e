"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.loyalty.api import items, points, rewards, tiers, transactions

ROUTES: tuple[Routes, ...] = (transactions.ROUTES, points.ROUTES, tiers.ROUTES, items.ROUTES, rewards.ROUTES)
