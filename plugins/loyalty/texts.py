"""The texts of all messages: offered to a tenant that switches the plugin on."""

from __future__ import annotations

from collections.abc import Mapping

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.texts import ENGLISH, LANGUAGES, speaking, translated
from pitboss.plugins.loyalty.quests import messages as quests
from pitboss.plugins.loyalty.referrals import messages as referrals
from pitboss.plugins.loyalty.rewards import messages as rewards
from pitboss.plugins.loyalty.tiers import messages as tiers

CHANNEL = "in_app"
OF_ALL = ("name", "brand")
"""What every text may mention: the player, and the tenant's brand."""


def offer_texts(ctx: Context) -> None:
    """Bring the texts of all subjects along, those of rewards in each language; what a tenant wrote stays."""
    _offer(ctx, {**rewards.TEXTS, **tiers.TEXTS, **quests.TEXTS, **referrals.TEXTS}, ENGLISH)
    for name in LANGUAGES:
        if name != ENGLISH:
            _offer(ctx, rewards.TEXTS, name)


def _offer(ctx: Context, texts: Mapping[str, tuple[str, str, tuple[str, ...]]], locale: str) -> None:
    with speaking(locale):
        said = {
            key: (translated(subject), translated(body), (*given, *OF_ALL))
            for key, (subject, body, given) in texts.items()
        }
    notifications.offer_templates(ctx, CHANNEL, said, locale=locale)
