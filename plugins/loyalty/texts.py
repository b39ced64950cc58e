"""The texts of all messages: offered to a tenant that switches the plugin on."""

from __future__ import annotations

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.plugins.loyalty.quests import messages as quests
from pitboss.plugins.loyalty.referrals import messages as referrals
from pitboss.plugins.loyalty.rewards import messages as rewards
from pitboss.plugins.loyalty.tiers import messages as tiers

CHANNEL = "in_app"
OF_ALL = ("name", "brand")
"""What every text may mention: the player, and the tenant's brand."""


def offer_texts(ctx: Context) -> None:
    """Bring the texts of all subjects along; what a tenant wrote itself stays."""
    texts = {
        key: (subject, body, (*given, *OF_ALL))
        for subjects in (rewards.TEXTS, tiers.TEXTS, quests.TEXTS, referrals.TEXTS)
        for key, (subject, body, given) in subjects.items()
    }
    notifications.offer_templates(ctx, CHANNEL, texts)
