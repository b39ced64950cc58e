"""The blueprints of slips."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.betting.slips import admin, api, cashout_api, limits_admin, limits_api

ROUTES: tuple[Routes, ...] = (
    api.ROUTES,
    cashout_api.ROUTES,
    limits_api.ROUTES,
    admin.ROUTES,
    limits_admin.ROUTES,
)
