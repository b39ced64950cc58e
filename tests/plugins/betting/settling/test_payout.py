"""A slip returns the sum over its lines, exactly, rounded once; and its explanation does the sum again."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.lines import System, expand, named, sized
from pitboss.plugins.betting.settling.bonuses import LUCKY, Bonus
from pitboss.plugins.betting.settling.eachway import PlaceTerms
from pitboss.plugins.betting.settling.explaining import LINES_EXPLAINED_MAX, lines_of, replay
from pitboss.plugins.betting.settling.outcomes import VOID, Outcome, State
from pitboss.plugins.betting.settling.payout import WON, most, potential, settle
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from tests.plugins.betting.samples import (
    ORACLES,
    TEN_LEGS,
    came,
    cents,
    euros,
    expected,
    law,
    legs,
    outcomes,
    prices,
)

ACCA, SYSTEM = ORACLES["acca.legs"], ORACLES["system"]
PLAIN = Rules()
Way = tuple[str, State]


@st.composite
def slips(draw: st.DrawFn) -> tuple[Slip, list[Outcome]]:
    """Draw any slip with what its legs came to."""
    count = draw(st.integers(1, 5))
    is_each_way = draw(st.booleans())
    place = PlaceTerms(Fraction(1, 5), 3) if is_each_way else None
    bankers = draw(st.integers(0, count - 1))
    drawn = tuple(
        Leg(odds=draw(prices), is_banker=at < bankers, place=place if draw(st.booleans()) else None)
        for at in range(count)
    )
    sizes = draw(st.sets(st.integers(1, count - bankers)))
    slip = Slip(
        legs=drawn,
        stake=draw(st.integers(1, 10**6)),
        sizes=tuple(sorted(sizes)),
        is_each_way=is_each_way,
        is_free_bet=draw(st.booleans()),
    )
    positions = st.sampled_from([None, 1, 3, 4])
    return slip, [replace(draw(outcomes), position=draw(positions)) for _ in range(count)]


@pytest.mark.parametrize("case", ACCA["inputs"]["cases"])
def test_accumulators_return_what_the_oracle_says(case: str) -> None:
    ways, said = ACCA["inputs"]["cases"][case], ACCA["expected"][case]
    slip = Slip(legs=legs(*(odds for odds, _ in ways)), stake=cents(ACCA["inputs"]["stake"]))
    settled = settle(slip, came(*(state for _, state in ways)), PLAIN)
    assert settled.exact == Fraction(said["return_exact"]) * 100
    assert euros(settled.payout_minor) == said["return"]
    assert settled.explanation["parts"][0]["total"] == said["combined_multiplier"]


KNOWN = SYSTEM["inputs"]["legs"]
SYSTEMS: dict[str, tuple[System, list[Way]]] = {
    "canadian_all_won": (named("canadian"), KNOWN["canadian"]),
    "canadian_two_evens_won": (named("canadian"), KNOWN["canadian_two"]),
    # The oracle gives no legs for these: they are the ones that its figures follow from.
    "yankee_3_of_4": (named("yankee"), [("2", "won"), ("3", "won"), ("4", "won"), ("5", "lost")]),
    "trixie_one_void": (named("trixie"), [("2", "won"), ("3", "void"), ("4", "won")]),
    "patent_one_winner": (named("patent"), [("2", "lost"), ("3", "won"), ("4", "lost")]),
    "lucky15_all_won": (named("lucky15"), [("2", "won"), ("3", "won"), ("4", "won"), ("5", "won")]),
    "system_2_of_3": (sized(3, 2), [("2", "won"), ("3", "won"), ("4", "lost")]),
    "system_3_of_5": (
        sized(5, 3),
        [("1.8", "won"), ("1.9", "won"), ("2.0", "won"), ("2.1", "lost"), ("2.2", "won")],
    ),
}


@pytest.mark.parametrize("name", SYSTEM["expected"]["returns"])
def test_systems_return_what_the_oracle_says(name: str) -> None:
    said, (system, ways) = SYSTEM["expected"]["returns"][name], SYSTEMS[name]
    slip = Slip(legs=legs(*(odds for odds, _ in ways)), stake=100 * system.count, sizes=system.sizes)
    settled = settle(slip, came(*(state for _, state in ways)), PLAIN)
    assert (slip.line_count, euros(slip.stake)) == (said["lines"], said["total_stake"])
    assert settled.exact == Fraction(said["return_exact"]) * 100
    assert euros(settled.payout_minor) == said["return"]


def test_the_multiples_of_the_second_journey_pay() -> None:
    three = legs("2.00", "1.50", "3.00")
    treble, trixie = Slip(legs=three, stake=1000), Slip(legs=three, stake=400, sizes=(2, 3))
    assert potential(treble, PLAIN) == 9000
    first, corrected = came("won", "void", "won"), came("lost", "void", "won")
    assert [settle(slip, first, PLAIN).payout_minor for slip in (treble, trixie)] == [6000, 1700]
    assert [settle(slip, corrected, PLAIN).payout_minor for slip in (treble, trixie)] == [0, 300]


@law
@given(slips())
def test_a_slip_returns_the_sum_over_its_lines(drawn: tuple[Slip, list[Outcome]]) -> None:
    """Each line is settled as a slip of its own, once to win and once to be placed."""
    slip, ended = drawn
    bankers = tuple(at for at, leg in enumerate(slip.legs) if leg.is_banker)
    unit, total = Fraction(slip.stake, slip.line_count), Fraction(0)
    for line in expand(slip.system, bankers):
        alone = Slip(
            legs=tuple(replace(slip.legs[at], is_banker=False) for at in line),
            stake=1 + slip.is_each_way,
            is_each_way=slip.is_each_way,
            is_free_bet=slip.is_free_bet,
        )
        total += settle(alone, [ended[at] for at in line], PLAIN).exact
    assert settle(slip, ended, PLAIN).exact == unit * total


@law
@given(slips())
def test_an_explanation_does_the_sum_again_to_the_cent(drawn: tuple[Slip, list[Outcome]]) -> None:
    settled = settle(*drawn, PLAIN)
    kept = json.loads(json.dumps(settled.explanation))
    assert replay(kept) == settled.payout_minor == kept["payout"]
    lines = list(lines_of(kept))
    assert len(lines) == drawn[0].line_count
    assert sum(Fraction(line["pays"]) for line in lines) * Fraction(kept["unit_stake"]) == settled.exact


@law
@given(
    st.lists(st.tuples(prices, outcomes), min_size=2, max_size=5), st.integers(0, 4), st.integers(1, 10**6)
)
def test_a_void_leg_equals_the_slip_without_it(
    drawn: list[tuple[Decimal, Outcome]], at: int, stake: int
) -> None:
    at %= len(drawn)
    with_void = [(odds, VOID if place == at else outcome) for place, (odds, outcome) in enumerate(drawn)]
    without = [pair for place, pair in enumerate(drawn) if place != at]
    whole, rest = (
        settle(Slip(legs=tuple(Leg(odds=o) for o, _ in pairs), stake=stake), [c for _, c in pairs], PLAIN)
        for pairs in (with_void, without)
    )
    assert whole.exact == rest.exact


@law
@given(slips())
def test_no_slip_returns_more_than_its_potential(drawn: tuple[Slip, list[Outcome]]) -> None:
    slip, ended = drawn
    assert 0 <= settle(slip, ended, PLAIN).payout_minor <= potential(slip, PLAIN)


# Free bets


def test_a_free_bet_pays_what_it_won_and_not_its_stake() -> None:
    single = Slip(legs=legs("3.0"), stake=1000, is_free_bet=True)
    assert ORACLES["freebet"]["formula"].endswith("max(0, stake*(multiplier-1))")
    assert settle(single, [WON], PLAIN).payout_minor == 2000
    assert settle(replace(single, legs=legs("1.95")), came("half_won"), PLAIN).payout_minor == 475
    assert [settle(single, came(state), PLAIN).payout_minor for state in ("lost", "void", "half_lost")] == [
        0
    ] * 3


def test_each_line_of_a_free_system_pays_for_itself() -> None:
    """One double of a trixie won: its line pays three units, the lost ones take nothing from it."""
    trixie = Slip(legs=legs("2.0", "2.0", "2.0"), stake=400, sizes=(2, 3), is_free_bet=True)
    assert settle(trixie, came("won", "won", "lost"), PLAIN).payout_minor == 300


# Void policies and builders


def test_a_rule_may_make_the_slip_void_for_one_void_leg() -> None:
    double = Slip(legs=legs("2.0", "3.0"), stake=1000)
    settled = settle(double, came("won", "void"), Rules(void_leg="void_slip"))
    assert settled.payout_minor == 1000
    assert settled.explanation["arithmetic"] == "void, for leg 2 is void: stake back"
    assert replay(settled.explanation) == 1000


BUILDER = Slip(legs=legs("1.8", "2.1", "3.0"), stake=1000, builder_odds=Decimal("6.50"))


@pytest.mark.parametrize(
    ("states", "payout"),
    [
        (("won", "won", "won"), 6500),
        (("won", "lost", "won"), 0),
        (("won", "void", "won"), 1000),
        (("lost", "push", "won"), 1000),
    ],
)
def test_a_bet_builder_has_one_price_or_is_void(states: Any, payout: int) -> None:
    settled = settle(BUILDER, came(*states), PLAIN)
    assert settled.payout_minor == payout == replay(settled.explanation)


def test_a_builder_that_is_priced_again_needs_that_price() -> None:
    rules = Rules(builder_void="reprice")
    with pytest.raises(InvalidInput, match="at the price of the others"):
        settle(BUILDER, came("won", "void", "won"), rules)
    assert settle(BUILDER, came("lost", "void", "won"), rules).payout_minor == 0
    again = replace(BUILDER, legs=BUILDER.legs[::2], builder_odds=Decimal("4.20"))
    assert settle(again, came("won", "won"), rules).payout_minor == 4200


def test_a_builder_does_not_pay_a_half_won_leg() -> None:
    with pytest.raises(InvalidInput, match="half_won"):
        settle(BUILDER, came("won", "half_won", "won"), PLAIN)


def test_a_free_builder_pays_what_it_won() -> None:
    settled = settle(replace(BUILDER, is_free_bet=True), came("won", "won", "won"), PLAIN)
    assert settled.payout_minor == 5500 == replay(settled.explanation)


# Rounding, caps, extras


@pytest.mark.parametrize(
    ("rule", "payout"), [("half_up", 9760), ("down", 9760), ("up", 9761), ("ceiling", 9761)]
)
def test_it_is_rounded_once_by_the_named_rule(rule: str, payout: int) -> None:
    slip = Slip(legs=legs("1.91", "1.87", "2.05", "1.333"), stake=1000)
    assert settle(slip, [WON] * 4, Rules(rounding=rule)).payout_minor == payout


def test_it_may_be_rounded_by_a_function() -> None:
    settled = settle(Slip(legs=legs("1.55"), stake=101), [WON], Rules(rounding=floor))
    assert settled.payout_minor == 156
    assert replay(settled.explanation, floor) == 156


def test_a_slip_pays_no_more_than_its_player_was_told() -> None:
    slip = Slip(legs=legs("100", "100"), stake=1000, payout_max=500_000)
    settled = settle(slip, [WON, WON], PLAIN)
    assert (settled.exact, settled.payout_minor, potential(slip, PLAIN)) == (10_000_000, 500_000, 500_000)
    assert settled.explanation["arithmetic"] == "1000 x 10000 = 10000000, at most 500000: pays 500000"
    assert replay(settled.explanation) == 500_000


LUCKY_15 = Slip(legs=legs("3", "3", "3", "3"), stake=1500, sizes=(1, 2, 3, 4))


@pytest.mark.parametrize(
    ("states", "payout"),
    [
        (("won", "won", "won", "won"), 25_500 * 11 // 10),
        (("won", "lost", "lost", "lost"), 500),
        (("won", "void", "lost", "lost"), 700),
        (("won", "won", "lost", "lost"), 1500),
        (("lost", "lost", "lost", "lost"), 0),
    ],
)
def test_extras_of_a_lucky_15_are_paid_where_the_operator_writes_them(states: Any, payout: int) -> None:
    settled = settle(LUCKY_15, came(*states), Rules(bonus=LUCKY))
    assert settled.payout_minor == payout == replay(settled.explanation)


def test_without_that_rule_there_is_no_extra_nor_for_other_systems() -> None:
    assert settle(LUCKY_15, [WON] * 4, PLAIN).payout_minor == 25_500
    yankee = replace(LUCKY_15, sizes=(2, 3, 4))
    assert settle(yankee, [WON] * 4, Rules(bonus=LUCKY)).exact == settle(yankee, [WON] * 4, PLAIN).exact


@pytest.mark.parametrize(
    "wrong", [{"one_winner_factor": 11}, {"one_winner_factor": 0}, {"all_winners": {4: Decimal(-1)}}]
)
def test_an_extra_that_is_a_mistake_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        Bonus(**{"all_winners": {}, **wrong})


# What is still open


@pytest.mark.parametrize(
    ("known", "rules", "left"),
    [
        ((None, None), PLAIN, 6000),
        ((Outcome(state="lost"), None), PLAIN, 0),
        ((VOID, None), PLAIN, 3000),
        ((Outcome(state="lost"), None), Rules(void_leg="void_slip"), 1000),
    ],
)
def test_a_slip_tells_the_most_that_it_may_still_pay(known: Any, rules: Rules, left: int) -> None:
    assert most(Slip(legs=legs("2", "3"), stake=1000), known, rules) == left


# Shapes


def test_a_large_system_is_explained_by_size_and_listed_when_asked() -> None:
    settled = settle(TEN_LEGS, [WON] * 10, PLAIN)
    part = settled.explanation["parts"][0]
    assert "lines" not in part
    assert [row["size"] for row in part["sizes"]] == list(range(2, 11))
    assert len(list(lines_of(settled.explanation))) == 1013


def test_a_small_system_is_explained_line_by_line() -> None:
    six = Slip(legs=legs(*["2"] * 6), stake=630, sizes=sized(6, 1, 6).sizes)
    lines = settle(six, [WON] * 6, PLAIN).explanation["parts"][0]["lines"]
    assert len(lines) == 63 == LINES_EXPLAINED_MAX
    assert lines[6] == {"legs": [1, 2], "arithmetic": "2 x 2", "pays": "4"}


def test_a_banker_stands_in_every_line() -> None:
    slip = Slip(legs=(Leg(odds=Decimal(4), is_banker=True), *legs("2", "3")), stake=200, sizes=(1,))
    assert settle(slip, [WON] * 3, PLAIN).payout_minor == 100 * (8 + 12)
    assert settle(slip, came("lost", "won", "won"), PLAIN).payout_minor == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"stake": -1},
        {"stake": 1.5},
        {"payout_max": -1},
        {"legs": ()},
        {"sizes": (3,)},
        {"legs": (Leg(odds=Decimal(2), is_banker=True),)},
        {"builder_odds": Decimal(1)},
        {"builder_odds": Decimal(5), "is_each_way": True},
        {"builder_odds": Decimal(5), "sizes": (1,)},
    ],
)
def test_a_slip_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        Slip(**{"legs": legs("2", "3"), "stake": 100, **wrong})


def test_each_leg_needs_an_outcome() -> None:
    with pytest.raises(InvalidInput, match="1 outcomes for 2 legs"):
        settle(Slip(legs=legs("2", "3"), stake=100), [WON], PLAIN)


def test_a_stake_that_partial_cash_outs_left_is_spread_over_all_lines() -> None:
    """Of a trixie of 4.00, 0.01 was cashed out: no line has whole cents any more, and nothing is lost."""
    settled = settle(Slip(legs=legs("2", "2", "2"), stake=399, sizes=(2, 3)), [WON] * 3, PLAIN)
    assert (settled.exact, settled.payout_minor) == (Fraction(399 * 20, 4), 1995)


def test_the_free_bet_oracle_is_a_formula_alone() -> None:
    assert "expected" not in ORACLES["freebet"]
    assert set(expected("acca.legs")) == set(ACCA["inputs"]["cases"])
