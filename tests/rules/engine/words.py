"""The catalogue that the tests of the engine speak."""

from __future__ import annotations

from pitboss.rules.engine.catalogue import Variable, catalogue_of

SEGMENTS = ("NEW", "WINNING", "BREAKEVEN", "LOSING", "VIP")

CATALOGUE = catalogue_of(
    [
        Variable(name="betting.net_loss", type="money", unit="EUR"),
        Variable(name="betting.bets", type="number", default=0.0),
        Variable(name="session_count"),
        Variable(name="days_since_last_deposit"),
        Variable(name="loyalty.segment", type="choice", choices=SEGMENTS),
        Variable(name="country", type="text"),
        Variable(name="is_vip", type="boolean"),
        Variable(name="last_deposit_at", type="instant"),
        Variable(name="idle", type="duration"),
        Variable(name="games", type="list"),
    ]
)
