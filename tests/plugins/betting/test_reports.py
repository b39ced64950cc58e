"""The report of turnover adds up what was staked and settled."""

from __future__ import annotations

from uuid import uuid4

from pitboss.core import reports
from pitboss.core.reports import Span
from pitboss.plugins.betting.facts import keeping


def test_turnover_is_by_day_and_gross_win_is_stakes_less_returns(kernel, tenant, clock):
    today = clock.now().astimezone(tenant.zone).date()
    with kernel.context(tenant.id) as ctx:
        for stake in (10_00, 5_00):
            keeping.bet_accepted(ctx, uuid4(), stake=stake, odds=2)
        won = keeping.Settled(
            player_id=uuid4(),
            stake=10_00,
            returned=12_00,
            net_loss=-2_00,
            is_first=True,
            wins=1,
            profit=2_00,
            at=clock.now(),
        )
        keeping.settled(ctx, [won])
        table = reports.read(ctx, "betting.turnover", Span.before(today, 1))
        now = reports.read(ctx, "betting.turnover", Span(today, today))

    assert [row[1:] for row in table.rows] == [(0, 0, 0)]
    assert now.rows == [(today, 2, 15_00, -2_00)]
