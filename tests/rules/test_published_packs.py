"""Cashback, tiers and segments of the starter packs are right to the published figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.rules.packs import ORACLES, paid, said, value


def test_cashback_is_as_published() -> None:
    expected = ORACLES["cashback"]["expected"]
    week = {"segment": "LOSING", "session_count": 3, "days_since_last_deposit": 7}
    flow = expected["flow_method"]
    lost = value(
        "flow-net-loss",
        balance_start=flow["start"],
        deposits=flow["deposits"],
        withdrawals=flow["withdrawals"],
        balance_end=flow["end"],
    )

    assert lost * Decimal(flow["rate"]) == Decimal(flow["cashback"])
    assert paid("weekly-cashback", **week, net_loss_7d=6200) == Decimal(
        expected["seed_rule_net_loss_6200_10pct_cap500"]
    )
    assert paid("weekly-cashback", **week, net_loss_7d=100) == Decimal(
        expected["seed_rule_net_loss_100_boundary"]
    )
    assert paid("weekly-cashback", **week, net_loss_7d=99.99) == 0
    assert paid("cash-cashback", total_wagered=1200) == Decimal(expected["cap_5pct_of_1200_cap50"])
    assert paid("cash-cashback", total_wagered=8) == Decimal(expected["min_payout_1.00_on_0.40"])
    assert paid("cash-cashback", total_wagered=100, total_won=150) == Decimal(expected["net_winner"])


_TIERS = {"Basic": "BRONZE", "Silver": "SILVER", "Gold": "GOLD", "Platinum": "PLATINUM"}


def test_tiers_are_as_published() -> None:
    oracle = ORACLES["tier.balance_and_window"]
    for _, _, balance, tier in oracle["expected"]["balance_mode"]:
        assert value("tier-by-balance", lp_balance=balance) == _TIERS[tier]
    for _, earned, tier in oracle["expected"]["window_mode"]:
        assert value("tier-by-window", lp_earned_90d=earned) == _TIERS[tier]
    for tier, bound in oracle["inputs"]["tiers"]:
        assert value("tier-by-balance", lp_balance=bound) == _TIERS[tier]


def _segments(wagered: float, won: float, *current: str) -> set[str]:
    facts = {"total_wagered": wagered, "total_won": won, "segments": list(current)}
    return {key.upper() for key in ("winning", "breakeven", "losing") if said(key, **facts).matched}


@pytest.mark.parametrize("current", ["WINNING", "BREAKEVEN", "LOSING", "NEW"])
@pytest.mark.parametrize("percent", range(-10, 11))
def test_an_active_player_is_in_exactly_one_of_the_three_margins(percent: int, current: str) -> None:
    assert len(_segments(1000, 1000 + 10 * percent, current)) == 1


def test_a_player_who_wavers_around_the_line_stays_where_he_is() -> None:
    assert _segments(1000, 950) == {"LOSING"}
    assert _segments(1000, 960, "LOSING") == {"LOSING"}
    assert _segments(1000, 960, "BREAKEVEN") == {"BREAKEVEN"}


def test_a_player_can_be_in_several_segments() -> None:
    facts = {
        "total_wagered": 20000,
        "total_won": 15000,
        "wagered_30d": 20000,
        "account_age_days": 5,
        "total_bets": 9,
    }

    assert [key for key in ("new", "losing", "vip") if said(key, **facts).matched] == ["new", "losing", "vip"]
