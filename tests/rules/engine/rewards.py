"""Rewards for the tests that explain, compare and check rules."""

from __future__ import annotations

from typing import Any

from pitboss.rules.engine.catalogue import Catalogue, Variable, catalogue_of
from pitboss.rules.engine.program import Program, compile_rule

WORDS: Catalogue = catalogue_of(
    [
        Variable(name="betting.net_loss", type="money", unit="EUR"),
        Variable(name="betting.wagered", type="money"),
        Variable(name="session_count", default=0),
        Variable(name="days_since_last_deposit"),
        Variable(name="segment", type="choice", choices=("LOSING", "WINNING", "NEW")),
        Variable(name="country", type="text"),
        Variable(name="is_vip", type="boolean", default=False),
        Variable(name="last_deposit", type="instant"),
        Variable(name="idle", type="duration"),
        Variable(name="games", type="list"),
    ]
)

CASHBACK: dict[str, Any] = {
    "kind": "reward",
    "key": "weekly-cashback",
    "name": "Weekly cashback",
    "when": {
        "segment": "LOSING",
        "net_loss_min": 100,
        "session_count_min": 3,
        "days_since_last_deposit": {"max": 7},
    },
    "then": [{"action": "loyalty.grant_bonus", "formula": "net_loss * 0.10", "max_amount": 500}],
}


def reward(
    when: Any, formula: str = "5", *, key: str = "rule", cap: float | None = None, **more: Any
) -> Program:
    """Compile a reward of one action."""
    action: dict[str, Any] = {"action": "loyalty.grant_bonus", "formula": formula}
    if cap is not None:
        action["max_amount"] = cap
    return compile_rule({"kind": "reward", "key": key, "when": when, "then": [action], **more}, WORDS)


def cashback(**more: Any) -> Program:
    """Compile the rule of the design, with some keys changed."""
    return compile_rule({**CASHBACK, **more}, WORDS)
