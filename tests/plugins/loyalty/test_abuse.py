"""Each detector finds what it is for, leaves ordinary play alone, and says what it saw."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.abuse.links import Traits
from pitboss.plugins.loyalty.abuse.signs import (
    Bet,
    BonusPlay,
    PlayThrough,
    Signal,
    Transfer,
    bonus_hunting,
    chip_dumping,
    covered_stake,
    minimal_playthrough,
    multi_accounting,
    opposite_betting,
)
from tests.plugins.loyalty.samples import law

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("severity", "step", "needs_case"),
    [(1, "watch", False), (5, "stop_bonuses", False), (7, "stop_bonuses", False), (8, "hold_rewards", True)],
)
def test_the_severity_says_what_to_do(severity: int, step: str, needs_case: bool) -> None:
    signal = Signal(detector="bonus_hunting", players=frozenset({"ann"}), severity=severity, reason="x")
    assert (signal.step, signal.needs_case) == (step, needs_case)


# -- bonus hunting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staked", "with_bonus", "bonuses", "severity"),
    [
        (1000, 1000, 3, 7),
        (1000, 950, 3, 5),
        (1000, 900, 3, 4),
        (1000, 899, 3, None),
        (1000, 1000, 2, None),
        (0, 0, 9, None),
    ],
)
def test_who_wagers_only_with_bonus_is_found(
    staked: int, with_bonus: int, bonuses: int, severity: int | None
) -> None:
    signal = bonus_hunting(
        BonusPlay(player="ann", staked=staked, staked_with_bonus=with_bonus, bonuses=bonuses)
    )
    assert (signal and signal.severity) == severity


def test_a_signal_names_the_player_and_what_was_seen() -> None:
    signal = bonus_hunting(BonusPlay(player="ann", staked=1000, staked_with_bonus=950, bonuses=4))
    assert signal is not None
    assert signal.players == {"ann"}
    assert signal.reason == "95 % of what was wagered with 4 bonuses was wagered with bonus"
    assert signal.evidence == {"staked": 1000, "staked_with_bonus": 950, "bonuses": 4}


def test_more_with_bonus_than_in_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="give a part of it"):
        bonus_hunting(BonusPlay(player="ann", staked=1, staked_with_bonus=2, bonuses=3))


# -- opposite betting ------------------------------------------------------------------------------


def bets(*sides: tuple[str, str, int], markets: int = 3) -> list[Bet]:
    return [
        Bet(player=player, market=str(market), selection=selection, stake=stake)
        for market in range(markets)
        for player, selection, stake in sides
    ]


@pytest.mark.parametrize(
    ("sides", "covered"),
    [
        ({}, 0),
        ({"red": 100}, 0),
        ({"red": 100, "black": 90}, 180),
        ({"home": 50, "draw": 30, "away": 20}, 100),
        ({"home": 80, "draw": 10, "away": 10}, 40),
    ],
)
def test_what_covers_each_other_is_counted_on_both_sides(sides: dict[str, int], covered: int) -> None:
    assert covered_stake(sides) == covered


@pytest.mark.parametrize(
    ("placed", "severity"),
    [
        (bets(("ann", "red", 100), ("ann", "black", 100)), 8),
        (bets(("ann", "red", 100), ("bob", "black", 100)), 9),
        (bets(("ann", "red", 75), ("ann", "black", 25)), 5),
        (bets(("ann", "red", 76), ("ann", "black", 24)), None),
        (bets(("ann", "red", 100), ("ann", "black", 100), markets=2), None),
        (bets(("ann", "red", 100)), None),
        ([], None),
    ],
)
def test_who_covers_both_sides_is_found(placed: list[Bet], severity: int | None) -> None:
    signal = opposite_betting(placed)
    assert (signal and signal.severity) == severity


# -- minimal play-through --------------------------------------------------------------------------


def through(wagered: int = 1000, seconds: int = 60) -> PlayThrough:
    return PlayThrough(requirement=1000, wagered=wagered, seconds_until_withdrawal=seconds)


@pytest.mark.parametrize(
    ("completed", "severity"),
    [
        ([through()] * 3, 6),
        ([through(1050, DAY)] * 3, 6),
        ([through()] * 3 + [through(9000)] * 3, 4),
        ([through()] * 2, None),
        ([through(1051)] * 3, None),
        ([through(1000, DAY + 1)] * 3, None),
        ([], None),
    ],
)
def test_who_wagers_just_enough_and_leaves_is_found(
    completed: list[PlayThrough], severity: int | None
) -> None:
    signal = minimal_playthrough("ann", completed)
    assert (signal and signal.severity) == severity


# -- chip dumping ----------------------------------------------------------------------------------


def lost(loser: str, winner: str, amount: int, rounds: int) -> list[Transfer]:
    return [Transfer(loser=loser, winner=winner, amount=amount)] * rounds


@pytest.mark.parametrize(
    ("transfers", "severity"),
    [
        (lost("ann", "bob", 1000, 10), 9),
        (lost("ann", "bob", 1000, 8) + lost("bob", "ann", 1000, 2), None),
        (lost("ann", "bob", 2000, 8) + lost("bob", "ann", 2000, 2), 6),
        (lost("ann", "bob", 1000, 9), None),
        (lost("ann", "bob", 999, 10), None),
        (lost("ann", "bob", 1000, 20) + lost("bob", "ann", 1000, 20), None),
    ],
)
def test_a_pair_in_which_all_goes_one_way_is_found(transfers: list[Transfer], severity: int | None) -> None:
    found = chip_dumping(transfers)
    assert [signal.severity for signal in found] == ([] if severity is None else [severity])


def test_the_gravest_pair_comes_first_and_is_named() -> None:
    mild = lost("cid", "dee", 2000, 8) + lost("dee", "cid", 2000, 2)
    found = chip_dumping(mild + lost("ann", "bob", 1000, 10))
    assert [signal.players for signal in found] == [{"ann", "bob"}, {"cid", "dee"}]
    assert found[0].evidence == {"loser": "ann", "winner": "bob", "given": 10_000, "returned": 0}
    assert found[0].reason == "100 % of what ann and bob lost to each other went to bob"


# -- multi-accounting ------------------------------------------------------------------------------


def test_the_same_device_and_card_are_a_signal_of_8_of_10() -> None:
    known: dict[str, Any] = {"devices": frozenset({"d"}), "cards": frozenset({"c"})}
    [signal] = multi_accounting([Traits(player="ann", **known), Traits(player="twin", **known)])
    assert (signal.severity, signal.step, signal.needs_case) == (8, "hold_rewards", True)
    assert signal.reason == "2 accounts look like one: same device (+4), same card (+4)"
    assert signal.players == {"ann", "twin"}


def test_a_household_is_no_signal() -> None:
    known: dict[str, Any] = {"ips": frozenset({"i"}), "addresses": frozenset({"a"})}
    assert multi_accounting([Traits(player="ann", **known), Traits(player="bob", **known)]) == []


# -- laws ------------------------------------------------------------------------------------------


@law
@given(
    staked=st.integers(0, 1000), part=st.fractions(0, 1), bonuses=st.integers(0, 9), least=st.fractions(0, 1)
)
def test_no_severity_leaves_its_scale_whatever_the_threshold(
    staked: int, part: Fraction, bonuses: int, least: Fraction
) -> None:
    play = BonusPlay(player="ann", staked=staked, staked_with_bonus=int(staked * part), bonuses=bonuses)
    signal = bonus_hunting(play, bonuses_min=0, share_min=least)
    assert signal is None or 4 <= signal.severity <= 7


@law
@given(
    placed=st.lists(
        st.builds(
            Bet,
            player=st.sampled_from(["ann", "bob"]),
            market=st.sampled_from("123"),
            selection=st.sampled_from("xyz"),
            stake=st.integers(0, 100),
        ),
        max_size=20,
    )
)
def test_no_more_is_covered_than_was_staked(placed: list[Bet]) -> None:
    signal = opposite_betting(placed, markets_min=0, share_min=Fraction(0))
    assert signal is not None
    assert 0 <= int(signal.evidence["opposite"]) <= int(signal.evidence["staked"])
    assert 1 <= signal.severity <= 10
