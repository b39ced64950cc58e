"""What a tenant can set; each subject declares its own part, and this adds them up."""

from __future__ import annotations

from pitboss.plugins.betting.markets.settings import MarketSettings
from pitboss.plugins.betting.settling.settings import SettlingSettings
from pitboss.plugins.betting.slips.settings import SlipSettings


class BettingSettings(MarketSettings, SlipSettings, SettlingSettings):
    """Settings of each tenant; money in whole minor units of its currency."""
