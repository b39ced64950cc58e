"""Bad input: each is a clear error that names field, value and cure, and nothing of it is stored."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from pitboss.rules.book.checks import PATHS
from pitboss.rules.book.tables import RuleRow, StepRow, VersionRow
from pitboss.rules.engine.rule import RULE_BYTES_MAX
from tests.rules.book.conftest import formula, reward, sentences

PAY = {"action": "casino.pay", "formula": "net_loss * 0.10"}


def paying(**more: Any) -> dict[str, Any]:
    return reward(then=[{**PAY, **more}], tests=[])


@pytest.fixture
def stored(kernel, tenant):
    """Count all that is stored of the rulebook."""

    def count() -> list[int]:
        tables = [kind.__table__ for kind in (RuleRow, VersionRow, StepRow)]
        with kernel.context(tenant.id) as ctx:
            query = [select(func.count()).where(t.c.tenant_id == tenant.id) for t in tables]
            return [ctx.connection.scalar(one) or 0 for one in query]

    return count


BAD = {
    "unknown fact": (
        reward(when={"net_los_min": 100}),
        "#/when/net_los_min",
        "unknown variable 'net_los': did you mean net_loss?",
    ),
    "unknown fact in a formula": (
        paying(formula="net_los * 2"),
        "#/then/0/formula",
        "column 1: unknown variable 'net_los': did you mean net_loss?",
    ),
    "unknown function": (paying(formula="shar() * 2"), "#/then/0/formula", "unknown function 'shar'"),
    "wrong type": (
        reward(when={"casino.net_loss": "much"}),
        "#/when/casino.net_loss",
        "'much' is not a number",
    ),
    "unknown key": (reward(priorty=5), "#", "unknown key 'priorty': did you mean priority?"),
    "unknown kind": (reward(kind="rewrd"), "#/kind", "unknown kind 'rewrd': did you mean reward?"),
    "unknown event": (
        reward(on=["casino.round_plaid"]),
        "#/on/0",
        "no event 'casino.round_plaid' for this tenant: did you mean 'casino.round_played'?",
    ),
    "unknown action": (
        reward(then=[{**PAY, "action": "casino.pey"}]),
        "#/then/0/action",
        "no action 'casino.pey' for this tenant: did you mean 'casino.pay'?",
    ),
    "unknown parameter": (
        paying(wagering_requirment=5),
        "#/then/0/wagering_requirment",
        "unknown parameter 'wagering_requirment': did you mean 'wagering_requirement'?",
    ),
    "wrong parameter": (
        paying(wagering_requirement=101),
        "#/then/0/wagering_requirement",
        "the parameter 'wagering_requirement' does not fit: Must be greater than or equal to 0 and less",
    ),
    "missing parameter": (
        reward(then=[{"action": "casino.say"}], tests=[]),
        "#/then/0/text",
        "the parameter 'text' does not fit: Missing data",
    ),
    "pays without an amount": (
        reward(then=[{"action": "casino.pay"}], tests=[]),
        "#/then/0",
        "the action 'casino.pay' pays money: say how much, with 'formula', 'amount' or a table",
    ),
    "an amount that nothing pays": (
        reward(then=[{"action": "casino.say", "text": "hello", "amount": 5}], tests=[]),
        "#/then/0/amount",
        "the action 'casino.say' pays nothing: remove 'amount'",
    ),
    "a formula that calls itself": (
        formula(text="share() + 1"),
        "#/formula",
        "formulas call each other in a circle: share -> share",
    ),
    "a formula with the name of a function": (
        formula("max"),
        "#/key",
        "there is a function max() already: choose another key",
    ),
    "a formula that cannot be called": (formula("2-x"), "#/key", "2_x() cannot be written"),
    "an operation that is none": (
        {"kind": "limit", "key": "no", "operation": "bets", "when": "net_loss > 5", "message": "no"},
        "#/operation",
        "'bets' is not the name of an operation: an operation is named as in plugin.place_order",
    ),
    "a path of the API": (reward("book"), "#/key", "'book' is a path of the API: choose another key"),
    "too large": (
        reward(description="x" * RULE_BYTES_MAX),
        "#",
        f"and at most {RULE_BYTES_MAX} are allowed: split it",
    ),
    "a test of no fact": (
        reward(tests=[{"facts": {"net_los": 5}, "expect": {}}]),
        "#/tests/0/facts",
        "unknown variable 'net_los'",
    ),
}


def test_a_rule_that_is_wrong_is_refused_at_its_place(ann, stored) -> None:
    # One test for the table: an application for each line would take half a minute.
    for what, (document, pointer, cause) in BAD.items():
        answer = ann.create(document)

        assert answer.status_code == 422, what
        assert pointer in [error["pointer"] for error in answer.json["errors"]], what
        assert cause in sentences(answer), what
    assert stored() == [0, 0, 0]


def test_all_problems_are_told_at_once(ann) -> None:
    document = reward(when={"net_los_min": 1}, then=[{**PAY, "formula": "net_los"}])

    pointers = [error["pointer"] for error in ann.create(document).json["errors"]]

    assert pointers == ["#/when/net_los_min", "#/then/0/formula"]


def test_a_circle_of_formulas_is_named(ann, publish, stored) -> None:
    publish(formula("one"), formula("two", "one() * 2"), formula("three", "two() + 1"))
    before = stored()

    answer = ann.save(formula("one", "three() - 1"))

    assert answer.status_code == 422
    assert "one -> three -> two -> one" in sentences(answer)
    assert stored() == before


def test_a_formula_that_would_break_live_rules_names_them(ann, publish, stored) -> None:
    publish(formula(), reward(then=[{"action": "casino.pay", "formula": "share()"}], tests=[]))
    before = stored()

    answer = ann.save(formula(text="'a text'"))

    assert answer.status_code == 422
    assert "the live rule 'cashback' calls share() and would break" in sentences(answer)
    assert stored() == before


def test_an_etag_of_before_is_stale(ann, bob, stored) -> None:
    ann.create(reward())
    read = ann.etag("cashback")
    bob.save(reward(priority=5))
    before = stored()

    for answer in (
        ann.client.put("/api/v1/rules/cashback", json={"document": reward()}, headers=read),
        ann.post("/cashback/submit", read),
        ann.delete("cashback", read),
    ):
        assert answer.status_code == 412
        assert "someone changed this since you read it" in answer.json["detail"]
    assert stored() == before


def test_a_change_without_an_etag_is_not_made(ann) -> None:
    ann.create(reward())
    assert ann.post("/cashback/submit").status_code == 428


def test_a_key_is_not_taken_twice(ann, stored) -> None:
    ann.create(reward())
    before = stored()

    same = ann.create(reward(priority=5))
    other = ann.save(formula("cashback"))
    renamed = ann.client.put(
        "/api/v1/rules/cashback", json={"document": reward("other")}, headers=ann.etag("cashback")
    )

    assert (same.status_code, other.status_code, renamed.status_code) == (409, 422, 422)
    assert "the key 'cashback' is taken by a rule of the kind reward" in sentences(other)
    assert "the rule is called 'cashback', and this says 'other'" in sentences(renamed)
    assert stored() == before


def test_a_formula_is_not_called_as_another_is(ann, publish) -> None:
    publish(formula("my-share"))
    answer = ann.create(formula("my_share"))
    assert "the formula 'my-share' is called as my_share() too" in sentences(answer)


def test_no_rule_hides_behind_a_path_of_the_api(app) -> None:
    rules = {
        rule.rule.split("/")[4] for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/rules/")
    }
    assert {word for word in rules if not word.startswith("<")} <= PATHS
