"""Demo data: each subject shows itself at work, in the order in which one needs the other."""

from __future__ import annotations

from pitboss.core.context import Context
from pitboss.plugins.betting.markets import demo as markets
from pitboss.plugins.betting.pools import demo as pools
from pitboss.plugins.betting.slips import demo as slips


def load_demo(ctx: Context) -> None:
    """Load what every subject of the plugin shows."""
    markets.load_demo(ctx)
    slips.load_demo(ctx)
    pools.load_demo(ctx, slips.first_players(ctx))
