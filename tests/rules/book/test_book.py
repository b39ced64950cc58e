"""The rulebook as a whole: it is stopped at once, it grows with each change, and keeps plugins."""

from __future__ import annotations

from pitboss.rules.book.needs import rules_that_need
from tests.rules.book.conftest import formula, reward, sentences


def test_all_rules_are_stopped_at_once_and_started_again(ann, publish, events) -> None:
    publish(reward())

    stopped = ann.post("/book/stop", reason="a bonus is paid twice").json
    again = ann.post("/book/stop", reason="again")
    started = ann.post("/book/start", reason="it is mended").json

    assert (stopped["is_stopped"], stopped["stopped_by"]) == (True, "operator:ann@acme.test")
    assert stopped["rules"] == {"idle": 0, "live": 1, "paused": 0, "retired": 0}
    assert again.status_code == 409
    assert (started["is_stopped"], started["reason"]) == (False, None)
    assert [event.name for event in events() if "book" in event.name] == [
        "rules.book_stopped",
        "rules.book_started",
    ]


def test_stopping_needs_its_permission_and_a_reason(ann, desk_of) -> None:
    assert desk_of("dan", "rules.publish").post("/book/stop", reason="why not").status_code == 403
    assert ann.post("/book/stop", reason=" ").status_code == 422


def test_the_book_grows_when_what_is_live_changes_and_only_then(ann, publish) -> None:
    publish(reward())
    revisions = [ann.get("/book").json["revision"]]
    ann.save(reward(priority=5))
    ann.post("/cashback/comments", comment="hm")
    assert ann.get("/book").json["revision"] == revisions[0]

    for step in ("pause", "resume", "retire"):
        ann.step("cashback", step)
        revisions.append(ann.get("/book").json["revision"])

    assert revisions == sorted(set(revisions))


def test_a_plugin_stays_while_live_rules_need_it(ann, publish, desk_of) -> None:
    publish(
        formula(), reward(on=["casino.round_played"], then=[{"action": "casino.say", "text": "hi"}], tests=[])
    )
    root = desk_of("root", "core.plugins").client

    answer = root.post("/api/v1/plugins/casino/disable", json={})
    for key in ("cashback", "share"):
        ann.step(key, "retire")
    after = root.post("/api/v1/plugins/casino/disable", json={})

    assert (answer.status_code, after.status_code) == (403, 200)
    assert "live rules need it: cashback (it listens to the event casino.round_played)" in sentences(answer)
    assert "share (formula, column 1: unknown variable 'net_loss'" in sentences(answer)


def test_a_plugin_that_no_rule_needs_may_go(publish, kernel, tenant) -> None:
    publish(reward())
    with kernel.context(tenant.id) as ctx:
        assert rules_that_need(ctx, "regulator") == []
        assert [need.key for need in rules_that_need(ctx, "casino")] == ["cashback"]


def test_a_rule_whose_words_are_gone_is_not_resumed(ann, publish, desk_of, disable) -> None:
    publish(reward())
    ann.step("cashback", "pause")
    disable("casino")

    answer = ann.step("cashback", "resume")

    assert answer.status_code == 422
    assert "version 1 of rule 'cashback' cannot be live: on[0]" in answer.json["detail"]
