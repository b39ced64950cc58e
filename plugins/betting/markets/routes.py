"""The blueprints of markets."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.betting.markets import admin, api, board, rules_admin, rules_api

ROUTES: tuple[Routes, ...] = (
    board.ROUTES,
    api.ROUTES,
    rules_api.ROUTES,
    admin.ROUTES,
    rules_admin.ROUTES,
)
