"""What a slip adds to the books: never too little, whatever the results; and taken off to the last cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.plugins.betting import exposing
from pitboss.plugins.betting.settling import payout
from pitboss.plugins.betting.settling.outcomes import VOID, Outcome
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from pitboss.plugins.betting.slips import books, pricing
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.offered import Offered

LOST = Outcome(state="lost")
RULES = Rules()
thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

prices = st.decimals(Decimal("1.01"), Decimal("50"), places=2)


def struck(number: int, odds: Decimal) -> StruckLeg:
    """A leg of a market of its own; its selection is number 1 of the market."""
    plain = dict.fromkeys(Offered._fields)
    ids = {
        "selection_id": UUID(int=100 + number),
        "market_id": UUID(int=number),
        "fixture_id": UUID(int=number),
    }
    return StruckLeg(number, Offered(**plain | ids), odds, odds)


@st.composite
def slips(draw: st.DrawFn) -> tuple[Slip, list[StruckLeg]]:
    """A single, a multiple or a system over up to five markets."""
    odds = draw(st.lists(prices, min_size=1, max_size=5))
    count = len(odds)
    low = draw(st.integers(1, count))
    sizes = tuple(range(low, count + 1)) if draw(st.booleans()) else ()
    legs = tuple(Leg(odds=each) for each in odds)
    one = Slip(legs=legs, stake=0, sizes=sizes, is_free_bet=draw(st.booleans()))
    stake = draw(st.integers(1, 10_000)) * one.line_count
    slip = Slip(legs=legs, stake=stake, sizes=sizes, is_free_bet=one.is_free_bet)
    return slip, [struck(number, each) for number, each in enumerate(odds)]


@given(made=slips(), states=st.lists(st.sampled_from([payout.WON, LOST, VOID]), min_size=5, max_size=5))
@thorough
def test_no_book_ever_says_less_than_what_is_owed(made, states):
    slip, legs = made
    outcomes = states[: len(legs)]
    paid = payout.settle(slip, outcomes, RULES).payout_minor
    lost = paid - (0 if slip.is_free_bet else slip.stake)

    for exposure in pricing.exposures(slip, legs, RULES):
        outcome = outcomes[exposure.market_id.int]
        if outcome is payout.WON:
            assert lost <= exposure.loss
        elif outcome is VOID:
            assert lost <= exposure.loss_if_void
        else:
            assert lost <= -exposure.staked


@given(odds=prices, stake=st.integers(1, 10**7), is_free=st.booleans())
@thorough
def test_a_single_that_is_reckoned_at_once_adds_what_the_sums_say(odds, stake, is_free):
    slip = Slip(legs=(Leg(odds=odds),), stake=stake, is_free_bet=is_free)
    (part,) = exposing.carried(slip, RULES)

    (exposure,) = pricing.exposures(slip, [struck(0, odds)], RULES)

    assert exposure[2:] == (
        part.if_won - part.if_lost,
        part.stake - part.if_lost,
        part.if_void - part.if_lost,
    )


@given(
    amounts=st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3),
    part=st.fractions(0, 1, max_denominator=10_000),
)
@thorough
def test_what_a_part_leaves_and_what_it_takes_are_all_of_it(amounts, part):
    entries = [["m", "s", *amounts]]

    kept = books.scaled(entries, part)
    taken = books.less(entries, kept)

    assert [a + b for a, b in zip(kept[0][2:], taken[0][2:], strict=True)] == amounts
    liability, staked, refund = kept[0][2:]
    assert liability >= amounts[0] * part
    assert staked <= amounts[1] * part
    assert refund >= amounts[2] * part


def test_the_worst_answers_are_as_many_as_can_be_right():
    owed = {UUID(int=1): 100, UUID(int=2): 300, UUID(int=3): 200}

    assert books.worst_with(owed, UUID(int=1), 1) == 100
    assert books.worst_with(owed, UUID(int=1), 2) == 400
    assert books.worst_with(owed, UUID(int=1), 0) == 600
    assert books.scaled([["m", "s", 10, 5, 5]], Fraction(0)) == [["m", "s", 0, 0, 0]]
