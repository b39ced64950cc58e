"""How often and how much a rule pays, who gets nothing on purpose, and what is taken back."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import Refused
from pitboss.core.tenancy import toggle
from pitboss.rules.runtime.budgets import reserve
from pitboss.rules.runtime.holdout import bucket, is_held_out
from pitboss.rules.runtime.periods import LIFETIME
from pitboss.rules.runtime.tables import BudgetRow
from pitboss.rules.runtime.undo import undo_event
from tests.rules.runtime.conftest import reward

ONE = [{"action": "casino.pay", "amount": 1}]


def limited(**limits):
    return reward(then=ONE, limits=limits)


def test_a_player_has_a_rule_as_often_as_it_allows_in_a_period(live, player, lose, seen, clock) -> None:
    live(limited(per_player={"count": 2, "period": "day"}))
    someone, other = player(), player()
    for _ in range(3):
        lose(someone, 20_00)
    lose(other, 20_00)
    assert [outcome for _, outcome, _ in seen.decisions()] == ["done", "done", "capped", "done"]
    clock.advance(days=1)
    lose(someone, 20_00)
    assert seen.decisions()[-1] == ("cashback", "done", 1_00)


def test_a_cool_down_holds_across_periods(live, player, lose, seen, clock) -> None:
    live(limited(per_player={"count": 9, "period": "hour", "cool_down": "90m"}))
    someone = player()
    for minutes in (0, 89, 1):
        clock.advance(minutes=minutes)
        lose(someone, 20_00)
    assert [outcome for _, outcome, _ in seen.decisions()] == ["done", "capped", "done"]


def test_a_budget_is_never_exceeded_and_begins_anew_with_its_period(live, player, lose, seen, clock) -> None:
    live(reward(limits={"budget": {"amount": 5, "period": "day"}}))
    lose(player(), 30_00)
    lose(player(), 30_00)
    lose(player(), 20_00)
    outcomes = [(outcome, amount) for _, outcome, amount in seen.decisions()]
    assert outcomes == [("done", 3_00), ("out_of_budget", 3_00), ("done", 2_00)]
    clock.advance(days=1)
    lose(player(), 50_00)
    assert seen.decisions()[-1] == ("cashback", "done", 5_00)


def test_a_budget_that_is_used_up_is_told_once_a_period(live, player, lose, events) -> None:
    live(limited(budget={"amount": 1, "period": "day"}))
    for _ in range(4):
        lose(player(), 20_00)
    told = [event.payload for event in events("rules.budget_used_up")]
    assert told == [{"owner": "rule:cashback", "total": 1_00, "spent": 1_00}]


def test_what_the_budget_could_not_pay_uses_up_no_turn_of_the_player(live, player, lose, seen, clock) -> None:
    limits = {"per_player": {"count": 1, "period": "lifetime"}, "budget": {"amount": 1, "period": "day"}}
    live(limited(**limits))
    someone = player()
    lose(player(), 20_00)
    lose(someone, 20_00)
    clock.advance(days=1)
    lose(someone, 20_00)
    assert [outcome for _, outcome, _ in seen.decisions()] == ["done", "out_of_budget", "done"]


def test_64_racing_players_never_exceed_a_budget(kernel, tenant) -> None:
    taken: list[bool] = []

    def race() -> None:
        for _ in range(8):
            with kernel.context(tenant.id) as ctx:
                got = reserve(ctx, "rule:race", period=LIFETIME, total=1_000, amount=50)
            taken.append(got)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with kernel.context(tenant.id) as ctx:
        spent = ctx.session.get(BudgetRow, (tenant.id, "rule:race", LIFETIME)).spent
    assert (sum(taken), len(taken), spent) == (20, 64, 1_000)


# -- holdout -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "expected"), [("u1", 7663), ("u2", 9367), ("u3", 2525), ("u42", 7314)])
def test_buckets_are_those_of_the_oracle(user: str, expected: int) -> None:
    assert bucket("cashback-nov", user) == expected


@given(st.text(), st.text(), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_holdout_keeps_a_smaller_one(experiment: str, user: str, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert is_held_out(experiment, user, high) or not is_held_out(experiment, user, low)
    assert not is_held_out(experiment, user, 0)
    assert is_held_out(experiment, user, 100)


def test_who_is_held_out_gets_nothing_and_is_counted(live, player, lose, seen) -> None:
    live(reward(holdout_percent=50, then=ONE, limits={"per_player": {"count": 1, "period": "week"}}))
    players = [player() for _ in range(12)]
    for someone in players:
        lose(someone, 20_00)
    held = sum(is_held_out("cashback", someone, 50) for someone in players)
    outcomes = [outcome for _, outcome, _ in seen.decisions()]
    assert (outcomes.count("held_out"), outcomes.count("done")) == (held, 12 - held)
    assert len(seen.payouts()) == 12 - held


# -- exclusive groups --------------------------------------------------------------------------


def in_group(key: str, amount: float, priority: int, **group):
    exclusive = {"group": "welcome", **group}
    then = [{"action": "casino.pay", "amount": amount}]
    return reward(key, then=then, priority=priority, exclusive=exclusive)


def test_the_best_of_a_group_is_taken(live, player, lose, seen) -> None:
    live(in_group("a", 1, 3), in_group("b", 3, 2), in_group("c", 2, 1))
    lose(player(), 20_00)
    assert seen.payouts() == [("pay x0", 3_00)]
    assert seen.decisions()[0] == ("a", "excluded", 1_00)


def test_the_first_of_a_group_is_taken(live, player, lose, seen) -> None:
    live(in_group("a", 1, 3, pick="first"), in_group("b", 3, 2, pick="first"))
    lose(player(), 20_00)
    assert seen.payouts() == [("pay x0", 1_00)]


def test_the_sum_of_a_group_is_capped(live, player, lose, seen) -> None:
    group = {"pick": "sum_capped", "max_amount": 4.5}
    live(in_group("a", 1, 3, **group), in_group("b", 3, 2, **group), in_group("c", 2, 1, **group))
    lose(player(), 20_00)
    assert [amount for _, amount in seen.payouts()] == [1_00, 3_00, 50]


# -- taking back -------------------------------------------------------------------------------


def test_what_is_undone_gives_back_use_and_budget(kernel, tenant, live, player, lose, seen) -> None:
    limits = {"per_player": {"count": 1, "period": "lifetime"}, "budget": {"amount": 1, "period": "lifetime"}}
    live(limited(**limits))
    someone = player()
    event = lose(someone, 20_00)
    with kernel.context(tenant.id) as ctx:
        assert (undo_event(ctx, event.id), undo_event(ctx, event.id)) == (1, 0)
    assert seen.payouts() == []
    assert seen.payouts(undone=True) == [("pay x0", 1_00)]
    lose(someone, 20_00)
    assert [outcome for _, outcome, _ in seen.decisions()] == ["undone", "done"]


def test_what_was_not_done_is_not_undone(kernel, tenant, live, player, lose) -> None:
    live(limited(budget={"amount": 0.5, "period": "day"}))
    event = lose(player(), 20_00)
    with kernel.context(tenant.id) as ctx:
        assert undo_event(ctx, event.id) == 0


def test_undoing_is_an_action_with_a_name(kernel, tenant, live, player, lose, seen) -> None:
    live(limited())
    event = lose(player(), 20_00)
    with kernel.context(tenant.id) as ctx:
        ctx.act("rules.undo_event", event_id=str(event.id))
    assert seen.payouts() == []


# -- limits ------------------------------------------------------------------------------------


def limit(**more):
    return {
        "kind": "limit",
        "key": "day-limit",
        "operation": "casino.play",
        "when": {"staked_7d": {"above": 50}},
        "message": "You staked more than 50 this week: take a break.",
        **more,
    }


def test_a_limit_refuses_the_operation_with_its_message(kernel, tenant, live, player, lose) -> None:
    live(limit())
    someone = player()
    lose(someone, 50_00)
    with kernel.context(tenant.id) as ctx:
        ctx.of(someone).guard("casino.play")
    lose(someone, 1)
    with kernel.context(tenant.id) as ctx, pytest.raises(Refused, match="take a break"):
        ctx.of(someone).guard("casino.play")


def test_a_limit_is_for_its_operation_alone(kernel, tenant, live, player, lose) -> None:
    live(limit())
    someone = player()
    lose(someone, 51_00)
    with kernel.context(tenant.id) as ctx:
        ctx.of(someone).guard("casino.withdraw")


def test_a_limit_without_a_value_fails_closed(kernel, tenant, live, player) -> None:
    live(limit(when="1 / net_loss > 0"))
    with kernel.context(tenant.id) as ctx, pytest.raises(Refused, match="cannot be checked now"):
        ctx.of(player()).guard("casino.play")


def test_a_limit_that_lost_its_words_refuses_rather_than_lets_pass(kernel, tenant, live, player) -> None:
    live(limit())
    someone = player()
    with kernel.context(tenant.id) as ctx:
        toggle.disable(ctx, "casino", is_forced=True)
    kernel.tenants.forget(tenant.id)
    with kernel.context(tenant.id) as ctx, pytest.raises(Refused, match="cannot be checked now"):
        ctx.of(someone).guard("casino.play")
