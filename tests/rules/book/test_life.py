"""A rule goes from a draft to being live, and nobody lets their own through."""

from __future__ import annotations

from uuid import uuid4

import pytest

from pitboss.rules.book import life
from tests.rules.book.conftest import formula, reward, sentences


def test_a_rule_is_live_once_it_was_tested_submitted_and_approved(ann, bob, events) -> None:
    ann.create(reward(), message="for losers")
    stages = [ann.step("cashback", "test").json["rule"]["stage"]]
    for desk, step in ((ann, "submit"), (bob, "approve"), (ann, "publish")):
        stages.append(desk.step("cashback", step).json["stage"])

    shown = ann.get("/cashback").json

    assert stages == ["tested", "submitted", "approved", "published"]
    assert (shown["state"], shown["live"], shown["head"]) == ("live", 1, 1)
    told = [event.payload["step"] for event in events("rules.rule_changed")]
    assert told == ["saved", "tested", "submitted", "approved", "published"]


def test_every_step_is_kept_with_who_took_it_and_why(ann, bob, publish) -> None:
    publish(reward())
    bob.step("cashback", "pause", reason="costs too much")

    steps = ann.get("/cashback/steps").json["items"]

    assert [(s["step"], s["actor"]) for s in steps][:3] == [
        ("paused", "operator:bob@acme.test"),
        ("published", "operator:ann@acme.test"),
        ("approved", "operator:bob@acme.test"),
    ]
    assert steps[0]["comment"] == "costs too much"


@pytest.mark.parametrize("who", ["author", "submitter", "key", "again"])
def test_the_second_person_is_another_person(who, ann, bob, desk_of, settle) -> None:
    settle(approvals_required=2)
    ann.create(reward())
    submitter = bob if who == "submitter" else ann
    submitter.step("cashback", "submit")
    approver = {"author": ann, "submitter": bob, "again": bob, "key": desk_of("ann", kind="api_key")}[who]
    if who == "again":
        assert bob.step("cashback", "approve").status_code == 200

    answer = approver.step("cashback", "approve")

    assert answer.status_code == 403
    assert {
        "author": "you wrote version 1 of rule 'cashback', so somebody else has to approve it",
        "submitter": "you submitted version 1 of rule 'cashback', so somebody else",
        "again": "you approved version 1 of rule 'cashback' already",
        "key": "an API key cannot approve",
    }[who] in answer.json["detail"]
    assert ann.get("/cashback").json["stage"] == "submitted"


def test_two_approvals_are_asked_for_where_the_tenant_says_so(ann, bob, desk_of, settle) -> None:
    settle(approvals_required=2)
    ann.create(reward())
    ann.step("cashback", "submit")

    first = bob.step("cashback", "approve").json["stage"]
    second = desk_of("cid").step("cashback", "approve").json["stage"]

    assert (first, second) == ("submitted", "approved")


def test_a_new_version_needs_a_new_approval(ann, bob, publish) -> None:
    publish(reward())
    ann.save(reward(priority=5))

    answer = ann.step("cashback", "publish")

    assert answer.status_code == 409
    shown = ann.get("/cashback").json
    assert (shown["state"], shown["live"], shown["head"], shown["stage"]) == ("live", 1, 2, "draft")


def test_a_rejected_version_is_a_draft_again(ann, bob) -> None:
    ann.create(reward())
    ann.step("cashback", "submit")

    silent = bob.step("cashback", "reject", reason=" ")
    answer = bob.step("cashback", "reject", reason="a tenth is too much")

    assert silent.status_code == 422
    assert answer.json["stage"] == "draft"
    assert ann.get("/cashback/steps").json["items"][0]["comment"] == "a tenth is too much"


def test_a_rule_whose_tests_fail_cannot_be_submitted(ann) -> None:
    wrong = [{"name": "a tenth", "facts": {"net_loss": 620}, "expect": {"amount": 63}}]
    ann.create(reward(tests=wrong))

    tested = ann.step("cashback", "test").json
    answer = ann.step("cashback", "submit")

    assert (tested["passed"], tested["rule"]["stage"]) == (False, "draft")
    assert answer.status_code == 409
    assert "1 of 1 tests of rule 'cashback' fail: a tenth: amount 63" in answer.json["detail"]
    assert ann.get("/cashback/steps").json["items"][0]["step"] == "tests_failed"


def test_a_simulation_is_asked_for_where_the_tenant_says_so(ann, settle, kernel, tenant) -> None:
    settle(simulation_required=True)
    ann.create(reward())
    ann.step("cashback", "test")

    before = ann.step("cashback", "submit")
    with kernel.context(tenant.id) as ctx:
        life.record_simulation(ctx, "cashback", 1, uuid4())
    simulated = ann.get("/cashback").json["stage"]
    after = ann.step("cashback", "submit")

    assert (before.status_code, simulated, after.status_code) == (409, "simulated", 200)
    assert "was not simulated" in before.json["detail"]


def test_a_regulators_plugin_refuses_to_publish_and_says_why(ann, bob) -> None:
    action = {"action": "casino.pay", "formula": "net_loss * 0.10", "wagering_requirement": 40}
    ann.create(reward(then=[action]))
    ann.step("cashback", "submit")
    bob.step("cashback", "approve")

    answer = ann.step("cashback", "publish")

    assert answer.status_code == 403
    reason = "SR 5.1.1: a bonus is wagered at most 10 times, and this asks for 40"
    assert answer.json["reasons"] == [reason]
    shown = ann.get("/cashback").json
    assert (shown["state"], shown["live"], shown["stage"]) == ("idle", None, "approved")


def test_a_live_rule_is_paused_resumed_and_retired(ann, publish) -> None:
    publish(reward())

    states = [ann.step("cashback", step).json["state"] for step in ("pause", "resume", "retire")]

    assert states == ["paused", "live", "retired"]
    assert ann.get("/cashback").json["live"] is None
    assert ann.step("cashback", "resume").status_code == 409


def test_an_old_version_comes_back_as_a_new_one(ann, publish) -> None:
    publish(reward(), reward(priority=5))

    answer = ann.step("cashback", "rollback", version=1, reason="the new one pays twice")

    assert (answer.json["live"], answer.json["head"], answer.json["state"]) == (3, 3, "live")
    made = ann.get("/cashback/versions/3").json
    assert made["copy_of"] == 1
    assert made["document"] == ann.get("/cashback/versions/1").json["document"]


def test_what_was_never_live_cannot_be_rolled_back_to(ann, publish) -> None:
    publish(reward())
    ann.save(reward(priority=5))

    answer = ann.step("cashback", "rollback", version=2, reason="quick")

    assert answer.status_code == 409
    assert "version 2 of rule 'cashback' was never live" in answer.json["detail"]


def test_a_formula_that_live_rules_call_cannot_leave(ann, publish) -> None:
    publish(formula(), reward(then=[{"action": "casino.pay", "formula": "share()"}]))

    answer = ann.step("share", "retire")

    assert answer.status_code == 409
    assert "live rules call it: cashback" in answer.json["detail"]
    assert ann.get("/share").json["state"] == "live"


def test_a_rule_that_was_live_is_never_deleted(ann, publish) -> None:
    publish(reward())
    assert ann.delete("cashback").status_code == 409


def test_a_deleted_draft_leaves_its_history_and_its_number(ann) -> None:
    ann.create(reward())
    assert ann.delete("cashback").status_code == 204
    assert ann.get("/cashback").status_code == 404

    again = ann.create(reward(priority=1)).json

    assert (again["head"], again["stage"]) == (2, "draft")
    assert [s["step"] for s in ann.get("/cashback/steps").json["items"]] == ["saved", "deleted", "saved"]


@pytest.mark.parametrize(
    ("step", "permission", "body"),
    [
        ("submit", "rules.edit", {}),
        ("approve", "rules.approve", {}),
        ("reject", "rules.approve", {"reason": "no"}),
        ("publish", "rules.publish", {}),
        ("pause", "rules.publish", {}),
        ("rollback", "rules.publish", {"version": 1, "reason": "no"}),
    ],
)
def test_each_step_needs_its_permission(step, permission, body, ann, desk_of) -> None:
    ann.create(reward())
    held = {"rules.read", "rules.edit", "rules.approve", "rules.publish"} - {permission}

    answer = desk_of("dan", *held).step("cashback", step, **body)

    assert answer.status_code == 403
    assert permission in sentences(answer)


def test_a_test_asks_every_backend_of_the_engine(ann) -> None:
    case = {"facts": {"net_loss": 620, "country": "GB"}, "expect": {"amount": 62}}
    ann.create(reward(when="net_loss >= 100 and (country in ('GB', 'DE') or rounds_7d > 3)", tests=[case]))
    ann.create(
        reward("lucky", then=[{"action": "casino.say", "text": "hi"}], when="luck(net_loss) > 5", tests=[])
    )

    for key in ("cashback", "lucky"):
        tested = ann.step(key, "test").json
        assert (tested["passed"], tested["findings"]) == (True, [])
