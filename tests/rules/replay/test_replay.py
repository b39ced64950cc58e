"""A rule over recorded history: the same rows, amounts and outcomes as when it is live."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from pitboss.core.clock import uuid7
from pitboss.rules.runtime.tables import DecisionRow, JudgementRow
from tests.rules.runtime.conftest import reward

HOUR = 3_600
LIMITED: list[dict[str, Any]] = [
    {},
    {"limits": {"per_player": {"count": 2, "period": "day"}}},
    {"limits": {"per_player": {"count": 3, "period": "hour", "cool_down": "10m"}}},
    {"limits": {"budget": {"amount": 40, "period": "day"}}},
    {"holdout_percent": 40},
    {
        "limits": {"per_player": {"count": 1, "period": "hour"}, "budget": {"amount": 25, "period": "week"}},
        "holdout_percent": 25,
    },
    {"then": [{"action": "casino.pay", "formula": "net_loss * 0.0333", "max_amount": 4}]},
    {
        "then": [
            {"action": "casino.pay", "formula": "net_loss * 0.5"},
            {"action": "casino.points", "formula": "stake"},
            {"action": "casino.say", "text": "well lost"},
        ],
        "limits": {"budget": {"amount": 60, "period": "day"}},
    },
    {"when": "game in ('slots', 'poker') and stake >= 5 and not in_segment('vip')"},
    {"when": {"rounds_7d_min": 3, "country": "GB"}},
]


@pytest.fixture
def play(player, lose, clock):
    """Have some players play for two days, in a way that is the same each time."""

    def run(rounds: int = 24) -> None:
        chance = random.Random(7)
        players = [player() for _ in range(4)]
        for _ in range(rounds):
            clock.advance(seconds=chance.randrange(2 * HOUR))
            game = chance.choice(["slots", "roulette", "poker"])
            lose(chance.choice(players), chance.randrange(100, 3_000), game=game)

    return run


def decided(kernel, tenant) -> dict[str, int]:
    with kernel.context(tenant.id) as ctx:
        query = select(DecisionRow.outcome, func.count()).group_by(DecisionRow.outcome)
        return {row[0]: row[1] for row in ctx.connection.execute(query)}


def paid(kernel, tenant) -> int:
    with kernel.context(tenant.id) as ctx:
        done = DecisionRow.outcome == "done"
        return int(ctx.connection.scalar(select(func.sum(DecisionRow.amount)).where(done)) or 0)


@pytest.mark.parametrize("more", LIMITED)
def test_a_replay_decides_what_was_decided(more, kernel, tenant, live, play, simulated):
    live(reward(**more))
    play()
    found = simulated("cashback")
    assert found["outcomes"] == decided(kernel, tenant)
    assert found["cost"]["paid"] == f"{paid(kernel, tenant) / 100:.2f}"
    assert sum(day["matches"] for day in found["days"]) == found["matches"]


@pytest.mark.parametrize("pick", ["best", "first", "sum_capped"])
def test_groups_are_settled_as_they_were(pick, kernel, tenant, live, play, simulated):
    group = {"exclusive": {"group": "g", "pick": pick, "max_amount": 3}}
    live(
        reward(**group),
        reward("other", then=[{"action": "casino.pay", "amount": 2}], priority=5, **group),
        reward("third", when={"stake_min": 10}, priority=-1, **group),
    )
    play()
    with kernel.context(tenant.id) as ctx:
        rows = ctx.session.scalars(select(DecisionRow).where(DecisionRow.rule == "cashback")).all()
    found = simulated("cashback")
    done = [row.amount for row in rows if row.outcome == "done"]
    assert found["outcomes"].get("excluded", 0) == sum(row.outcome == "excluded" for row in rows)
    assert found["cost"]["paid"] == f"{sum(done) / 100:.2f}"


def test_a_rule_that_stops_keeps_others_from_rows(kernel, tenant, live, play, simulated):
    live(reward(), reward("first", when={"game": "slots"}, priority=9, stop=True))
    play()
    assert simulated("cashback")["outcomes"] == {
        "done": decided(kernel, tenant)["done"] - simulated("first")["matches"]
    }


def test_nothing_is_written_by_a_replay(kernel, tenant, draft, player, lose, simulated, seen):
    draft(reward())
    lose(player(), 5_000)
    assert simulated("cashback")["cost"]["paid"] == "5.00"
    assert (seen.payouts(), seen.decisions()) == ([], [])


def test_another_version_is_compared(live, draft, player, lose, simulated):
    live(reward())
    winner, loser = player(), player()
    lose(winner, 1_500)
    lose(loser, 5_000)
    draft(reward(when={"net_loss_min": 20}, then=[{"action": "casino.pay", "formula": "net_loss * 0.2"}]))
    change = simulated("cashback")["change"]
    assert change == {
        "version": 1,
        "gained": 0,
        "lost": 1,
        "changed": 1,
        "cost_before": "6.50",
        "difference": "3.50",
    }


def test_overlap_says_what_both_pay(live, draft, player, lose, simulated):
    live(reward("old", when={"net_loss_min": 30}))
    draft(reward())
    for stake in (2_000, 4_000):
        lose(player(), stake)
    assert simulated("cashback")["overlap"] == [
        {"rule": "old", "rows": 1, "pays": "4.00", "other_pays": "4.00"}
    ]
    assert simulated("cashback", with_overlap=False)["overlap"] == []


def test_a_budget_tells_when_it_was_used_up(draft, player, lose, simulated):
    draft(reward(limits={"budget": {"amount": 5, "period": "day"}}))
    for _ in range(3):
        lose(player(), 3_000)
    (used_up,) = simulated("cashback")["budget"]["used_up"]
    assert (used_up["turned_away"], used_up["amount"]) == (2, "6.00")


def test_the_schedule_is_honoured_unless_it_is_told_not_to(draft, player, lose, simulated, clock):
    later = (clock.now().date().replace(year=clock.now().year + 1)).isoformat()
    draft(reward(effective={"from": later}))
    lose(player(), 3_000)
    assert simulated("cashback")["matches"] == 0
    assert simulated("cashback", is_scheduled=False)["matches"] == 1


def test_outside_of_its_schedule_nothing_is_counted_of_a_rule(draft, player, lose, simulated, clock):
    lose(player(), 3_000)
    clock.advance(hours=2)
    now = clock.now().isoformat()
    pays = {"action": "casino.pay", "formula": "net_loss", "max_amount": 5}
    draft(reward(effective={"from": now}, then=[pays]))
    assert simulated("cashback")["cost"]["cut_by_max_amount"] == 0
    lose(player(), 3_000)
    found = simulated("cashback")
    assert (found["matches"], found["cost"]["cut_by_max_amount"]) == (1, 1)
    assert simulated("cashback", is_scheduled=False)["cost"]["cut_by_max_amount"] == 2


def test_samples_explain_themselves(draft, player, lose, simulated):
    draft(reward())
    who = player()
    lose(who, 3_000)
    (sample,) = simulated("cashback")["sample"]
    assert (sample["player_id"], sample["amount"], sample["outcome"]) == (str(who), "3.00", "done")
    assert sample["explanation"]["sentence"].startswith("cashback matched and pays 3")


def test_a_fact_that_no_row_says_is_noted(draft, player, lose, simulated):
    draft(reward(when={"country": "GB"}))
    lose(player(), 3_000)
    found = simulated("cashback")
    assert found["unknown"] == {"casino.country": 1}
    assert "casino.country" in found["notes"][0]


def test_another_tenants_history_is_never_replayed(kernel, other_tenant, draft, simulated, clock):
    draft(reward())
    with kernel.context(other_tenant.id) as ctx:
        row = {"event": "casino.round_played", "revision": 0, "at": clock.now(), "player_id": uuid7()}
        ctx.session.add(JudgementRow(id=uuid7(), facts={"casino.net_loss": 500.0}, **row))
    assert simulated("cashback")["rows"] == 0


def test_players_as_they_are_now_are_judged_without_history(kernel, tenant, draft, player, lose, simulated):
    who = player()
    lose(who, 5_000)
    lose(player(), 500)
    draft(reward(when="net_loss >= 10 and rounds_7d == 1"))
    found = simulated("cashback", over="players")
    assert (found["rows"], found["matches"], found["cost"]["paid"]) == (2, 1, "5.00")
    assert [s["player_id"] for s in found["sample"]] == [str(who)]


def test_days_before_anything_was_recorded_are_not_projected(draft, player, lose, clock, simulated) -> None:
    draft(reward())
    for _ in range(10):
        lose(player(), 5_000)
        clock.advance(days=1)

    found = simulated("cashback", from_=clock.now() - timedelta(days=90), until=clock.now())

    assert (found["cost"]["paid"], len(found["days"])) == ("50.00", 91)
    assert found["projection"]["cost"] == "136.36", (
        "of the eleven days since the first row, the last is empty"
    )
    [note] = found["notes"]
    assert note.startswith("nothing was recorded before 2026-")


def test_a_history_of_a_day_is_said_to_tell_little(draft, player, lose, clock, simulated) -> None:
    draft(reward())
    lose(player(), 5_000)
    clock.advance(hours=1)

    found = simulated("cashback", from_=clock.now() - timedelta(days=90), until=clock.now())

    assert found["projection"] is None
    assert "it is recorded for less than two days: too few for a projection" in found["notes"]
