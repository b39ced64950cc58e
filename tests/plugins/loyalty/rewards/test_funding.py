"""Stakes that purses pay, through the ledger; the numbers are the oracle's."""

from __future__ import annotations

import pytest

from pitboss.core.errors import Conflict, InsufficientFunds, KeyReused
from tests.plugins.loyalty.samples import ORACLES, cents

ORACLE = ORACLES["bonus.sticky_vs_nonsticky"]


@pytest.fixture
def give(act, money):
    """Give 100.00 cash and a bonus of 50.00 that is far from wagered."""

    def make(**terms):
        money.add(cents("100"))
        return act("grant_bonus", amount=cents("50"), wagering_requirement=10, **terms)

    return make


@pytest.mark.parametrize(("case", "sticky"), [("non_sticky", False), ("bonus_first", True)])
def test_stakes_and_returns_divide_as_the_oracle_says(give, act, money, case, sticky) -> None:
    bonus = give(sticky=sticky)
    for number, step in enumerate(ORACLE["expected"][case]):
        paid = act("pay_stake", amount=cents(step["stake"]), key=f"bet:{number}")
        assert paid["cash"] == cents(step["from_cash"])
        assert sum(paid["bonuses"].values()) == cents(step["from_bonus"])
        act("pay_return", amount=cents(step["return"]), key=f"bet:{number}")
        assert (money("wallet"), money("bonus", bonus)) == (step["cash"], step["bonus"])


def test_a_bonus_of_which_nothing_is_left_is_lost(give, act, reward) -> None:
    bonus = give(sticky=True)
    act("pay_stake", amount=cents("50"), key="a")
    assert reward(bonus).status == "active"
    act("pay_return", amount=0, key="a")
    assert (reward(bonus).status, reward(bonus).reason) == ("forfeited", "nothing was left of it")


def test_a_void_stake_goes_back_to_the_purses_that_paid(give, act, money) -> None:
    bonus = give()
    act("pay_stake", amount=cents("120"), key="a")
    act("void_stake", key="a")
    assert (money("wallet"), money("bonus", bonus)) == ("100.00", "50.00")


def test_the_same_stake_is_paid_once(give, act, money) -> None:
    give()
    answers = [act("pay_stake", amount=cents("30"), key="a") for _ in range(2)]
    assert answers[0] == answers[1]
    assert money("wallet") == "70.00"
    with pytest.raises(KeyReused):
        act("pay_stake", amount=cents("31"), key="a")


def test_the_same_return_is_paid_once(give, act, money) -> None:
    give()
    act("pay_stake", amount=cents("30"), key="a")
    for _ in range(2):
        act("pay_return", amount=cents("90"), key="a")
    assert money("wallet") == "160.00"
    with pytest.raises(KeyReused):
        act("pay_return", amount=cents("91"), key="a")


def test_more_than_there_is_cannot_be_staked(give, act, money) -> None:
    bonus = give()
    with pytest.raises(InsufficientFunds):
        act("pay_stake", amount=cents("150.01"), key="a")
    assert (money("wallet"), money("bonus", bonus)) == ("100.00", "50.00")


def test_a_bonus_pays_only_for_its_games(give, act) -> None:
    give(sticky=True, eligible_games=["slots"])
    assert act("pay_stake", amount=cents("60"), key="a", game="roulette")["cash"] == cents("60")
    assert act("pay_stake", amount=cents("60"), key="b", game="book", category="slots")["cash"] == cents("10")


def test_an_expired_bonus_pays_for_nothing(give, act, clock, money) -> None:
    bonus = give(sticky=True, expiry_hours=1)
    clock.advance(hours=1)
    assert act("pay_stake", amount=cents("60"), key="a") == {"cash": 6000, "bonuses": {}, "forfeited": 0}
    assert money("bonus", bonus) == "0.00"


def test_what_returns_to_an_ended_bonus_stays_with_the_house(give, act, clock, run, money) -> None:
    give(sticky=True, expiry_hours=1)
    act("pay_stake", amount=cents("60"), key="a")
    clock.advance(hours=1)
    run("expire_rewards")
    landed = act("pay_return", amount=cents("120"), key="a")
    assert (landed["cash"], landed["forfeited"]) == (cents("20"), cents("100"))
    assert money("wallet") == "110.00"


def test_what_returns_to_a_completed_bonus_is_cash_within_its_cap(act, play, money) -> None:
    act("grant_bonus", amount=cents("50"), wagering_requirement=0.1, sticky=True, max_conversion=80)
    act("pay_stake", amount=cents("50"), key="a")
    play.wager("slot", "5")
    act("pay_return", amount=cents("200"), key="a")
    assert (money("wallet"), money("bonus")) == ("80.00", "0.00")


def test_a_withdrawal_forfeits_what_is_not_wagered(give, act, money, reward, kernel, tenant, player) -> None:
    bonus = give()
    with kernel.context(tenant.id) as ctx:
        preview = ctx.of(player).value("loyalty.withdrawal", cents("40"))
    assert preview["forfeited"] == {str(bonus): cents("50")}
    assert act("withdraw", amount=cents("40"), key="w") == preview
    assert (money("wallet"), money("bonus", bonus), reward(bonus).status) == ("60.00", "0.00", "forfeited")
    with pytest.raises(Conflict):
        act("withdraw", amount=cents("40"), key="w")


def test_a_phantom_bonus_is_deducted_once_and_stays(give, act, money, reward) -> None:
    bonus = give(sticky=True, phantom=True)
    assert act("withdraw", amount=cents("80"), key="w")["paid"] == cents("30")
    assert act("withdraw", amount=cents("20"), key="v")["paid"] == cents("20")
    assert (money("wallet"), money("bonus", bonus), reward(bonus).status) == ("0.00", "50.00", "active")


def test_funds_are_told_in_the_order_in_which_they_pay(give, kernel, tenant, player) -> None:
    bonus = give()
    with kernel.context(tenant.id) as ctx:
        found = ctx.of(player).value("loyalty.stakeable")
    assert found == {"cash": cents("100"), "bonuses": {str(bonus): cents("50")}, "total": cents("150")}
