"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.payments import admin
from pitboss.plugins.payments.api import callbacks, players, staff

ROUTES: tuple[Routes, ...] = (players.ROUTES, staff.ROUTES, callbacks.ROUTES, admin.ROUTES)
