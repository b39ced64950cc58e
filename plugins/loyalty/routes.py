"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.loyalty.api import transactions

ROUTES: tuple[Routes, ...] = (transactions.ROUTES,)
