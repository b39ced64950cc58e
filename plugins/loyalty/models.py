"""Tables: all that the subjects keep, where the database looks for them."""

from __future__ import annotations

from pitboss.plugins.loyalty.abuse.tables import SignalRow, TraitRow
from pitboss.plugins.loyalty.bonuses.tables import BonusRow, CountRow, StakeRow
from pitboss.plugins.loyalty.campaigns.tables import CampaignMemberRow, CampaignRow
from pitboss.plugins.loyalty.catalogue.tables import ItemRow, RedemptionRow
from pitboss.plugins.loyalty.freeplay.tables import FreePlayRow, FreeUseRow
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer, PlayerChange
from pitboss.plugins.loyalty.points.tables import BoostRow, LotRow, MovementRow
from pitboss.plugins.loyalty.quests.tables import DayRow, MarkRow, MissionRow, ProgressRow
from pitboss.plugins.loyalty.referrals.tables import CodeRow, ReferralFacts, ReferralRow
from pitboss.plugins.loyalty.rewards.tables import RewardRow
from pitboss.plugins.loyalty.tiers.tables import LadderRow, StandingRow

__all__ = [
    "BonusRow",
    "BoostRow",
    "CampaignMemberRow",
    "CampaignRow",
    "CodeRow",
    "CountRow",
    "DayRow",
    "FreePlayRow",
    "FreeUseRow",
    "ItemRow",
    "LadderRow",
    "LotRow",
    "LoyaltyPlayer",
    "MarkRow",
    "MissionRow",
    "MovementRow",
    "PlayerChange",
    "ProgressRow",
    "RedemptionRow",
    "ReferralFacts",
    "ReferralRow",
    "RewardRow",
    "SignalRow",
    "StakeRow",
    "StandingRow",
    "TraitRow",
    "Transaction",
]
