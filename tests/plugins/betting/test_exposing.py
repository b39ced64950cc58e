"""A book never says less than what the house could lose, and a further stake stays within its limit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exposing import (
    PUSH,
    Position,
    book,
    carried,
    position,
    single,
    stake_max,
    worst_liability,
)
from pitboss.plugins.betting.settling.eachway import PlaceTerms
from pitboss.plugins.betting.settling.outcomes import VOID, Outcome
from pitboss.plugins.betting.settling.payout import settle
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Slip
from tests.plugins.betting.samples import ORACLES, cents, euros, law, legs

EXPOSURE = ORACLES["exposure"]
BOOK = book(
    ["H", "D", "A"],
    [single(code, cents(str(stake)), Decimal(odds)) for code, stake, odds in EXPOSURE["inputs"]["bets"]],
)
LIMIT = cents(EXPOSURE["inputs"]["limit"])
PLAIN = Rules()
ANSWERS = ("1", "2", PUSH)
"""Of each market of the law: either selection wins, or both get their stakes back."""


def test_the_book_of_the_oracle_is_told() -> None:
    said = EXPOSURE["expected"]
    assert {code: euros(left) for code, left in BOOK.items()} == said["book_result"]
    assert euros(worst_liability(BOOK)) == said["worst_liability"]


@pytest.mark.parametrize(("code", "odds"), [("H", "1.95"), ("A", "3.60")])
def test_the_largest_further_stake_of_the_oracle_is_told(code: str, odds: str) -> None:
    most = stake_max(BOOK, [code], Decimal(odds), limit=LIMIT)
    assert euros(most) == EXPOSURE["expected"][f"max_extra_stake_on_{code}_at_{odds}"]


@law
@given(st.integers(0, 10**6), st.integers(-(10**6), 10**6), st.decimals("1.01", "50", places=2))
def test_the_largest_stake_fits_and_one_more_does_not(limit: int, result: int, odds: Decimal) -> None:
    def left(stake: int) -> int:
        bet = single("x", stake, odds)
        return result + bet.stake - bet.if_won

    most = stake_max({"x": result}, ["x"], odds, limit=limit)
    assert most == 0 or left(most) >= -limit
    assert left(most + 1) < -limit


def test_a_bet_that_wins_on_two_answers_is_bound_by_the_worse() -> None:
    result = {"h": -100, "d": 500, "a": 0}
    assert stake_max(result, ["h", "d"], Decimal(2), limit=150) == 50
    with pytest.raises(InvalidInput, match="no answer"):
        stake_max(result, [], Decimal(2), limit=150)


def test_a_book_that_cannot_lose_has_no_liability() -> None:
    assert worst_liability({"h": 5, "a": 10}) == 0


def test_a_double_stands_in_both_books_as_if_its_other_leg_won() -> None:
    found = carried(Slip(legs=legs("2.0", "3.0"), stake=1000), PLAIN)
    assert [(each.stake, each.if_won, each.if_lost, each.if_void) for each in found] == [
        (1000, 6000, 0, 3000),
        (1000, 6000, 0, 2000),
    ]


def test_a_system_still_pays_lines_without_the_leg() -> None:
    found = carried(Slip(legs=legs("2.0", "3.0"), stake=300, sizes=(1, 2)), PLAIN)
    assert [each.if_lost for each in found] == [300, 200]


def test_an_each_way_leg_that_does_not_win_still_pays_its_place() -> None:
    leg = Leg(odds=Decimal(9), place=PlaceTerms(Fraction(1, 5), 3))
    found = carried(Slip(legs=(leg,), stake=2000, is_each_way=True), PLAIN)
    assert (found[0].if_won, found[0].if_lost) == (11_600, 2600)


def test_the_stake_counts_once_for_each_fixture() -> None:
    found = carried(Slip(legs=legs("2", "3", "4"), stake=1000), PLAIN, fixtures=["x", "y", "x"])
    assert [each.stake for each in found] == [1000, 1000, 0]


def test_a_leg_that_is_decided_stands_in_no_book_and_counts_in_the_others() -> None:
    double = Slip(legs=legs("2.0", "3.0"), stake=1000)
    lost, void = Outcome(state="lost"), VOID
    assert [(each.leg, each.if_won) for each in carried(double, PLAIN, known=[lost, None])] == [(1, 0)]
    assert [(each.leg, each.if_won) for each in carried(double, PLAIN, known=[None, void])] == [(0, 2000)]


def test_a_free_bet_brings_no_stake() -> None:
    found = carried(Slip(legs=legs("3.0"), stake=1000, is_free_bet=True), PLAIN)
    assert [(each.stake, each.if_won) for each in found] == [(0, 2000)]


def test_a_builder_is_carried_at_its_one_price() -> None:
    slip = Slip(legs=legs("2", "2"), stake=1000, builder_odds=Decimal(3))
    found = carried(slip, Rules(builder_void="reprice"), fixtures=["x", "x"])
    assert [(each.stake, each.if_won, each.if_lost, each.if_void) for each in found] == [
        (1000, 3000, 0, 3000),
        (0, 3000, 0, 3000),
    ]


# The law against brute force

few = settings(law, max_examples=15)
"""For laws of which each example tries all answers."""

Drawn = tuple[Slip, list[tuple[int, str]]]


@st.composite
def open_bets(draw: st.DrawFn) -> Drawn:
    """Draw a slip over three markets, at most one leg on each: (market, selection) by leg."""
    markets = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True))
    places = st.sampled_from([None, PlaceTerms(Fraction(1, 4), 2)])
    is_each_way = draw(st.booleans())
    drawn = tuple(
        Leg(odds=draw(st.decimals("1.1", "9", places=2)), place=draw(places) if is_each_way else None)
        for _ in markets
    )
    sizes = draw(st.sets(st.integers(1, len(markets))))
    slip = Slip(
        legs=drawn,
        stake=draw(st.integers(1, 10_000)),
        sizes=tuple(sorted(sizes)),
        is_each_way=is_each_way,
        is_free_bet=draw(st.booleans()),
    )
    return slip, [(market, draw(st.sampled_from(["1", "2"]))) for market in markets]


def came(selection: str, answer: str) -> Outcome:
    if answer == PUSH:
        return VOID
    return Outcome(state="won" if selection == answer else "lost", position=1 if selection == answer else 2)


def truly_left(bets: list[Drawn], results: tuple[str, ...], rules: Rules) -> int:
    """Return what the house is left with when all markets have come to their answers."""
    left = 0
    for slip, on in bets:
        ended = [came(selection, results[market]) for market, selection in on]
        left += 0 if slip.is_free_bet else slip.stake
        left -= settle(slip, ended, rules).payout_minor
    return left


@few
@given(
    st.lists(open_bets(), min_size=1, max_size=4),
    st.sampled_from(["drop", "void_slip"]),
    st.sampled_from([None, *ANSWERS]),
)
def test_no_book_says_less_than_the_worst_that_can_happen(
    bets: list[Drawn], policy: str, first: str | None
) -> None:
    """The first market may have its answer already: then the books of the others reckon with it."""
    rules = Rules(void_leg=policy)  # type: ignore[arg-type]  # one of the two
    for market in range(first is not None, 3):
        touching = [bet for bet in bets if market in dict(bet[1])]
        positions = []
        for slip, on in touching:
            known = [came(code, first) if at == 0 and first else None for at, code in on]
            parts = carried(slip, rules, known=known)
            positions += [position(p, {on[p.leg][1]}) for p in parts if on[p.leg][0] == market]
        told = book(ANSWERS, positions)
        for results in product([first] if first else ANSWERS, ANSWERS, ANSWERS):
            assert told[results[market]] <= truly_left(touching, results, rules)


@few
@given(st.lists(open_bets(), min_size=1, max_size=4), st.sampled_from(["drop", "void_slip"]))
def test_books_of_one_fixture_together_never_say_less_either(bets: list[Drawn], policy: str) -> None:
    """All three markets are of one fixture: its exposure is the sum of their liabilities."""
    rules = Rules(void_leg=policy)  # type: ignore[arg-type]  # one of the two
    positions: dict[int, list[Position]] = {0: [], 1: [], 2: []}
    for slip, on in bets:
        parts = carried(slip, rules, fixtures=["same"] * len(on))
        for part, (market, selection) in zip(parts, on, strict=True):
            positions[market].append(position(part, {selection}))
    told = -sum(min(book(ANSWERS, each).values()) for each in positions.values())
    worst = -min(truly_left(bets, results, rules) for results in product(ANSWERS, repeat=3))
    assert told >= worst
