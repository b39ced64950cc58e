"""Fees, the closed loop, windows and states: pure decisions, by tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.core.money import Currencies, Money
from pitboss.plugins.payments import fees, loops, states, windows
from pitboss.plugins.payments.loops import Place
from tests.plugins.payments.samples import law

CURRENCIES = Currencies()
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
A, B, C = (UUID(int=n) for n in (1, 2, 3))


# -- fees ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "currency", "percent", "fixed", "rule", "fee"),
    [
        (10_000, "EUR", "2.5", 0, "half_up", 250),
        (10_000, "EUR", "0", 30, "half_up", 30),
        (10_000, "EUR", "2.9", 30, "half_up", 320),
        (1_050, "EUR", "1", 0, "half_up", 11),
        (1_050, "EUR", "1", 0, "half_even", 10),
        (1_050, "EUR", "1", 0, "down", 10),
        (1_001, "EUR", "1", 0, "up", 11),
        (105, "JPY", "10", 0, "half_up", 11),
        (12_345, "KWD", "0.1", 1, "half_up", 13),
    ],
)
def test_a_fee_is_exact_and_rounded_once(minor, currency, percent, fixed, rule, fee):
    provider = {"deposit_fee_percent": Decimal(percent), "deposit_fee_fixed": fixed}

    found = fees.fee_of(Money(minor, currency), provider, "deposit", currencies=CURRENCIES, rule=rule)

    assert found == Money(fee, currency)


@pytest.mark.parametrize(("minor", "is_taken"), [(499, False), (500, True), (1_000, True), (1_001, False)])
def test_the_tighter_bound_counts(minor, is_taken):
    provider = {"deposit_min": 500, "deposit_max": 2_000}
    settings = {"deposit_min": 100, "deposit_max": 1_000}

    def check() -> None:
        fees.check_amount(Money(minor, "EUR"), provider, settings, "deposit", CURRENCIES)

    if is_taken:
        check()
    else:
        with pytest.raises(InvalidInput, match="5.00 EUR|10.00 EUR"):
            check()


@law
@given(st.integers(0, 500), st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_shares_of_a_fee_sum_to_the_fee(fee, parts):
    whole, before, shares = sum(parts), 0, []
    for part in parts:
        shares.append(fees.share_of(fee, before=before, part=part, whole=whole))
        before += part

    assert sum(shares) == fee
    assert all(share >= 0 for share in shares)


# -- the closed loop -------------------------------------------------------------------------------


def place(id_: UUID, paid_in: int, **more: object) -> Place:
    return Place(method_id=id_, masked=f"M{id_.int}", paid_in=paid_in, **more)  # type: ignore[arg-type]


def parts(plan: loops.Plan) -> list[tuple[int, int]]:
    return [(part.method_id.int, part.amount) for part in plan.parts]


@pytest.mark.parametrize(
    ("amount", "places", "wanted", "expected"),
    [
        (60, [place(A, 60)], None, [(1, 60)]),
        (60, [place(A, 100), place(B, 100)], None, [(1, 60)]),
        (60, [place(A, 100), place(B, 100)], B, [(2, 60)]),
        (150, [place(A, 100), place(B, 100)], None, [(1, 100), (2, 50)]),
        (150, [place(A, 100, is_verified=True)], None, [(1, 150)]),
        (150, [place(A, 100), place(B, 0, is_verified=True)], None, [(1, 100), (2, 50)]),
        (150, [place(A, 100), place(B, 0, is_verified=True)], B, [(1, 100), (2, 50)]),
        (60, [place(A, 100, can_receive=False), place(B, 0, is_verified=True)], None, [(2, 60)]),
        (60, [place(A, 5, least=10), place(B, 0, is_verified=True)], None, [(2, 60)]),
        (60, [place(A, 0), place(B, 0, is_verified=True)], None, [(2, 60)]),
    ],
)
def test_money_goes_back_to_where_it_came_from(amount, places, wanted, expected):
    found = loops.plan(amount, places, wanted=wanted)

    assert parts(found) == expected
    assert all(part.reason for part in found.parts)


def test_what_is_passed_over_says_why():
    found = loops.plan(60, [place(A, 100, can_receive=False), place(B, 0, is_verified=True)])

    assert found.passed_over == ("M1 paid in, but cannot receive",)


def test_an_open_loop_goes_where_the_player_wants():
    places = [place(A, 100, is_verified=True), place(B, 0, is_verified=True)]

    assert parts(loops.plan(60, places, wanted=B, is_closed=False)) == [(2, 60)]


@pytest.mark.parametrize(
    "places",
    [
        [],
        [place(A, 0)],
        [place(A, 10)],
        [place(A, 0, is_verified=True, can_receive=False)],
        [place(A, 0, is_verified=True, least=100)],
    ],
)
def test_what_nobody_paid_in_needs_a_verified_method(places):
    with pytest.raises(InvalidInput, match="verified"):
        loops.plan(60, places)


@law
@given(
    st.integers(1, 1_000),
    st.lists(st.tuples(st.integers(0, 500), st.booleans(), st.booleans(), st.integers(1, 50)), max_size=4),
)
def test_the_parts_sum_and_no_unverified_method_gets_more_than_it_paid(amount, drawn):
    places = [
        place(UUID(int=n), paid_in, can_receive=receives, is_verified=verified, least=least)
        for n, (paid_in, receives, verified, least) in enumerate(drawn, 1)
    ]
    try:
        found = loops.plan(amount, places)
    except InvalidInput:
        return
    known = {p.method_id: p for p in places}

    assert sum(part.amount for part in found.parts) == amount
    for part in found.parts:
        target = known[part.method_id]
        assert target.can_receive
        assert part.amount >= target.least
        assert target.is_verified or part.amount <= target.paid_in


# -- windows ---------------------------------------------------------------------------------------


def moved(hours_ago: float, amount: int = 100, state: str = "completed", **more: object) -> windows.Moved:
    at = NOW - timedelta(hours=hours_ago)
    said = {
        "kind": "deposit",
        "state": state,
        "amount": amount,
        "settled": amount if state in ("completed", "reversed") else 0,
        "taken_back": 0,
        "created_at": at,
        "completed_at": at if state == "completed" else None,
    }
    return windows.Moved(**(said | more))  # type: ignore[arg-type]  # a row of a table


def drawn(hours_ago: float, amount: int, state: str = "completed") -> windows.Moved:
    return moved(hours_ago, amount, state, kind="withdrawal")


@pytest.mark.parametrize(
    ("moves", "window", "gross", "net"),
    [
        ([moved(1), moved(23.99), moved(24), moved(25)], "24h", 200, 200),
        ([moved(1, 60), drawn(0.5, 60)], "24h", 60, 0),
        ([moved(1, 60), drawn(0.5, 60, "requested")], "24h", 60, 60),
        ([moved(1, 60, "pending"), moved(1, 60, "failed"), moved(1, 60, "expired")], "24h", 60, 60),
        ([moved(1, 60, "reversed", taken_back=60)], "24h", 60, 0),
        ([moved(1, 100, settled=90)], "24h", 90, 90),
        ([moved(6.9 * 24), moved(7 * 24)], "7d", 100, 100),
        ([moved(29 * 24), moved(31 * 24)], "30d", 100, 100),
        ([moved(14 * 24 + 12), moved(14 * 24 + 12.01)], "month", 100, 100),
    ],
)
def test_windows_hold_what_was_paid_in_since(moves, window, gross, net):
    found = windows.figures(moves, NOW, ZoneInfo("UTC"))

    assert (found["gross_deposits"][window], found["net_deposits"][window]) == (gross, net)


def test_the_month_is_that_of_the_tenant():
    begun = windows.starts(NOW, ZoneInfo("America/New_York"))["month"]

    assert begun + timedelta(microseconds=1) == datetime(2026, 3, 1, 5, tzinfo=UTC)


# -- states ----------------------------------------------------------------------------------------


def test_every_state_that_is_named_has_its_row():
    for table in states.TABLES.values():
        assert {following for row in table.values() for following in row} <= set(table)


def test_nothing_leads_out_of_how_a_withdrawal_ends():
    over = [state for state, row in states.WITHDRAWALS.items() if not row]

    assert sorted(over) == ["cancelled", "completed", "failed", "rejected"]
    assert set(states.RETURNED) == set(over) - {"completed"}


@pytest.mark.parametrize(
    ("kind", "state", "said", "is_contradiction"),
    [
        ("withdrawal", "failed", "completed", True),
        ("withdrawal", "completed", "failed", True),
        ("withdrawal", "requested", "completed", True),
        ("withdrawal", "rejected", "completed", True),
        ("withdrawal", "completed", "completed", False),
        ("withdrawal", "sent", "completed", False),
        ("withdrawal", "completed", "pending", False),
        ("deposit", "completed", "failed", False),
    ],
)
def test_what_contradicts_the_books_is_known(kind, state, said, is_contradiction):
    assert states.contradicts(kind, state, said) == is_contradiction
