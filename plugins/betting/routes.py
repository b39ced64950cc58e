"""The blueprints of the plugin."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.betting.markets import routes as markets
from pitboss.plugins.betting.pools import admin as pools_admin
from pitboss.plugins.betting.pools import api as pools
from pitboss.plugins.betting.records import api as records
from pitboss.plugins.betting.settling import admin as settling_admin
from pitboss.plugins.betting.settling import api as settling
from pitboss.plugins.betting.slips import routes as slips
from pitboss.plugins.betting.strategies import admin as strategies_admin
from pitboss.plugins.betting.strategies import api as strategies

ROUTES: tuple[Routes, ...] = (
    *markets.ROUTES,
    *slips.ROUTES,
    settling.ROUTES,
    settling_admin.ROUTES,
    pools.ROUTES,
    pools_admin.ROUTES,
    records.ROUTES,
    strategies.ROUTES,
    strategies_admin.ROUTES,
)
