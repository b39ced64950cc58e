"""A rule editor is told all that is wrong and right about a document, and which words there are."""

from __future__ import annotations

import jsonschema

from tests.rules.book.conftest import formula, reward


def check(desk, document):
    answer = desk.post("/check", document=document)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_what_is_right_is_read_both_ways_and_tried(ann) -> None:
    found = check(ann, reward(when="net_loss >= 100 and event.stake > 5"))

    assert (found["is_right"], found["errors"]) == (True, [])
    assert found["expression"] == "net_loss >= 100 and stake > 5"
    assert found["form"] == {"net_loss": {"min": 100}, "stake": {"above": 5}}
    assert found["types"] == {"when": "boolean", "then[0].formula": "number"}
    assert [(f["name"], f["type"], f["unit"]) for f in found["facts"]] == [
        ("casino.net_loss", "money", "EUR"),
        ("event.stake", "money", "EUR"),
    ]
    assert [case["passed"] for case in found["cases"]] == [True]


def test_what_is_wrong_is_told_with_its_column_and_the_rest_is_typed(ann) -> None:
    found = check(ann, reward(when="net_loss > 5 and rond > 1"))

    assert not found["is_right"]
    [error] = found["errors"]
    assert (error["pointer"], error["path"], error["column"]) == ("#/when", "when", 18)
    assert error["cause"].startswith("unknown variable 'rond'")
    assert found["types"] == {"then[0].formula": "number"}


def test_anything_can_be_checked(ann) -> None:
    for document in (None, 5, "text", [], {}, {"kind": "reward"}, {"kind": []}):
        assert not check(ann, document)["is_right"], document


def test_nothing_of_a_check_is_stored(ann) -> None:
    check(ann, reward())
    assert ann.get("").json["items"] == []


def test_warnings_are_those_of_a_save(ann, publish) -> None:
    publish(reward("first", tests=[]))
    kinds = {warning["kind"] for warning in check(ann, reward("second", on=[], tests=[]))["warnings"]}
    assert {"no_event", "untested"} <= kinds


def test_the_vocabulary_has_all_that_a_rule_may_say(ann, publish) -> None:
    publish(formula("lost-share", name="Lost share"))

    words = ann.get("/vocabulary", events="casino.round_played").json

    facts = {fact["name"]: fact for fact in words["facts"]}
    assert facts["casino.net_loss"]["type"] == "money"
    assert facts["event.game"]["choices"] == ["slots", "roulette", "poker"]
    [pay] = [action for action in words["actions"] if action["name"] == "casino.pay"]
    assert (pay["pays"], pay["plugin"]) == ("money", "casino")
    assert [p["name"] for p in pay["parameters"]] == ["amount", "wagering_requirement"]
    [called] = [function for function in words["functions"] if function["is_formula"]]
    assert (called["name"], called["title"]) == ("lost_share", "Lost share")
    assert "casino.round_played" in [event["name"] for event in words["events"]]
    jsonschema.validate(reward(), words["schema"])
    assert ann.get("/vocabulary", events="casino.x").status_code == 404


def test_a_tenant_without_the_plugin_has_none_of_its_words(desk_of, make_tenant) -> None:
    words = desk_of("eve", of=make_tenant()).get("/vocabulary").json
    assert not [fact for fact in words["facts"] if fact["name"].startswith("casino.")]
    assert {action["plugin"] for action in words["actions"]} == {"rules"}


def test_a_segment_that_is_not_live_is_doubted_with_the_nearest_one(ann, publish) -> None:
    publish({"kind": "segment", "key": "losing", "when": "net_loss > 0"})

    for when in ("segment == 'LOOSING'", "in_segment('loosing')", "segment in ('LOSING', 'LOOSING')"):
        doubts = [w for w in check(ann, reward(when=when))["warnings"] if w["kind"] == "unknown_segment"]
        assert [w["sentence"] for w in doubts] == [
            "no segment 'LOOSING' is live, so nobody is in it: did you mean 'LOSING'?"
        ]
    right = check(ann, reward(when="segment == 'LOSING' and in_segment('losing')"))
    assert not [w for w in right["warnings"] if w["kind"] == "unknown_segment"]
