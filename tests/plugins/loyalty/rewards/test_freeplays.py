"""Free bets and free spins: used once, given back, expired."""

from __future__ import annotations

import pytest

from pitboss.core.errors import InsufficientFunds, KeyReused


@pytest.fixture
def free_bet(act):
    """A free bet of 10.00 at odds of 1.50 or more."""
    return act("grant_free_bet", amount=1000, expiry_hours=48, min_odds=1.5)


@pytest.fixture
def spins(act):
    """Three free spins of 0.20 on one game."""
    return act("grant_spins", amount=3, value=0.2, expiry_hours=48, eligible_games=["book"])


def test_a_free_bet_pays_what_it_wins_without_its_stake(free_bet, act, money, reward) -> None:
    used = act("use_free_play", kind="bet", odds="3.0", key="bet:1")
    assert used == {"reward_id": free_bet, "stake": 1000, "left": 0}
    assert [act("settle_free_play", multiplier="3.0", key="bet:1") for _ in range(2)] == [2000, 2000]
    assert (money("wallet"), reward(free_bet).status) == ("20.00", "completed")


def test_a_free_bet_is_used_once(free_bet, act) -> None:
    for _ in range(2):
        assert act("use_free_play", kind="bet", odds="3.0", key="bet:1")["left"] == 0
    with pytest.raises(InsufficientFunds):
        act("use_free_play", kind="bet", odds="3.0", key="bet:2")


def test_odds_that_are_too_low_use_nothing(free_bet, act, reward) -> None:
    with pytest.raises(InsufficientFunds):
        act("use_free_play", kind="bet", odds="1.49", key="bet:1")
    assert reward(free_bet).status == "active"


def test_a_void_bet_gives_the_free_bet_back(free_bet, act, money, reward) -> None:
    act("use_free_play", kind="bet", odds="3.0", key="bet:1")
    act("settle_free_play", multiplier="3.0", key="bet:1")
    for _ in range(2):
        act("void_free_play", key="bet:1")
    assert (money("wallet"), reward(free_bet).status) == ("0.00", "active")
    assert act("use_free_play", kind="bet", odds="2.0", key="bet:2")["left"] == 0
    with pytest.raises(KeyReused):
        act("use_free_play", kind="bet", odds="2.0", key="bet:1")


def test_spins_are_used_one_by_one_on_their_game(spins, act, money) -> None:
    left = [act("use_free_play", kind="spins", game="book", key=f"round:{n}")["left"] for n in range(2)]
    assert left == [2, 1]
    assert act("settle_free_play", winnings=70, key="round:0") == 70
    with pytest.raises(InsufficientFunds):
        act("use_free_play", kind="spins", game="other", key="round:9")
    assert money("wallet") == "0.70"


@pytest.mark.usefixtures("spins")
def test_what_is_not_used_expires(act, clock, run, told) -> None:
    act("use_free_play", kind="spins", game="book", key="round:0")
    clock.advance(hours=48)
    with pytest.raises(InsufficientFunds):
        act("use_free_play", kind="spins", game="book", key="round:1")
    run("expire_rewards")
    assert told()[-1] == "Your free spins expired"


def test_what_expires_first_is_used_first(act) -> None:
    later = act("grant_spins", amount=1, value=1, expiry_hours=72)
    sooner = act("grant_spins", amount=1, value=1, expiry_hours=24)
    used = [act("use_free_play", kind="spins", key=f"round:{n}")["reward_id"] for n in range(2)]
    assert used == [sooner, later]
