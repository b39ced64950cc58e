"""All tables of the plugin; each subject keeps its own."""

from __future__ import annotations

from pitboss.plugins.sports.catalogue import tables as catalogue
from pitboss.plugins.sports.fixtures import tables as fixtures
from pitboss.plugins.sports.live import tables as live
from pitboss.plugins.sports.results import tables as results
from pitboss.plugins.sports.sources import tables as sources
from pitboss.plugins.sports.streams import tables as streams

__all__ = ["catalogue", "fixtures", "live", "results", "sources", "streams"]
