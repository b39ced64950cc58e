"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.betting import reports
from pitboss.plugins.betting.facts import terms as facts
from pitboss.plugins.betting.markets import terms as markets
from pitboss.plugins.betting.pools import terms as pools
from pitboss.plugins.betting.records import suggesting as records
from pitboss.plugins.betting.settling import terms as settling
from pitboss.plugins.betting.slips import terms as slips
from pitboss.plugins.betting.strategies import running as strategies

TERMS: tuple[Term, ...] = (
    *markets.TERMS,
    *slips.TERMS,
    *settling.TERMS,
    *pools.TERMS,
    *records.TERMS,
    *facts.TERMS,
    *strategies.TERMS,
    *reports.TERMS,
)
