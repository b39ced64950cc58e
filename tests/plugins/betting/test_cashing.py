"""An offer is the fair worth less a margin; a part of it ends a part of the stake."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.cashing import Now, fair_value, offer
from pitboss.plugins.betting.settling.eachway import PlaceTerms
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.settling.payout import potential, settle
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from tests.plugins.betting.samples import came, euros, law, legs, outcomes, prices

NINE = Decimal("0.09")
SINGLE = Slip(legs=legs("2.2"), stake=10_000)
AT_1_50 = [Now(fair_odds=Decimal("1.5"))]


def offered(slip: Slip, now: list[Now], **more: Any) -> Any:
    return offer(slip, now, potential=potential(slip, Rules()), **{"margin": NINE, **more})


def test_the_published_offer_is_made_in_full_and_in_part() -> None:
    """Taken at 2.20, now 1.50, margin 9%: 133.47 in full; 40% of it are 53.39, and 60.00 run on."""
    full, part = offered(SINGLE, AT_1_50), offered(SINGLE, AT_1_50, part=Decimal("0.40"))
    assert (euros(full.amount), full.stake_left) == ("133.47", 0)
    assert (euros(part.amount), part.stake, part.stake_left) == ("53.39", 4000, 6000)


def test_a_free_bet_is_offered_less_the_stake_that_was_never_the_players() -> None:
    assert euros(offered(replace(SINGLE, is_free_bet=True), AT_1_50).amount) == "33.47"
    assert offered(replace(SINGLE, is_free_bet=True), [Now(fair_odds=Decimal("2.2"))]) is None


def test_a_decided_leg_counts_with_its_multiplier() -> None:
    treble = Slip(legs=legs("2.0", "3.0", "4.0"), stake=1000)
    now = [Now(outcome=came("won")[0]), Now(outcome=came("void")[0]), Now(fair_odds=Decimal("2.0"))]
    assert fair_value(treble, now) == 1000 * 2 * 1 * Fraction(4, 2)


def test_a_system_is_worth_the_sum_of_its_lines() -> None:
    patent = Slip(legs=legs("2.0", "3.0", "4.0"), stake=700, sizes=(1, 2, 3))
    worths = [Fraction(2), Fraction(0), Fraction(2)]
    now = [Now(outcome=came("won")[0]), Now(outcome=came("lost")[0]), Now(fair_odds=Decimal("2.0"))]
    assert fair_value(patent, now) == 100 * (sum(worths) + worths[0] * worths[2])


def test_a_place_part_is_worth_its_own_price() -> None:
    leg = Leg(odds=Decimal(9), place=PlaceTerms(Fraction(1, 5), 3))
    slip = Slip(legs=(leg,), stake=2000, is_each_way=True)
    now = Now(fair_odds=Decimal("4.5"), fair_place_odds=Decimal("1.3"))
    assert fair_value(slip, [now]) == 1000 * (2 + 2)
    placed = Now(outcome=Outcome(state="lost", position=3))
    assert fair_value(slip, [placed]) == 2600
    assert fair_value(slip, [replace(now, fair_place_odds=None)]) is None


def test_a_builder_is_worth_its_joint_price() -> None:
    slip = Slip(legs=legs("2", "2"), stake=1000, builder_odds=Decimal("3.00"))
    assert fair_value(slip, [Now(fair_odds=Decimal("1.50"))]) == 2000
    assert fair_value(slip, [Now()]) is None


def test_without_a_price_or_a_worth_nothing_is_offered() -> None:
    assert offered(SINGLE, [Now()]) is None
    assert offered(SINGLE, [Now(outcome=came("lost")[0])]) is None


def test_no_offer_is_above_what_the_bet_could_pay() -> None:
    capped = replace(SINGLE, payout_max=12_000)
    assert offered(capped, AT_1_50, margin=0).amount == 12_000


@pytest.mark.parametrize("part", [0, Decimal("-0.1"), Decimal("1.1"), Decimal("0.00001")])
def test_a_part_is_more_than_nothing_and_at_most_all(part: Decimal) -> None:
    with pytest.raises(InvalidInput):
        offered(SINGLE, AT_1_50, part=part)


def test_each_leg_has_a_state() -> None:
    with pytest.raises(InvalidInput, match="0 states for 1 legs"):
        fair_value(SINGLE, [])


@law
@given(st.lists(st.tuples(prices, outcomes), min_size=1, max_size=5), st.integers(1, 10**6))
def test_a_decided_bet_is_worth_what_it_pays(drawn: list[tuple[Decimal, Outcome]], stake: int) -> None:
    slip = Slip(legs=tuple(Leg(odds=odds) for odds, _ in drawn), stake=stake)
    ended = [outcome for _, outcome in drawn]
    assert fair_value(slip, [Now(outcome=each) for each in ended]) == settle(slip, ended, Rules()).exact
