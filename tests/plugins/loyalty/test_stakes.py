"""Each stake is paid by named purses, and what it returns goes back in the same proportion."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InsufficientFunds, InvalidInput
from pitboss.plugins.loyalty.bonuses.stakes import Purse, Shares, divide_return, land, pay, purse_of, withdraw
from pitboss.plugins.loyalty.bonuses.wagering import Terms, grant
from tests.plugins.loyalty.samples import ORACLES, START, cents, euros, law

ORACLE = ORACLES["bonus.sticky_vs_nonsticky"]


@pytest.mark.parametrize(("kind", "is_sticky"), [("non_sticky", False), ("bonus_first", True)])
def test_the_oracle_sequence_is_hit(kind: str, is_sticky: bool) -> None:
    cash, bonus = cents(ORACLE["inputs"]["deposit"]), cents(ORACLE["inputs"]["bonus"])
    trace = []
    for stake, returned in ORACLE["inputs"]["sequence"]:
        paid = pay(cents(stake), cash=cash, purses=[Purse(id="a", balance=bonus, is_sticky=is_sticky)])
        back = divide_return(paid, cents(returned))
        cash += back.cash - paid.cash
        bonus += back.from_bonus - paid.from_bonus
        sources = {"from_cash": euros(paid.cash), "from_bonus": euros(paid.from_bonus)}
        trace.append(
            {"stake": stake, "return": returned, **sources, "cash": euros(cash), "bonus": euros(bonus)}
        )
    assert trace == ORACLE["expected"][kind]


def test_the_oracle_withdrawal_before_completion() -> None:
    """Non-sticky: cash is paid, the bonus forfeited. Phantom: the bonus is deducted, winnings locked."""
    plain = withdraw(3400, cash=3400, purses=[Purse(id="a", balance=5600)])
    phantom = withdraw(
        9000, cash=9000, purses=[Purse(id="a", balance=2000, is_sticky=True, phantom=5000, is_kept=True)]
    )
    assert (plain.paid, plain.forfeited, plain.deducted) == (3400, {"a": 5600}, {})
    assert (phantom.paid, phantom.forfeited, phantom.deducted) == (4000, {}, {"a": 5000})


@pytest.mark.parametrize(
    ("stake", "cash", "bonuses"),
    [
        (0, 0, {}),
        (10, 0, {"sticky": 10}),
        (30, 0, {"sticky": 30}),
        (31, 1, {"sticky": 30}),
        (130, 100, {"sticky": 30}),
        (150, 100, {"sticky": 30, "soon": 20}),
        (180, 100, {"sticky": 30, "soon": 40, "late": 10}),
    ],
)
def test_sticky_pays_first_then_cash_then_the_others_in_order(
    stake: int, cash: int, bonuses: dict[str, int]
) -> None:
    purses = [
        Purse(id="soon", balance=40),
        Purse(id="sticky", balance=30, is_sticky=True),
        Purse(id="late", balance=50),
    ]
    assert pay(stake, cash=100, purses=purses) == Shares(cash=cash, bonuses=bonuses)


def test_a_stake_that_nothing_covers_is_refused() -> None:
    with pytest.raises(InsufficientFunds, match="1 more"):
        pay(151, cash=100, purses=[Purse(id="a", balance=50)])


def test_a_lost_stake_returns_nothing_to_anybody() -> None:
    assert divide_return(Shares(cash=1, bonuses={"a": 1}), 0) == Shares()


def test_a_return_without_a_stake_is_refused() -> None:
    with pytest.raises(InvalidInput):
        divide_return(Shares(), 5)


def test_the_share_of_a_bonus_that_ended_goes_where_it_went() -> None:
    shares = Shares(cash=10, bonuses={"open": 1, "converted": 2, "gone": 4})
    landed = land(shares, converted={"converted"}, closed={"gone"})
    assert landed == Shares(cash=12, bonuses={"open": 1}, forfeited=4)


@pytest.mark.parametrize("amount", [0, 101])
def test_a_withdrawal_of_nothing_or_of_too_much_is_refused(amount: int) -> None:
    with pytest.raises((InvalidInput, InsufficientFunds)):
        withdraw(amount, cash=100)


def test_a_withdrawal_that_would_pay_nothing_is_refused() -> None:
    with pytest.raises(InsufficientFunds, match="50 of a withdrawal"):
        withdraw(50, cash=100, purses=[Purse(id="a", balance=0, phantom=50, is_kept=True)])


def test_what_was_given_back_is_not_deducted_again() -> None:
    terms = Terms(multiplier=Decimal(10), is_sticky=True, is_phantom=True)
    bonus = grant("a", terms=terms, amount=5000, at=START)
    first = withdraw(9000, cash=9000, purses=[purse_of(bonus, balance=2000)])
    given_back = replace(bonus, deducted=first.deducted["a"])
    second = withdraw(1000, cash=1000, purses=[purse_of(given_back, balance=2000)])
    assert (first.paid, second.paid, second.deducted, second.forfeited) == (4000, 1000, {}, {})


@pytest.mark.parametrize("changes", [{"balance": -1}, {"balance": 1.5}, {"phantom": -1}])
def test_a_purse_holds_whole_amounts(changes: Any) -> None:
    with pytest.raises(InvalidInput, match="'a'"):
        Purse(**({"id": "a", "balance": 0} | changes))


PURSES = st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=4).map(
    lambda drawn: [
        Purse(id=str(number), balance=balance, is_sticky=is_sticky)
        for number, (balance, is_sticky) in enumerate(drawn)
    ]
)


@law
@given(cash=st.integers(0, 500), purses=PURSES, stake=st.integers(0, 2500), returned=st.integers(0, 10**6))
def test_what_is_paid_and_returned_sums(cash: int, purses: list[Purse], stake: int, returned: int) -> None:
    held = {purse.id: purse.balance for purse in purses}
    if stake > cash + sum(held.values()):
        with pytest.raises(InsufficientFunds):
            pay(stake, cash=cash, purses=purses)
        return
    paid = pay(stake, cash=cash, purses=purses)
    assert paid.total == stake
    assert 0 <= paid.cash <= cash
    assert all(0 < part <= held[id] for id, part in paid.bonuses.items())
    if stake:
        back = divide_return(paid, returned)
        assert back.total == returned
        assert set(back.bonuses) <= set(paid.bonuses)
        assert land(back, converted={"0"}, closed={"1"}).total == returned


@law
@given(cash=st.integers(0, 500), purses=PURSES, pieces=st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_splitting_a_stake_changes_no_purse(cash: int, purses: list[Purse], pieces: list[int]) -> None:
    if sum(pieces) > cash + sum(purse.balance for purse in purses):
        return
    whole = pay(sum(pieces), cash=cash, purses=purses)
    left_cash, left = cash, {purse.id: purse for purse in purses}
    for piece in pieces:
        paid = pay(piece, cash=left_cash, purses=list(left.values()))
        left_cash -= paid.cash
        for id, part in paid.bonuses.items():
            left[id] = replace(left[id], balance=left[id].balance - part)
    assert cash - left_cash == whole.cash
    assert {id: purse.balance for id, purse in left.items()} == {
        purse.id: purse.balance - whole.bonuses.get(purse.id, 0) for purse in purses
    }
