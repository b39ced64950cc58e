"""Cashback is a rate of a real loss, capped, and rounded once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.rewards.cashback import Flow, Play, Terms, cashback
from tests.plugins.loyalty.samples import ORACLES, cents, euros, law

EXPECTED = ORACLES["cashback"]["expected"]
FLOW = EXPECTED["flow_method"]


def terms(rate: str = "0.10", **changes: Any) -> Terms:
    return Terms(rate=Decimal(rate), **changes)


def lost(text: str, **changes: Any) -> Play:
    return Play(staked=cents(text), returned=0, **changes)


ORACLE_CASES: dict[str, tuple[Terms, Play]] = {
    "cap_5pct_of_1200_cap50": (terms("0.05", payout_max=5000), lost("1200")),
    "bonus_deducted_20000-1000_5pct": (terms("0.05"), lost("20000", bonus=100_000)),
    "net_winner": (terms(), Play(staked=1000, returned=1001)),
    "seed_rule_net_loss_6200_10pct_cap500": (terms(payout_max=50_000, loss_min=10_000), lost("6200")),
    "seed_rule_net_loss_100_boundary": (terms(payout_max=50_000, loss_min=10_000), lost("100")),
    "seed_rule_net_loss_99.99": (terms(payout_max=50_000, loss_min=10_000), lost("99.99")),
    "min_payout_1.00_on_0.40": (terms(payout_min=100), lost("4")),
    "casino_loss_300_win_200_rewards_50_10pct": (terms(), Play(staked=30_000, returned=20_000, bonus=5000)),
}


def test_every_oracle_case_is_tried() -> None:
    assert {"flow_method", *ORACLE_CASES} == set(ORACLES["cashback"]["inputs"]["cases"])


@pytest.mark.parametrize("case", ORACLE_CASES)
def test_the_oracle_cases_are_hit(case: str) -> None:
    assert euros(cashback(*ORACLE_CASES[case]).amount) == EXPECTED[case].split()[0]


def test_the_oracle_of_the_flow_method_is_hit() -> None:
    figures = Flow(
        start=cents(FLOW["start"]),
        deposited=cents(FLOW["deposits"]),
        withdrawn=cents(FLOW["withdrawals"]),
        end=cents(FLOW["end"]),
    )
    assert euros(cashback(terms(FLOW["rate"], method="flow"), figures).amount) == FLOW["cashback"]


def test_depositing_without_a_bet_earns_nothing() -> None:
    """The flow method counts what is still there; won less deposited would pay people who never bet."""
    figures = Flow(start=0, deposited=100_000, withdrawn=0, end=100_000)
    assert cashback(terms(method="flow"), figures).amount == 0


@pytest.mark.parametrize(
    ("changes", "figures", "amount", "reason"),
    [
        ({}, lost("100"), 1000, "paid"),
        ({"payout_max": 1000}, lost("100"), 1000, "paid"),
        ({"payout_max": 999}, lost("100"), 999, "capped"),
        ({}, Play(staked=5, returned=5), 0, "no_loss"),
        ({"loss_min": 10_001}, lost("100"), 0, "below_loss_min"),
        ({"payout_min": 1000}, lost("100"), 1000, "paid"),
        ({"payout_min": 1001}, lost("100"), 0, "below_payout_min"),
        ({"payout_min": 1000, "payout_max": 999}, lost("100"), 0, "below_payout_min"),
        ({}, Play(staked=10_000, returned=0, bonus=10_000), 0, "no_loss"),
    ],
)
def test_it_says_why_it_pays_what_it_pays(changes: Any, figures: Play, amount: int, reason: str) -> None:
    paid = cashback(terms(**changes), figures)
    assert (paid.amount, paid.reason) == (amount, reason)


@pytest.mark.parametrize(("rule", "amount"), [("half_up", 1), ("half_even", 0), ("down", 0), ("ceiling", 1)])
def test_half_a_cent_is_rounded_by_the_named_rule(rule: str, amount: int) -> None:
    assert cashback(terms(rounding=rule), Play(staked=5, returned=0)).amount == amount


def test_figures_of_the_other_method_are_refused() -> None:
    with pytest.raises(InvalidInput, match="go by flow"):
        cashback(terms(method="flow"), lost("1"))


@pytest.mark.parametrize(
    "changes", [{"rate": 0.1}, {"rate": Decimal(2)}, {"rounding": "x"}, {"payout_max": -1}]
)
def test_terms_that_cannot_be_kept_are_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        Terms(**({"rate": Decimal("0.1")} | changes))


@law
@given(
    rate=st.decimals(0, 1, places=4),
    cap=st.none() | st.integers(0, 10**6),
    least=st.integers(0, 1000),
    staked=st.integers(0, 10**7),
    returned=st.integers(0, 10**7),
)
def test_it_never_pays_more_than_was_lost_nor_than_the_cap(
    rate: Decimal, cap: int | None, least: int, staked: int, returned: int
) -> None:
    paid = cashback(
        Terms(rate=rate, payout_max=cap, payout_min=least), Play(staked=staked, returned=returned)
    )
    assert 0 <= paid.amount <= max(0, staked - returned)
    assert cap is None or paid.amount <= cap
    assert paid.amount == 0 or paid.amount >= least


@law
@given(staked=st.integers(0, 10**6), more=st.integers(0, 10**6), returned=st.integers(0, 10**6))
def test_who_loses_more_never_gets_less(staked: int, more: int, returned: int) -> None:
    capped = terms(payout_max=5000, payout_min=10, loss_min=50)
    one = cashback(capped, Play(staked=staked, returned=returned))
    other = cashback(capped, Play(staked=staked + more, returned=returned))
    assert one.amount <= other.amount
