"""What the plugin listens to, and what it is asked about."""

from __future__ import annotations

from pitboss.core.contracts import Guard, Listener
from pitboss.plugins.loyalty import benefits, profiles, reversal, sources

LISTENERS: tuple[Listener | Guard, ...] = (
    *profiles.LISTENERS,
    *sources.LISTENERS,
    *benefits.LISTENERS,
    *reversal.GUARDS,
)
