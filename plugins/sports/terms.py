"""The words that the plugin contributes, subject by subject."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.sports.catalogue import terms as catalogue
from pitboss.plugins.sports.fixtures import terms as fixtures
from pitboss.plugins.sports.live import terms as live
from pitboss.plugins.sports.results import terms as results
from pitboss.plugins.sports.sources import terms as sources
from pitboss.plugins.sports.streams import terms as streams

TERMS: tuple[Term, ...] = (
    *catalogue.TERMS,
    *fixtures.TERMS,
    *results.TERMS,
    *live.TERMS,
    *streams.TERMS,
    *sources.TERMS,
)
