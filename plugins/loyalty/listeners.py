"""What the plugin listens to, and what it is asked about."""

from __future__ import annotations

from pitboss.core.contracts import Guard, Listener
from pitboss.plugins.loyalty import benefits, profiles, quest_work, reversal, sources, tier_messages

LISTENERS: tuple[Listener | Guard, ...] = (
    *profiles.LISTENERS,
    *sources.LISTENERS,
    *benefits.LISTENERS,
    *tier_messages.LISTENERS,
    *quest_work.LISTENERS,
    *reversal.GUARDS,
)
