"""What the plugin listens to, and what it is asked about."""

from __future__ import annotations

from pitboss.core.contracts import Guard, Listener
from pitboss.plugins.betting.markets import closing, following
from pitboss.plugins.betting.pools import following as pools
from pitboss.plugins.betting.records import elsewhere as records
from pitboss.plugins.betting.settling import runs

LISTENERS: tuple[Listener | Guard, ...] = (
    *following.LISTENERS,
    *closing.LISTENERS,
    *runs.LISTENERS,
    *pools.LISTENERS,
    *records.LISTENERS,
)
