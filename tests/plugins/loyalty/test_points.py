"""Points are earned exactly, leave the lot that expires first, and are never lost between lots."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, NotFound
from pitboss.plugins.loyalty.points.arithmetic import (
    Change,
    Earned,
    Lot,
    Take,
    balance,
    capture,
    earn,
    expire,
    hold,
    redeem,
    release,
    repay,
    reverse,
    take_back,
)
from tests.plugins.loyalty.samples import ORACLES, START, cents, day, law, sequences

EARN = ORACLES["points.earn"]["expected"]
PER = cents(ORACLES["points.earn"]["inputs"]["per"].split()[0])


def lot(id: str = "a", left: int = 100, expires: float | None = None, **changes: Any) -> Lot:
    expires_at = None if expires is None else day(expires)
    return Lot(**({"id": id, "left": left, "earned_at": START, "expires_at": expires_at} | changes))


LOTS = (lot("c", 40, 30), lot("a", 100, 10), lot("b", 60, 20))


# -- earning ---------------------------------------------------------------------------------------


def test_the_oracle_trace_is_hit() -> None:
    carry, total = Fraction(0), 0
    for step in EARN["trace"]:
        earned = earn(cents(step["wager"]), per=PER, multiplier=Decimal(step["tier_multiplier"]), carry=carry)
        carry, total = earned.carry, total + earned.points
        assert (earned.points, carry) == (step["points"], Fraction(step["carry"]))
    assert total == EARN["total"]


@pytest.mark.parametrize(
    ("amount", "changes", "points", "carry"),
    [
        (0, {}, 0, "0"),
        (1000, {}, 1, "0"),
        (999, {}, 0, "0.999"),
        (1000, {"contribution": Decimal("0.05")}, 0, "0.05"),
        (1000, {"contribution": Decimal(0)}, 0, "0"),
        (100, {"per": 300}, 0, "1/3"),
        (100, {"per": 300, "carry": Fraction(2, 3)}, 1, "0"),
    ],
)
def test_points_are_whole_and_the_rest_is_carried(amount: int, changes: Any, points: int, carry: str) -> None:
    earned = earn(amount, **({"per": 1000} | changes))
    assert (earned.points, earned.carry) == (points, Fraction(carry))


@pytest.mark.parametrize(
    "changes", [{"per": 0}, {"carry": Fraction(1)}, {"carry": Fraction(-1, 2)}, {"multiplier": 1.5}]
)
def test_what_earns_no_exact_points_is_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        earn(100, **({"per": 1000} | changes))


@law
@given(
    pieces=st.lists(st.integers(0, 10**6), min_size=1, max_size=8),
    per=st.integers(1, 10**4),
    contribution=st.decimals(0, 1, places=3),
    multiplier=st.decimals(0, 5, places=2),
)
def test_splitting_a_wager_changes_no_total(
    pieces: list[int], per: int, contribution: Decimal, multiplier: Decimal
) -> None:
    carry, points = Fraction(0), 0
    for piece in pieces:
        earned = earn(piece, per=per, contribution=contribution, multiplier=multiplier, carry=carry)
        carry, points = earned.carry, points + earned.points
    whole = earn(sum(pieces), per=per, contribution=contribution, multiplier=multiplier)
    assert (points, carry) == (whole.points, whole.carry)


@law
@given(amounts=st.lists(st.integers(0, 9999), min_size=1, max_size=8), data=st.data())
def test_earnings_taken_back_in_any_order_leave_what_the_others_earned(
    amounts: list[int], data: st.DataObject
) -> None:
    carry, points, earnings = Fraction(0), 0, list[Earned]()
    for amount in amounts:
        earnings.append(earn(amount, per=700, carry=carry))
        carry, points = earnings[-1].carry, points + earnings[-1].points
    gone = data.draw(st.permutations(range(len(amounts))))[: data.draw(st.integers(0, len(amounts)))]
    for place in gone:
        back = take_back(earnings[place], carry=carry)
        assert back.points <= 0
        carry, points = back.carry, points + back.points
    left = sum(amount for place, amount in enumerate(amounts) if place not in gone)
    assert points + carry == Fraction(left, 700)


# -- spending --------------------------------------------------------------------------------------


def test_a_redemption_takes_from_the_lot_that_expires_first() -> None:
    """The oracle's rule with the lots of journey 8: 120 from 100, 60 and 40."""
    change = redeem(LOTS, 120, at=START)
    assert change.takes == (Take("a", 100), Take("b", 20))
    assert {held.id: held.left for held in change.lots} == {"a": 0, "b": 40, "c": 40}


def test_the_rest_of_a_lot_expires_on_its_date_as_one_entry() -> None:
    left = redeem(LOTS, 120, at=START).lots
    assert expire(left, at=day(20) - timedelta(microseconds=1)).takes == ()
    assert expire(left, at=day(20)).takes == (Take("b", 40),)
    assert expire(left, at=day(31)).takes == (Take("b", 40), Take("c", 40))


def test_among_lots_without_expiry_the_oldest_goes_first() -> None:
    lots = [lot("new"), lot("old", earned_at=day(-1)), lot("dated", 1, 400)]
    assert redeem(lots, 150, at=START).takes == (Take("dated", 1), Take("old", 100), Take("new", 49))


def test_pending_and_expired_points_cannot_be_spent() -> None:
    lots = [lot("pending", usable_from=day(1)), lot("over", expires=0), lot("now", 5)]
    assert balance(lots, at=START) == 5
    assert balance(lots, at=day(1)) == 105
    with pytest.raises(InsufficientFunds, match="1 more"):
        redeem(lots, 6, at=START)


# -- taking back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "points", "taken", "owed"),
    [
        (lot("b", 60), 20, 20, 0),
        (lot("b", 60), 70, 60, 10),
        (lot("b", 60, held=50), 20, 10, 10),
        (lot("b", 0), 7, 0, 7),
    ],
)
def test_a_reversal_takes_from_its_own_lot_then_it_is_owed(
    held: Lot, points: int, taken: int, owed: int
) -> None:
    change = reverse([lot("a"), held], points, lot="b")
    assert (change.points, change.owed, change.lots[0].left) == (taken, owed, 100)


def test_what_is_owed_is_paid_by_the_other_lots_as_far_as_they_go() -> None:
    assert repay(LOTS, 120, at=START).takes == (Take("a", 100), Take("b", 20))
    assert (repay(LOTS, 230, at=START).points, repay(LOTS, 230, at=START).owed) == (200, 30)


def test_a_reversal_of_an_unknown_lot_says_so() -> None:
    with pytest.raises(NotFound, match="'z'"):
        reverse(LOTS, 1, lot="z")


# -- holds -----------------------------------------------------------------------------------------


def test_held_points_are_neither_spent_nor_expired_until_they_are_released() -> None:
    held = hold(LOTS, 120, at=START)
    assert balance(held.lots, at=START) == 80
    assert expire(held.lots, at=day(20)).takes == (Take("b", 40),)
    assert release(held.lots, held.takes).lots == LOTS


def test_captured_points_are_gone_even_after_their_lot_expired() -> None:
    held = hold(LOTS, 120, at=START)
    captured = capture(held.lots, held.takes)
    assert captured.lots == redeem(LOTS, 120, at=START).lots
    assert captured.takes == held.takes


def test_a_hold_ends_once() -> None:
    held = hold(LOTS, 120, at=START)
    released = release(held.lots, held.takes)
    with pytest.raises(Conflict, match="they are gone"):
        capture(released.lots, held.takes)


def test_no_more_is_held_than_is_there() -> None:
    with pytest.raises(InvalidInput, match="holds 101 of 100"):
        lot(held=101)


# -- any sequence ----------------------------------------------------------------------------------


class Purse(RuleBasedStateMachine):
    """Lots under any sequence of operations: what came in is what is left, spent, expired or taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.lots: tuple[Lot, ...] = ()
        self.holds: list[tuple[Take, ...]] = []
        self.granted = 0
        self.gone = 0

    def apply(self, change: Change) -> None:
        self.lots = change.lots
        self.gone += change.points

    @rule(points=st.integers(0, 50), days=st.none() | st.integers(1, 5), pending=st.integers(0, 1))
    def earns(self, points: int, days: int | None, pending: int) -> None:
        new = lot(
            str(len(self.lots)), points, earned_at=self.at, usable_from=self.at + timedelta(days=pending)
        )
        self.lots += (replace(new, expires_at=self.at + timedelta(days=days) if days else None),)
        self.granted += points

    @rule(share=st.integers(0, 3))
    def redeems(self, share: int) -> None:
        before = balance(self.lots, at=self.at)
        self.apply(redeem(self.lots, before * share // 3, at=self.at))
        assert balance(self.lots, at=self.at) == before - before * share // 3

    @rule(share=st.integers(0, 3))
    def holds_some(self, share: int) -> None:
        held = hold(self.lots, balance(self.lots, at=self.at) * share // 3, at=self.at)
        self.lots = held.lots
        self.holds.append(held.takes)

    @precondition(lambda self: self.holds)
    @rule(is_captured=st.booleans())
    def ends_a_hold(self, is_captured: bool) -> None:
        self.apply((capture if is_captured else release)(self.lots, self.holds.pop(0)))

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), points=st.integers(0, 60))
    def reverses(self, data: st.DataObject, points: int) -> None:
        change = reverse(self.lots, points, lot=data.draw(st.sampled_from(self.lots)).id)
        assert change.points + change.owed == points
        self.apply(change)
        repaid = repay(self.lots, change.owed, at=self.at)
        assert repaid.points + repaid.owed == change.owed
        self.apply(repaid)

    @rule(days=st.integers(0, 2))
    def waits(self, days: int) -> None:
        self.at += timedelta(days=days)
        self.apply(expire(self.lots, at=self.at))
        assert not expire(self.lots, at=self.at).takes

    @invariant()
    def lots_are_conserved(self) -> None:
        assert self.granted == self.gone + sum(held.left for held in self.lots)

    @invariant()
    def nothing_is_negative_and_holds_are_whole(self) -> None:
        assert all(0 <= held.held <= held.left for held in self.lots)
        held_in_all = sum(take.points for takes in self.holds for take in takes)
        assert sum(held.held for held in self.lots) == held_in_all


Purse.TestCase.settings = sequences
TestPurse = Purse.TestCase
