"""The blueprints of sources."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.plugins.sports.sources.api import feeds, imports, prices

ROUTES: tuple[Routes, ...] = (imports.ROUTES, feeds.ROUTES, prices.ROUTES)
