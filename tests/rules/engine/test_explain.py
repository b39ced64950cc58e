"""Explanations say what the rule said, and what stood in the way."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.insight.explain import explain, why_not
from pitboss.rules.engine.insight.explanation import Condition, as_json
from pitboss.rules.engine.insight.wording import duration_words
from pitboss.rules.engine.program import Program, compile_rule
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Node
from tests.rules.engine.interpret import outcome
from tests.rules.engine.rewards import WORDS, cashback, reward
from tests.rules.engine.trees import CATALOGUE, facts, trees

NEAR = {"segment": "LOSING", "net_loss": 99.99, "session_count": 4, "days_since_last_deposit": 3}


def sentence(program: Program, facts: dict[str, Any]) -> str:
    return explain(program, facts).sentence


def leaves(condition: Condition) -> list[Condition]:
    return [leaf for item in condition.items for leaf in leaves(item)] if condition.items else [condition]


def test_a_near_miss_says_by_how_much() -> None:
    assert sentence(cashback(), NEAR) == (
        "Weekly cashback did not match: net_loss is 99.99 EUR, and at least 100 EUR is wanted: "
        "missed by 0.01 EUR"
    )


def test_a_match_says_what_it_pays_and_that_it_is_capped() -> None:
    explained = explain(cashback(), {**NEAR, "net_loss": 6200})
    assert explained.fires
    assert explained.amounts[0].is_capped
    assert explained.amounts[0].paid == Decimal("500.0")
    assert explained.sentence == (
        "Weekly cashback matched and pays 500.00: net_loss * 0.1 is 620.00, capped at 500"
    )


def test_an_unknown_fact_is_named() -> None:
    explained = explain(cashback(), {**NEAR, "net_loss": None})
    fault = explained.condition.fault
    assert fault is not None
    assert (fault.kind, fault.fact) == ("unknown_fact", "betting.net_loss")
    assert "could not be judged: net_loss is unknown, and at least 100 EUR is wanted" in explained.sentence


def test_a_negative_amount_pays_nothing() -> None:
    explained = explain(reward({"is_vip": False}, "net_loss * 0.1"), {"net_loss": -20})
    assert explained.amounts[0].is_negative
    assert explained.amounts[0].paid == 0
    assert explained.sentence.endswith("net_loss * 0.1 is −2.00, and a negative amount never pays")


def test_an_amount_with_a_fault_does_not_fire() -> None:
    explained = explain(reward({"is_vip": False}, "100 / session_count"), {})
    assert explained.matched
    assert not explained.fires
    assert "does not fire: a division by zero in 100 / session_count" in explained.sentence


def test_a_fact_of_a_wrong_type_hurts_only_who_reads_it() -> None:
    odd = {**NEAR, "net_loss": "much"}
    assert explain(reward({"session_count_min": 3}), odd).fires
    assert "is 'much', which is not a number" in sentence(cashback(), odd)


def test_a_name_that_no_variable_has_is_refused() -> None:
    with pytest.raises(Refused, match="did you mean"):
        explain(cashback(), {"net_los": 5})


def test_what_the_rule_did_not_come_to_is_judged_and_marked() -> None:
    explained = explain(cashback(), {**NEAR, "segment": "NEW", "session_count": 1})
    judged = [(leaf.text, leaf.verdict, leaf.reached) for leaf in leaves(explained.condition)]
    assert judged[0] == ("segment == 'LOSING'", "failed", True)
    assert judged[2] == ("session_count >= 3", "failed", False)
    assert judged[3] == ("days_since_last_deposit <= 7", "held", False)


def test_the_tree_mirrors_the_groups() -> None:
    when = {
        "any": [
            {"net_loss_min": 100},
            {"all": [{"is_vip": True}, {"none": [{"segment": "NEW"}, {"country": "DE"}]}]},
        ]
    }
    condition = explain(reward(when), NEAR).condition
    inner = condition.items[1]
    assert (condition.group, inner.group, inner.items[1].group) == ("any", "all", "none")
    assert [item.wanted for item in inner.items[1].items] == [False, False]


def test_readings_say_where_a_value_is_from() -> None:
    (leaf,) = leaves(explain(reward({"session_count_min": 3}), {}).condition)
    assert [(r.fact, r.value, r.source) for r in leaf.readings] == [("session_count", 0, "default")]


@pytest.mark.parametrize(
    ("when", "known", "reason"),
    [
        (
            "idle > hours(2)",
            {"idle": 3600},
            "idle is 1 hour, and more than 2 hours is wanted: missed by 1 hour",
        ),
        (
            "last_deposit >= '2026-12-01T09:00:00Z'",
            {"last_deposit": "2026-11-29T06:00:00Z"},
            "no earlier than 2026-12-01T09:00:00Z is wanted: missed by 2 days 3 hours",
        ),
        ({"net_loss_min": 100}, {"net_loss": 87.6}, "at least 100 EUR is wanted: missed by 12.40 EUR"),
        ({"net_loss": {"above": 100}}, {"net_loss": 100}, "and more than 100 EUR is wanted"),
        ({"segment": ["LOSING", "NEW"]}, {"segment": "WINNING"}, "and one of LOSING, NEW is wanted"),
        ({"segment": "NEW"}, {"segment": "WINNING"}, "segment is WINNING, and NEW is wanted"),
        ({"segment": {"not": "NEW"}}, {"segment": "NEW"}, "segment is NEW, and anything but NEW is wanted"),
        ({"is_vip": True}, {}, "is_vip is false, and true is wanted"),
        ({"games": {"contains": "slots"}}, {"games": ["roulette"]}, "games does not hold slots (roulette)"),
        ({"idle": {"known": True}}, {}, "idle is unknown"),
        (
            "not (is_vip and net_loss > 5)",
            {"net_loss": 6, "is_vip": True},
            "at most 5 EUR is wanted: missed by 1 EUR",
        ),
        ("100 > net_loss", {"net_loss": 130}, "less than 100 EUR is wanted: missed by 30 EUR"),
        (
            "net_loss > wagered * 2",
            {"net_loss": 5, "wagered": 10},
            "20 (wagered * 2) is wanted: missed by 15 EUR",
        ),
        ("session_count in (3, 7)", {"session_count": 8}, "one of 3, 7 is wanted: missed by 1"),
        ("starts_with(country, 'D')", {"country": "FR"}, "does not hold (country is FR)"),
    ],
)
def test_each_kind_of_condition_says_what_is_wanted(when: Any, known: dict[str, Any], reason: str) -> None:
    assert sentence(reward(when), known).endswith(reason)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (183_600, "2 days 3 hours"),
        (90_061, "1 day 1 hour"),
        (61, "1 minute 1 second"),
        (0.5, "0.5 seconds"),
        (-7200, "-2 hours"),
        (0, "0 seconds"),
    ],
)
def test_durations_are_said_in_words(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_the_nearest_rule_comes_first() -> None:
    far = reward({"net_loss_min": 500}, key="far")
    near = reward({"net_loss_min": 100}, key="near")
    two = reward({"net_loss_min": 100, "session_count_min": 5}, key="two")
    other = reward({"segment": "NEW"}, key="other")
    fires = reward({"net_loss_min": 1}, key="fires")
    assert [e.key for e in why_not([far, two, other, fires, near], NEAR)] == ["near", "far", "other", "two"]


def test_of_alternatives_the_nearest_counts() -> None:
    explained = explain(reward({"any": [{"segment": "NEW"}, {"net_loss_min": 100}]}), NEAR)
    assert explained.nearness.failing == 1
    assert explained.nearness.distance == pytest.approx(0.0001, rel=0.01)
    assert explained.sentence.endswith("missed by 0.01 EUR")


def test_an_explanation_is_json() -> None:
    written = json.loads(json.dumps(as_json(explain(cashback(), {**NEAR, "net_loss": 6200}))))
    assert written["amounts"][0]["paid"] == "500.0"
    assert written["condition"]["items"][1]["readings"][0]["shown"] == "6,200 EUR"


def test_a_formula_says_its_value() -> None:
    rule = {"kind": "formula", "key": "rate", "formula": "net_loss / 4"}
    assert sentence(compile_rule(rule, WORDS), {"net_loss": 10}) == "rate matched: net_loss / 4 is 2.50"


@settings(deadline=None, derandomize=True, max_examples=150, database=None)
@given(trees(), facts())
def test_an_explanation_says_what_the_rule_says(node: Node, known: Facts) -> None:
    program = compile_rule({"kind": "segment", "key": "any"}, CATALOGUE)
    program.__dict__["when"] = node
    condition = explain(program, known).condition
    said = outcome(node, known)
    verdict = {True: "held", False: "failed"}.get(said, "unjudged") if isinstance(said, bool) else "unjudged"
    assert condition.verdict == verdict, text_of(node)
    if condition.fault is not None:
        assert said == f"<{condition.fault.kind}>"
