"""Each way, dead heats and withdrawn runners: places by terms, stakes divided, winnings reduced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.settling import rule4
from pitboss.plugins.betting.settling.deadheat import divided, places_share
from pitboss.plugins.betting.settling.eachway import (
    PLACES_MAX,
    STANDARD,
    PlaceTerms,
    Row,
    agreed_terms,
    place_odds,
    place_outcome,
    place_terms,
)
from pitboss.plugins.betting.settling.outcomes import Outcome, multiplier
from pitboss.plugins.betting.settling.payout import settle
from pitboss.plugins.betting.settling.rule4 import DECIMAL, TATTERSALLS, Band, Withdrawal
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from tests.plugins.betting.samples import ORACLES, cents, euros, expected, fractional, law, prices

EACH_WAY = expected("eachway")
RULE4 = ORACLES["rule4"]
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
UNPLACED = Outcome(state="lost", reason="unplaced", position=9)


def each_way(name: str, places: int) -> tuple[Slip, str]:
    """Read a case of the oracle: `10ew_8/1_1/5_won`."""
    stake, odds, part, what = name.split("_", 3)
    leg = Leg(odds=fractional(odds), place=PlaceTerms(Fraction(part), places))
    return Slip(legs=(leg,), stake=2 * cents(stake.removesuffix("ew")), is_each_way=True), what


CAME = {
    "won": Outcome(state="won", position=1),
    "placed": Outcome(state="lost", position=3),
    "unplaced": UNPLACED,
    "dead_heat_for_last_place": Outcome(state="lost", position=3, tied=2),
    "dead_heat_for_first": Outcome(state="won", share=Fraction(1, 2), position=1, tied=2),
    "won_rule4_20p": Outcome(state="won", position=1, deduction=Fraction(1, 5)),
}


@pytest.mark.parametrize("name", EACH_WAY)
def test_each_way_bets_return_what_the_oracle_says(name: str) -> None:
    slip, what = each_way(name, places=3)
    said, settled = EACH_WAY[name], settle(slip, [CAME[what]], Rules())
    parts = [Fraction(part["total"]) * slip.stake / 2 for part in settled.explanation["parts"]]
    assert [euros(int(part)) for part in parts] == [said["win_part"], said["place_part"]]
    assert settled.exact == Fraction(said["return_exact"]) * 100
    assert (euros(slip.stake), euros(settled.payout_minor)) == (said["total_stake"], said["return"])


@pytest.mark.parametrize(
    ("came", "payout"),
    [
        (Outcome(state="won", position=1, deduction=Fraction(1, 4)), "92.00"),
        (Outcome(state="won", share=Fraction(1, 2), position=1, tied=2, deduction=Fraction(1, 4)), "57.00"),
    ],
)
def test_the_race_of_the_third_journey_pays(came: Outcome, payout: str) -> None:
    slip, _ = each_way("10ew_8/1_1/5_won", places=3)
    assert euros(settle(slip, [came], Rules()).payout_minor) == payout


def test_an_each_way_double_is_a_win_double_and_a_place_double() -> None:
    terms = PlaceTerms(Fraction(1, 5), 3)
    legs = tuple(Leg(odds=Decimal(odds), place=terms) for odds in (9, 6))
    slip = Slip(legs=legs, stake=2000, is_each_way=True)
    placed = [CAME["won"], CAME["placed"]]
    assert settle(slip, placed, Rules()).exact == 1000 * Fraction("2.6") * 2
    assert settle(slip, [CAME["won"]] * 2, Rules()).exact == 1000 * (54 + Fraction("2.6") * 2)


def test_where_no_place_is_paid_the_place_half_goes_on_the_win_or_is_refused() -> None:
    slip = Slip(legs=(Leg(odds=Decimal(5)),), stake=2000, is_each_way=True)
    assert settle(slip, [CAME["won"]], Rules()).payout_minor == 10_000
    assert agreed_terms(None, "win") is None
    with pytest.raises(InvalidInput, match="pays no places"):
        agreed_terms(None, "refuse")


@pytest.mark.parametrize(("runners", "is_handicap", "said"), expected("eachway.terms")["table"])
def test_the_usual_place_terms_are_those_of_the_oracle(runners: int, is_handicap: bool, said: Any) -> None:
    terms = place_terms(runners, is_handicap=is_handicap)
    assert terms == (PlaceTerms(Fraction(said[0]), said[1]) if said else None)


def test_a_table_without_a_row_for_few_runners_is_named() -> None:
    with pytest.raises(InvalidInput, match="begins at 0"):
        place_terms(2, is_handicap=False, table=(Row(5, None),))
    assert STANDARD[0].runners_min == 0


@pytest.mark.parametrize(
    ("fraction", "places"),
    [(Fraction(0), 3), (Fraction(6, 5), 3), (Fraction(1, 5), 0), (Fraction(1, 5), PLACES_MAX + 1)],
)
def test_place_terms_that_cannot_be_are_refused(fraction: Fraction, places: int) -> None:
    with pytest.raises(InvalidInput):
        PlaceTerms(fraction, places)


def test_a_winner_is_placed_also_where_nobody_told_the_order() -> None:
    terms = PlaceTerms(Fraction(1, 5), 3)
    assert place_outcome(Outcome(state="won"), terms).state == "won"
    assert place_outcome(Outcome(state="lost"), terms).state == "lost"


def test_a_short_price_is_placed_at_a_part_of_its_winnings() -> None:
    assert place_odds(Decimal("1.50"), PlaceTerms(Fraction(1, 5), 3)) == Fraction("1.1")


# Dead heats


@pytest.mark.parametrize(
    ("odds", "tied", "places", "stake", "back"),
    [("11", 2, 1, 10, 55), ("4", 3, 1, 100, Fraction("133.333333333333333333"))],
)
def test_a_dead_heat_divides_the_stake(odds: str, tied: int, places: int, stake: int, back: Fraction) -> None:
    share = places_share(1, tied, places)
    returned = stake * multiplier(Outcome(state="won", share=share), Decimal(odds))
    assert abs(returned - back) < Fraction(1, 10**12)


def test_the_two_policies_differ_on_a_short_price() -> None:
    """Ten on 1.20 in a two-way dead heat: the stake divided loses four, the odds divided lose nothing."""
    half = Fraction(1, 2)
    assert 10 * divided(Fraction("1.20"), half, "stake") == 6
    assert 10 * divided(Fraction("1.20"), half, "odds") == 10
    assert 10 * divided(Fraction(4), half, "odds") == 20
    with pytest.raises(InvalidInput, match="stake"):
        divided(Fraction(4), half, "stakes")  # type: ignore[arg-type]  # what data may say


@law
@given(st.integers(1, 10), st.integers(1, 5), st.integers(1, 10))
def test_those_tied_share_the_places_that_they_straddle(position: int, tied: int, places: int) -> None:
    straddled = len(set(range(position, position + tied)) & set(range(1, places + 1)))
    assert tied * places_share(position, tied, places) == straddled


# Rule 4


@pytest.mark.parametrize("odds", RULE4["inputs"]["listed_prices"])
def test_each_listed_price_takes_what_the_scale_says(odds: str) -> None:
    assert rule4.pence_of(fractional(odds), TATTERSALLS) == RULE4["inputs"]["listed_prices"][odds]


@pytest.mark.parametrize("band", RULE4["inputs"]["alternative_decimal_table_unibet"], ids=lambda b: b["from"])
def test_each_decimal_band_takes_what_its_table_says(band: dict[str, Any]) -> None:
    ends = [Decimal(end) for end in (band["from"], band["to"]) if end and Decimal(end) > 1]
    assert {rule4.pence_of(end, DECIMAL) for end in ends} == {band["pence"]}


@pytest.mark.parametrize(
    ("name", "odds", "withdrawn"),
    [
        ("10_at_2.25_nonrunner_1/4", "2.25", ["1/4"]),
        ("10_at_5/1_nonrunners_3/1_and_6/1", "6", ["3/1", "6/1"]),
        ("10_at_5/1_nonrunners_1/4_and_9/2_capped", "6", ["1/4", "9/2"]),
    ],
)
def test_withdrawn_runners_take_from_the_winnings(name: str, odds: str, withdrawn: list[str]) -> None:
    said = RULE4["expected"][name]
    part = rule4.deduction([fractional(each) for each in withdrawn])
    returned = 10 * multiplier(Outcome(state="won", deduction=part), Decimal(odds))
    assert (part * 100, returned) == (said["deduction"], Fraction(said["return_exact"]))


def test_winnings_of_ten_less_20_pence_are_eight() -> None:
    said = RULE4["expected"]["winnings_10_deduction_20p"]
    won = Outcome(state="won").deducted(Fraction(said["deduction"], 100))
    assert 10 * (multiplier(won, 2) - 1) == Fraction(said["net_winnings"])


def test_a_small_total_is_taken_or_waived_by_rule() -> None:
    said, gone = RULE4["expected"]["10_at_5/1_nonrunner_12/1_total_5p"], [fractional("12/1")]
    strict, waived = rule4.deduction(gone), rule4.deduction(gone, pence_waived=5)
    assert strict * 100 == said["deduction_strict"]
    returns = [10 * multiplier(Outcome(state="won", deduction=part), 6) for part in (strict, waived)]
    assert returns == [Fraction(said[way]["return_exact"]) for way in ("strict", "waived")]


def test_the_stake_is_divided_first_and_then_the_winnings_are_reduced() -> None:
    said = RULE4["expected"]["10_at_5/1_dead_heat_2_and_20p"]
    came = Outcome(state="won", share=Fraction(1, 2), deduction=Fraction(1, 5))
    assert 10 * multiplier(came, 6) == Fraction(said["return_exact"])


def test_of_a_double_only_the_leg_with_a_withdrawn_runner_is_reduced() -> None:
    said = RULE4["expected"]["double_rule4_on_one_leg_only"]
    legs = tuple(Leg(odds=fractional(odds)) for odds, _ in said["legs"])
    came = [Outcome(state="won", deduction=Fraction(pence, 100)) for _, pence in said["legs"]]
    assert euros(settle(Slip(legs=legs, stake=1000), came, Rules()).payout_minor) == said["return"]


def test_only_runners_that_left_after_the_bet_count() -> None:
    gone = [Withdrawal(Decimal(4), START + timedelta(minutes=minute)) for minute in (-1, 0, 1)]
    assert rule4.since(gone, START) == [Decimal(4)]


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (Band(Decimal(2), 50),),
        (Band(Decimal(3), 50), Band(Decimal(2), 40), Band(None, 0)),
        (Band(None, 50), Band(Decimal(2), 40), Band(None, 0)),
        (Band(Decimal(2), 40), Band(None, 50)),
        (Band(Decimal(2), rule4.PENCE_MAX + 1), Band(None, 0)),
        tuple(Band(Decimal(place + 2), 5) for place in range(rule4.BANDS_MAX)) + (Band(None, 0),),
    ],
)
def test_a_scale_that_is_none_is_refused(bands: tuple[Band, ...]) -> None:
    with pytest.raises(InvalidInput):
        rule4.check_bands(bands)


@law
@given(prices, st.sampled_from([TATTERSALLS, DECIMAL]))
def test_a_longer_price_never_takes_more(odds: Decimal, bands: tuple[Band, ...]) -> None:
    assert rule4.pence_of(odds + 1, bands) <= rule4.pence_of(odds, bands)


def test_a_deduction_never_touches_a_stake_that_comes_back() -> None:
    for state in ("void", "push", "half_lost"):
        came = Outcome(state=state)  # type: ignore[arg-type]  # three of the states
        assert multiplier(replace(came, deduction=Fraction(9, 10)), 5) == multiplier(came, 5)
