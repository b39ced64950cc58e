"""A result without its halves settles what it answers; what needs them stays open until they are told."""

from __future__ import annotations

from sqlalchemy import select

from pitboss.plugins.betting.settling.tables import SettlementRun
from tests.plugins.betting.fixtures import score

ALONE = {"periods": [{"code": "regular", "home": 2, "away": 1}], "statistics": {}, "scorers": []}
RUN = SettlementRun.__table__


def test_what_needs_the_halves_stays_open_and_the_run_says_why(
    kernel, tenant, match, market, bet, result, state
):
    whole = bet([(market(match), "home")])
    first_half = market(match, template="first_half_result")
    both = market(match, ["home/home", "draw/home"], template="half_time_full_time")
    waiting = [bet([(first_half, "home")]), bet([(both, "draw/home")])]

    result(match, ALONE)

    assert (state(whole).state, state(whole).payout) == ("settled", 2000)
    assert [state(one).state for one in waiting] == ["accepted", "accepted"]
    with kernel.context(tenant.id) as ctx:
        problems = ctx.connection.scalar(select(RUN.c.detail))["problems"]
    assert set(problems) == {str(first_half), str(both)}
    assert all("none of the periods 1h" in why for why in problems.values())

    result(match, score(2, 1, half=(0, 0)))

    assert [state(one).payout for one in (whole, *waiting)] == [2000, 0, 2000]
    assert state(whole).settlement_version == 1
