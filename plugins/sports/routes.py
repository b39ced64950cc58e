"""The blueprints of the plugin, subject by subject."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.sports.admin import routes as admin
from pitboss.plugins.sports.api import fixtures, live, matches, results, sports, streams, teams
from pitboss.plugins.sports.sources import routes as sources

ROUTES: tuple[Routes, ...] = (
    sports.ROUTES,
    teams.ROUTES,
    fixtures.ROUTES,
    results.ROUTES,
    live.ROUTES,
    streams.ROUTES,
    matches.ROUTES,
    *sources.ROUTES,
    admin.ROUTES,
)
