"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.loyalty.abuse import terms as abuse
from pitboss.plugins.loyalty.bonuses import terms as bonuses
from pitboss.plugins.loyalty.catalogue import terms as catalogue
from pitboss.plugins.loyalty.freeplay import terms as freeplay
from pitboss.plugins.loyalty.play import facts, happenings
from pitboss.plugins.loyalty.points import terms as points
from pitboss.plugins.loyalty.quests import messages as quests_messages
from pitboss.plugins.loyalty.quests import terms as quests
from pitboss.plugins.loyalty.referrals import messages as referrals_messages
from pitboss.plugins.loyalty.referrals import terms as referrals
from pitboss.plugins.loyalty.rewards import messages as rewards_messages
from pitboss.plugins.loyalty.rewards import terms as rewards
from pitboss.plugins.loyalty.tiers import messages as tiers_messages
from pitboss.plugins.loyalty.tiers import terms as tiers

TERMS: tuple[Term, ...] = (
    *happenings.TERMS,
    *facts.TERMS,
    *points.TERMS,
    *tiers.TERMS,
    *tiers_messages.TERMS,
    *catalogue.TERMS,
    *rewards.TERMS,
    *rewards_messages.TERMS,
    *bonuses.TERMS,
    *freeplay.TERMS,
    *quests.TERMS,
    *quests_messages.TERMS,
    *referrals.TERMS,
    *referrals_messages.TERMS,
    *abuse.TERMS,
)
