"""Rewards that are taken back, cancelled, claimed and refused."""

from __future__ import annotations

import pytest

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Cause
from pitboss.core.errors import Conflict, InvalidInput, KeyReused, Refused
from pitboss.plugins.loyalty.freeplay import tokens as freeplays
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.rewards import lifecycle


@pytest.fixture
def decide(kernel, tenant, player):
    """Do actions in the name of one decision, and undo all of it: `decide.undo()`."""

    class Decision:
        cause = Cause(uuid7(), "cashback", 3)

        def __call__(self, noun: str, **parameters):
            with kernel.context(tenant.id) as ctx:
                ctx.cause = self.cause
                return ctx.of(player).act(f"loyalty.{noun}", **parameters)

        def undo(self) -> None:
            with kernel.context(tenant.id) as ctx:
                lifecycle.undo(ctx.of(player), self.cause)

    return Decision()


def test_a_decision_gives_each_of_its_rewards_a_key(decide, reward) -> None:
    given = [decide("grant_cash", amount=100), decide("grant_bonus", amount=100, wagering_requirement=1)]
    rows = [reward(one) for one in given]
    assert [row.key for row in rows] == [f"decision:{decide.cause.id}:{n}" for n in (1, 2)]
    assert {(row.rule, row.rule_version, row.decision_id) for row in rows} == {
        ("cashback", 3, decide.cause.id)
    }


def test_undo_takes_back_every_type_once(decide, money, reward) -> None:
    given = [
        decide("grant_cash", amount=100),
        decide("grant_tickets", amount=3),
        decide("grant_free_bet", amount=500),
        decide("grant_perk", perk="host"),
        decide("grant_bonus", amount=1000, wagering_requirement=10),
    ]
    for _ in range(2):
        decide.undo()
    assert {reward(one).status for one in given} == {"cancelled"}
    assert (money("wallet"), money("wallet", unit="TKT"), money("receivable")) == ("0.00", "0.00", "0.00")


def test_what_was_spent_is_owed(decide, act, money) -> None:
    decide("grant_cash", amount=100)
    act("withdraw", amount=60)
    decide.undo()
    assert (money("wallet"), money("receivable")) == ("0.00", "-0.60")


def test_a_bonus_in_use_gives_what_is_left_and_owes_the_rest(decide, act, money) -> None:
    bonus = decide("grant_bonus", amount=1000, wagering_requirement=10, sticky=True)
    act("pay_stake", amount=400, key="a")
    act("pay_return", amount=0, key="a")
    decide.undo()
    assert (money("bonus", bonus), money("receivable"), money.house("bonus_cost")) == (
        "0.00",
        "-4.00",
        "0.00",
    )


def test_what_is_won_with_a_bonus_that_was_taken_back_goes_with_it(decide, act, money) -> None:
    bonus = decide("grant_bonus", amount=1000, wagering_requirement=10, sticky=True)
    act("pay_stake", amount=400, key="a")
    act("pay_return", amount=2000, key="a")
    decide.undo()
    assert (money("bonus", bonus), money("receivable"), money("wallet")) == ("0.00", "0.00", "0.00")


def test_a_stake_that_returns_after_the_undo_pays_what_is_owed(decide, act, money) -> None:
    decide("grant_bonus", amount=1000, wagering_requirement=10, sticky=True)
    act("pay_stake", amount=1000, key="a")
    decide.undo()
    assert money("receivable") == "-10.00"
    act("void_stake", key="a")
    assert (money("receivable"), money("wallet")) == ("0.00", "0.00")


def test_a_completed_bonus_is_reversed(decide, play, money, act) -> None:
    decide("grant_bonus", amount=1000, wagering_requirement=0.5)
    play.wager("slot", "5")
    act("withdraw", amount=300)
    decide.undo()
    assert (money("wallet"), money("receivable")) == ("0.00", "-3.00")


def test_an_expired_bonus_owes_only_what_was_lost_of_it(decide, clock, run, money) -> None:
    decide("grant_bonus", amount=1000, wagering_requirement=10, expiry_hours=1)
    clock.advance(hours=1)
    run("expire_rewards")
    decide.undo()
    assert (money("receivable"), money.house("bonus_cost")) == ("0.00", "0.00")


def test_what_a_free_bet_won_is_taken_back_with_it(decide, act, money) -> None:
    decide("grant_free_bet", amount=1000)
    act("use_free_play", kind="bet", key="bet:1")
    act("settle_free_play", multiplier="3", key="bet:1")
    decide.undo()
    assert money("wallet") == "0.00"


def test_a_claimable_reward_waits_for_its_player(act, kernel, tenant, player, reward, money, told) -> None:
    bonus = act("grant_bonus", amount=1000, wagering_requirement=10, expiry_hours=48, claimable=True)
    assert (reward(bonus).status, money("bonus", bonus)) == ("claimable", "0.00")
    with kernel.context(tenant.id) as ctx:
        lifecycle.claim(ctx, player, bonus)
    assert (reward(bonus).status, money("bonus", bonus)) == ("active", "10.00")
    with kernel.context(tenant.id) as ctx, pytest.raises(Conflict):
        lifecycle.claim(ctx, player, bonus)
    assert told() == ["Claim a bonus of 10.00 EUR", "For you: a bonus of 10.00 EUR"]


def test_what_nobody_claims_expires_and_can_be_undone(decide, clock, run, reward, money) -> None:
    given = [
        decide("grant_bonus", amount=1000, claimable=True, claim_hours=2),
        decide("grant_cash", amount=1000, claimable=True, claim_hours=2),
        decide("grant_free_bet", amount=1000, claimable=True, claim_hours=2),
    ]
    clock.advance(hours=2)
    run("expire_rewards")
    assert {reward(one).status for one in given} == {"expired"}
    decide.undo()
    assert money("receivable") == "0.00"


def test_a_pending_reward_is_delivered_when_it_is_released(kernel, tenant, player, reward, money) -> None:
    with kernel.context(tenant.id) as ctx:
        held = lifecycle.give(ctx, player_id=player, type="cash", amount=500, key="k", status="pending").id
    assert (reward(held).status, money("wallet")) == ("pending", "0.00")
    for _ in range(2):
        with kernel.context(tenant.id) as ctx:
            lifecycle.release(ctx, held)
    assert (reward(held).status, money("wallet")) == ("completed", "5.00")


def test_a_blocked_player_is_given_nothing_and_claims_nothing(act, kernel, tenant, player) -> None:
    waits = act("grant_cash", amount=100, claimable=True)
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, player, LoyaltyPlayer, is_blocked=True)
    with pytest.raises(Refused, match="blocked"):
        act("grant_cash", amount=100)
    with kernel.context(tenant.id) as ctx, pytest.raises(Refused, match="blocked"):
        lifecycle.claim(ctx, player, waits)


def test_a_key_belongs_to_one_reward(act) -> None:
    act("grant_cash", amount=100, key="k")
    with pytest.raises(KeyReused):
        act("grant_free_bet", amount=100, key="k")


def test_a_reward_needs_a_business_key(kernel, tenant, player) -> None:
    with kernel.context(tenant.id) as ctx, pytest.raises(InvalidInput, match="key"):
        ctx.of(player).act("loyalty.grant_cash", amount=100)


def test_nobody_who_was_not_referred_has_a_referrer(act) -> None:
    with pytest.raises(Refused, match="nobody referred"):
        act("grant_bonus", amount=100, to="referrer")


def test_free_play_of_another_tenant_is_not_there(act, kernel, other_tenant, player) -> None:
    act("grant_free_bet", amount=100)
    with kernel.context(other_tenant.id) as ctx:
        assert freeplays.usable_by(ctx, player) == []
