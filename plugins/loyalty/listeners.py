"""What the plugin listens to, and what it is asked about."""

from __future__ import annotations

from pitboss.core.contracts import Guard, Listener
from pitboss.plugins.loyalty.abuse import detectors, lookalikes
from pitboss.plugins.loyalty.play import reversal, sources
from pitboss.plugins.loyalty.quests import counting
from pitboss.plugins.loyalty.referrals import referring
from pitboss.plugins.loyalty.tiers import benefits, joining, messages

LISTENERS: tuple[Listener | Guard, ...] = (
    *joining.LISTENERS,
    *sources.LISTENERS,
    *benefits.LISTENERS,
    *messages.LISTENERS,
    *counting.LISTENERS,
    *referring.LISTENERS,
    *detectors.LISTENERS,
    *lookalikes.LISTENERS,
    *reversal.GUARDS,
)
