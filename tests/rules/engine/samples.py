"""Right rules of every kind, in the words of `tests.rules.engine.words`."""

from __future__ import annotations

from typing import Any

BRIEF: dict[str, Any] = {
    "kind": "reward",
    "key": "weekly-cashback",
    "name": "Weekly cashback",
    "on": ["betting.bet_settled"],
    "when": {
        "segment": "LOSING",
        "net_loss_min": 100,
        "session_count_min": 3,
        "days_since_last_deposit": {"max": 7},
    },
    "then": [
        {
            "action": "loyalty.grant_bonus",
            "formula": "net_loss * 0.10",
            "max_amount": 500,
            "wagering_requirement": 10,
            "expiry_hours": 48,
            "eligible_games": ["slots", "roulette"],
        }
    ],
    "priority": 10,
    "stop": False,
    "effective": {"from": "2026-12-01", "until": None},
    "limits": {
        "per_player": {"count": 1, "period": "week"},
        "budget": {"amount": 10000, "period": "day"},
    },
    "holdout_percent": 10,
    "tests": [{"facts": {"net_loss": 6200, "segment": "LOSING"}, "expect": {"match": True, "amount": 500}}],
}
"""The rule of section 6 of the design."""

RIGHT: list[dict[str, Any]] = [
    BRIEF,
    {"kind": "segment", "key": "whales", "when": "net_loss >= 10000 and not is_vip"},
    {"kind": "segment", "key": "everyone"},
    {
        "kind": "segment",
        "key": "nested",
        "when": {
            "any": [{"country": ["DE", "AT"]}, {"all": [{"is_vip": True}, "bets > 3"]}],
            "none": [{"games": {"contains": "slots"}}, {"country": {"known": False}}],
            "last_deposit_at_min": "2026-01-01T00:00:00Z",
            "idle": {"below": "48h"},
            "net_loss": {"between": [0, 100.5]},
        },
        "tags": ["one", "two"],
    },
    {
        "kind": "alert",
        "key": "losing-fast",
        "when": {"betting.net_loss": {"above": 5000}},
        "message": "{player} lost {net_loss}",
        "severity": 8,
        "channels": ["email"],
        "cool_down": "24h",
        "value": "net_loss / 100",
    },
    {"kind": "formula", "key": "score", "formula": "sigmoid(net_loss / 1000)", "unit": "points"},
    {
        "kind": "formula",
        "key": "points-factor",
        "table": {
            "hit": "unique",
            "rows": [
                {"when": {"segment": "VIP"}, "then": {"value": 2}, "note": "as promised"},
                {"when": {"segment": {"not": "VIP"}}, "then": {"value": {"formula": "1 + bets / 100"}}},
            ],
            "default": {"value": 1},
        },
    },
    {
        "kind": "reward",
        "key": "by-table",
        "then": [{"action": "loyalty.grant_bonus"}],
        "table": {
            "hit": "priority",
            "rows": [
                {"when": {"bets_min": 10}, "then": {"amount": 5}},
                {"when": "is_vip", "then": {"amount": 10}, "priority": 1},
            ],
        },
        "exclusive": {"group": "bonuses", "pick": "sum_capped", "max_amount": 50},
        "effective": {"from": "2026-12-01T09:00:00+01:00", "until": "2026-12-31T09:00:00Z"},
    },
    {
        "kind": "reward",
        "key": "collected",
        "then": [{"action": "loyalty.grant_bonus", "max_amount": None}],
        "table": {
            "hit": "collect",
            "collect": "sum",
            "rows": [{"then": {"amount": 1}}, {"when": {"is_vip": True}, "then": {"amount": 2.5}}],
        },
    },
    {
        "kind": "limit",
        "key": "stop-at-loss",
        "operation": "betting.place_bet",
        "message": "You have reached your limit.",
        "when": {"net_loss_min": 1000},
        "effective": {"until": "2027-01-01"},
    },
]
