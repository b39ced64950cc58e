"""Bonuses from grant to end, with play sent over HTTP and money in the ledger."""

from __future__ import annotations

import pytest

from tests.plugins.loyalty.samples import ORACLES

WAGERING = ORACLES["bonus.wagering"]
TRACE = WAGERING["expected"]["trace"]


@pytest.fixture
def bonus(act):
    """The bonus of the oracle: 10.00, to be wagered ten times."""
    return act("grant_bonus", amount=1000, wagering_requirement=10, expiry_hours=48)


def test_the_trace_of_the_oracle_counts_step_by_step(bonus, play, wagered) -> None:
    for game, amount, _, expected in TRACE[:8]:
        play.wager(game, amount)
        assert wagered(bonus) == expected, game
    assert wagered(bonus) == WAGERING["expected"]["progress_after_first_8_events"] == "17.45"


def test_rolling_back_event_7_leaves_12_45(bonus, play, wagered) -> None:
    sent = [play.wager(game, amount) for game, amount, *_ in TRACE[:8]]
    play.roll_back(sent[6])
    assert wagered(bonus) == WAGERING["expected"]["same_after_event_7_is_rolled_back"] == "12.45"


def test_a_bonus_wagered_in_full_becomes_cash(bonus, play, wagered, money, reward, told, events) -> None:
    for game, amount, *_ in TRACE:
        play.wager(game, amount)
    assert (wagered(bonus), reward(bonus).status) == ("100.00", "completed")
    assert (money("bonus", bonus), money("wallet")) == ("0.00", "10.00")
    assert told() == ["For you: a bonus of 10.00 EUR", "Your bonus became cash"]
    assert [event.payload["converted"] for event in events("loyalty.bonus_completed")] == [1000]


def test_a_wager_rolled_back_after_completion_takes_the_cash_back(bonus, play, money, reward) -> None:
    sent = [play.wager(game, amount) for game, amount, *_ in TRACE]
    play.roll_back(sent[0])
    assert reward(bonus).status == "active"
    assert (money("bonus", bonus), money("wallet")) == ("10.00", "0.00")
    play.wager("slot", "5")
    assert (reward(bonus).status, money("wallet")) == ("completed", "10.00")


def test_cash_that_was_spent_meanwhile_is_owed(bonus, play, money, act) -> None:
    sent = [play.wager(game, amount) for game, amount, *_ in TRACE]
    act("withdraw", amount=700)
    play.roll_back(sent[0])
    assert (money("wallet"), money("receivable"), money("bonus", bonus)) == ("0.00", "-7.00", "10.00")


def test_a_bonus_that_expires_goes_back_to_the_house(bonus, clock, run, money, reward, told) -> None:
    clock.advance(hours=48)
    run("expire_rewards")
    assert (reward(bonus).status, money("bonus", bonus), money.house("bonus_cost")) == (
        "expired",
        "0.00",
        "0.00",
    )
    assert told() == ["For you: a bonus of 10.00 EUR", "Your bonus expired"]


def test_a_player_is_told_once_a_day_before_the_end(bonus, clock, run, told) -> None:
    clock.advance(hours=23, minutes=59)
    run("warn_of_expiry")
    assert told() == ["For you: a bonus of 10.00 EUR"]
    for _ in range(2):
        clock.advance(hours=1)
        run("warn_of_expiry")
    assert told() == ["For you: a bonus of 10.00 EUR", "Do not miss a bonus of 10.00 EUR"]


def test_it_expires_once_however_often_the_task_runs(bonus, clock, run, events) -> None:
    clock.advance(hours=49)
    for _ in range(3):
        run("expire_rewards")
    assert len(events("loyalty.reward_ended")) == 1


def test_two_bonuses_count_one_after_the_other(act, play, wagered) -> None:
    later = act("grant_bonus", amount=100, wagering_requirement=3, expiry_hours=72)
    sooner = act("grant_bonus", amount=100, wagering_requirement=3, expiry_hours=24)
    play.wager("slot", "4")
    assert (wagered(sooner), wagered(later)) == ("3.00", "1.00")


def test_a_bet_above_the_maximum_ends_a_strict_bonus_until_it_is_rolled_back(
    act, play, money, reward
) -> None:
    bonus = act("grant_bonus", amount=1000, wagering_requirement=10, breach_policy="forfeit")
    sent = play.wager("slot", "5.01")
    assert (reward(bonus).status, money("bonus", bonus)) == ("forfeited", "0.00")
    play.roll_back(sent)
    assert (reward(bonus).status, money("bonus", bonus)) == ("active", "10.00")


def test_terms_bound_what_becomes_cash(act, play, money) -> None:
    for terms, cash in (
        ({"max_conversion": 4}, "4.00"),
        ({"max_conversion_multiple": 0.25}, "6.50"),
        ({"phantom": True}, "6.50"),
        ({}, "16.50"),
    ):
        bonus = act("grant_bonus", amount=1000, wagering_requirement=0.5, **terms)
        play.wager("slot", "5")
        held = (money("bonus", bonus), money("wallet"), money.house("bonus_cost"))
        assert held == ("0.00", cash, f"-{cash}"), terms


def test_a_bonus_that_asks_for_nothing_is_cash_at_once(act, money, reward) -> None:
    bonus = act("grant_bonus", amount=1000, type="CASHBACK")
    assert (reward(bonus).status, reward(bonus).type) == ("completed", "cashback")
    assert (money("wallet"), money.house("cashback_cost")) == ("10.00", "-10.00")


def test_only_eligible_games_count(act, play, wagered) -> None:
    bonus = act("grant_bonus", amount=1000, wagering_requirement=10, eligible_games=["slots", "roulette"])
    play.wager("starburst", "5", category="slots")
    play.wager("roulette", "5")
    play.wager("blackjack", "5")
    assert wagered(bonus) == "5.50"


def test_the_deposit_counts_where_the_terms_say_so(act, kernel, tenant) -> None:
    bonus = act("grant_bonus", amount=1000, wagering_requirement=10, base="bonus_and_deposit", deposit=50)
    from pitboss.plugins.loyalty.bonuses import purses

    with kernel.context(tenant.id) as ctx:
        assert purses.find(ctx, bonus).requirement == 600_00


def test_the_same_key_gives_once(act, money) -> None:
    given = {act("grant_bonus", amount=1000, wagering_requirement=1, key="welcome") for _ in range(2)}
    assert len(given) == 1
    assert money("bonus", given.pop()) == "10.00"
