"""The tests inside rule files: a case says what it is about, and the rest is taken as fulfilled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pitboss.rules.engine.insight.casebook import Outcome, run_cases, taken_sentence
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import compile_rule
from tests.rules.engine.rewards import WORDS, cashback


def run(facts: dict[str, Any], expect: dict[str, Any], **more: Any) -> Outcome:
    (outcome,) = run_cases(cashback(tests=[{"facts": facts, "expect": expect}], **more))
    return outcome


def test_the_case_of_the_design_passes() -> None:
    outcome = run({"net_loss": 6200, "segment": "LOSING"}, {"match": True, "amount": 500})
    assert outcome.passed, outcome.sentence
    assert taken_sentence(outcome) == "taken as fulfilled: session_count >= 3, days_since_last_deposit <= 7"


def test_what_a_case_says_is_never_taken_as_fulfilled() -> None:
    outcome = run({"net_loss": 6200, "session_count": 1}, {"match": False})
    assert outcome.passed
    assert "session_count >= 3" not in outcome.taken_as_fulfilled


def test_null_is_missing() -> None:
    assert run({"net_loss": None}, {"match": False, "error": "unknown_fact"}).passed


def test_a_failed_case_says_what_came_out_and_why() -> None:
    outcome = run({"net_loss": 50}, {"match": True, "amount": 5})
    assert not outcome.passed
    assert outcome.got == {"match": False, "amount": 0}
    assert outcome.sentence.startswith("match true was expected, and false came out; amount 5.0 was expected")
    assert outcome.sentence.endswith("missed by 50 EUR")


def test_an_amount_is_never_compared_with_one_of_invented_facts() -> None:
    outcome = run({"session_count": 3}, {"amount": 10})
    assert not outcome.passed
    assert outcome.sentence == "the amount reads net_loss, which the case does not give: add it to its facts"


@pytest.mark.parametrize(
    ("net_loss", "paid"), [(100.05, 10.01), (100.04, 10.00), (123.45, 12.35), (100.15, 10.02)]
)
def test_amounts_are_rounded_half_up_from_exact_decimals(net_loss: float, paid: float) -> None:
    outcome = run({"net_loss": net_loss}, {"amount": paid})
    assert outcome.passed, outcome.sentence


def test_a_rule_that_does_not_match_pays_nothing() -> None:
    assert run({"net_loss": 5}, {"amount": 0}).passed


def test_alternatives_with_a_fact_of_the_case_are_judged_as_they_stand() -> None:
    when = {"any": [{"net_loss_min": 100}, {"is_vip": True}]}
    assert run({"net_loss": 5}, {"match": False}, when=when).passed


def test_conditions_that_nothing_fulfils_fail_the_case() -> None:
    outcome = run(
        {"segment": "NEW"}, {"match": True}, when={"segment": "NEW", "net_loss": {"min": 5, "max": 1}}
    )
    assert not outcome.passed
    assert "no facts were found that fulfil net_loss >= 5 and net_loss <= 1" in outcome.sentence


def test_a_default_may_stand_in_an_amount() -> None:
    action = {"action": "loyalty.grant_bonus", "formula": "session_count + 2"}
    outcome = run({"net_loss": 5}, {"amount": 2}, when={"net_loss_min": 1}, then=[action])
    assert outcome.passed, outcome.sentence


def test_a_division_by_zero_is_an_error_that_can_be_expected() -> None:
    action = {"action": "loyalty.grant_bonus", "formula": "net_loss / session_count"}
    outcome = run(
        {"net_loss": 5}, {"match": True, "error": "division_by_zero"}, when={"net_loss_min": 1}, then=[action]
    )
    assert outcome.passed, outcome.sentence


@pytest.mark.parametrize(("value", "passes"), [(2.5, True), (2.6, False), ("2.5", False)])
def test_a_formula_is_compared_by_value(value: Any, passes: bool) -> None:
    rule = {"kind": "formula", "key": "quarter", "formula": "net_loss / 4"}
    rule["tests"] = [{"facts": {"net_loss": 10}, "expect": {"value": value}}]  # type: ignore[assignment]  # JSON
    assert run_cases(compile_rule(rule, WORDS))[0].passed is passes


def test_an_amount_that_nobody_could_be_paid_fails_the_case() -> None:
    outcome = run({"net_loss": 6200}, {"amount": 1e308})
    assert not outcome.passed
    assert "1e+308 was expected, and 500.0 came out" in outcome.sentence


def test_an_outcome_is_json_with_the_facts_that_the_rule_ran_on() -> None:
    written = json.loads(json.dumps(as_json(run({"net_loss": 6200}, {"match": True}))))
    assert written["facts"] == {
        "net_loss": 6200,
        "segment": "LOSING",
        "session_count": 3,
        "days_since_last_deposit": 7,
    }
