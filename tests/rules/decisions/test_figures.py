"""Figures of rules: days that were summed and days that are counted come to the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from pitboss.rules.replay.decided import judgement
from pitboss.rules.replay.explaining import others_of, why
from pitboss.rules.replay.figures import DAYS, figures_of, last_days, sum_days
from pitboss.rules.runtime.tables import DayRow, DecisionRow, Outcome
from tests.rules.runtime.conftest import reward


@pytest.fixture
def three_days(live, player, lose, clock) -> list[int]:
    """Let a reward pay on three days; return how often on each of the last days."""
    live(reward(key="cashback", when={"net_loss_min": 10}))
    counts = [0] * DAYS
    for day, times in ((-3, 2), (-2, 1), (-1, 3)):
        for _ in range(times):
            lose(player(), 100_00)
        counts[day] = times
        if day != -1:
            clock.advance(days=1)
    return counts


def test_summed_days_say_what_counting_says(kernel, tenant, three_days):
    with kernel.context(tenant.id) as ctx:
        counted = figures_of(ctx, ["cashback", "unknown"])
        sum_days(ctx, {})
        summed = figures_of(ctx, ["cashback", "unknown"])

    assert counted["cashback"].days == three_days
    assert counted["cashback"].costs
    assert summed == counted
    assert set(summed) == {"cashback"}


def test_what_is_taken_back_is_taken_out_of_the_sums(kernel, tenant, three_days):
    with kernel.context(tenant.id) as ctx:
        sum_days(ctx, {})
        mine = DecisionRow.__table__.c.tenant_id == tenant.id
        ctx.connection.execute(update(DecisionRow.__table__).where(mine).values(outcome=Outcome.UNDONE))
        sum_days(ctx, {})
        found = figures_of(ctx, ["cashback"])["cashback"]

    assert (found.hits, found.given) == (sum(three_days), 0)


def test_a_day_is_marked_as_summed_though_nothing_happened(kernel, tenant, three_days):
    table = DayRow.__table__
    with kernel.context(tenant.id) as ctx:
        sum_days(ctx, {})
        marks = select(table.c.day).where(table.c.tenant_id == tenant.id, table.c.rule == "")
        days = sorted(ctx.connection.scalars(marks))

        assert days == last_days(ctx)[:-1]


def test_of_many_rules_those_that_fire_and_the_highest_are_explained(kernel, tenant, live, player, lose):
    rules = [reward(key=f"r-{n}", when={"net_loss_min": 1_000 + n}, priority=n) for n in range(20)]
    live(*rules, reward(key="fires", when={"net_loss_min": 1}, priority=-5))
    someone = player()
    event = lose(someone, 100_00)
    with kernel.context(tenant.id) as ctx:
        found = why(ctx, someone, "casino.round_played", most=4)
        others = others_of(ctx, judgement(ctx, event.id), most=4)

    assert [one["key"] for one in found.matches] == ["fires"]
    assert {one["key"] for one in found.nearest} <= {"r-19", "r-18", "r-17", "r-16"}
    assert {one["key"] for one in others} == {"r-19", "r-18", "r-17", "r-16"}
