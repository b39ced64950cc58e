"""Rules are listed, found, read back and spoken about; nobody sees another tenant's."""

from __future__ import annotations

import pytest

from pitboss.core import audit
from pitboss.rules.book import store
from pitboss.rules.book.findings import conflicts_of
from tests.rules.book.conftest import Desk, formula, reward


@pytest.fixture
def several(ann, publish) -> Desk:
    publish(reward("a-live", tags=["vip", "spring"], name="Für Verlierer"))
    ann.create(reward("b-draft", tags=["vip_2"], description="100% back"))
    ann.create({"kind": "segment", "key": "c-vips", "when": {"net_loss_min": 5}, "tags": ["vip"]})
    ann.create(reward("d-price", on=["casino.price_moved"]))
    return ann


FOUND = [
    ({}, ["a-live", "b-draft", "c-vips", "d-price"]),
    ({"kind": "segment"}, ["c-vips"]),
    ({"state": "live"}, ["a-live"]),
    ({"stage": "draft"}, ["b-draft", "c-vips", "d-price"]),
    ({"tag": "vip"}, ["a-live", "c-vips"]),
    ({"tag": "vip", "kind": "reward"}, ["a-live"]),
    ({"event": "casino.price_moved"}, ["d-price"]),
    ({"text": "FÜR VER"}, ["a-live"]),
    ({"text": "100%"}, ["b-draft"]),
    ({"text": "%"}, ["b-draft"]),
    ({"text": "nowhere"}, []),
]


def test_rules_are_found_by_what_they_are(several) -> None:
    for query, keys in FOUND:
        assert [rule["key"] for rule in several.get("", **query).json["items"]] == keys, query


def test_rules_come_in_pages(several) -> None:
    first = several.get("", limit=3).json
    rest = several.get("", limit=3, cursor=first["next_cursor"]).json

    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [3, 1, None]


def test_versions_and_steps_come_in_pages(ann) -> None:
    ann.create(reward())
    for priority in (1, 2):
        ann.save(reward(priority=priority))

    for path, field, values in (("versions", "number", [3, 2, 1]), ("steps", "number", [3, 2, 1])):
        first = ann.get(f"/cashback/{path}", limit=2).json
        rest = ann.get(f"/cashback/{path}", limit=2, cursor=first["next_cursor"]).json
        assert [item[field] for item in (*first["items"], *rest["items"])] == values


def test_what_was_saved_already_is_no_new_version(ann) -> None:
    ann.create(reward())

    same = ann.save(reward(priority=0))

    assert (same.status_code, same.json["head"], same.json["revision"]) == (200, 1, 1)


def test_a_version_reads_back_as_it_was_written(ann) -> None:
    document = reward(limits={"per_player": {"count": 1, "period": "week"}}, name="Zurück ☘")
    ann.create(document, message="first")
    ann.save(reward())

    version = ann.get("/cashback/versions/1").json

    assert version["document"] == document
    assert (version["author"], version["message"]) == ("operator:ann@acme.test", "first")


def test_a_comment_leaves_the_rule_as_it_is(ann, bob) -> None:
    ann.create(reward())
    before = ann.etag("cashback")

    said = bob.post("/cashback/comments", comment="Is a tenth not too much?")

    assert said.json["step"] == "commented"
    assert ann.etag("cashback") == before
    assert ann.get("/cashback/steps").json["items"][0]["comment"] == "Is a tenth not too much?"


def test_who_writes_or_approves_may_comment_and_who_only_reads_may_not(ann, desk_of) -> None:
    ann.create(reward())

    said = [
        desk_of(who, "rules.read", permission).post("/cashback/comments", comment="hm").status_code
        for who, permission in (("bob", "rules.approve"), ("cid", "rules.edit"), ("dan", "core.audit"))
    ]

    assert said == [201, 201, 403]


def test_an_unknown_rule_is_said_with_the_nearest(ann) -> None:
    ann.create(reward())
    answer = ann.get("/cashbak")
    assert answer.status_code == 404
    assert "no rule 'cashbak'; did you mean 'cashback'?" in answer.json["detail"]


def test_another_tenants_rules_are_not_there(ann, publish, desk_of, other_tenant, kernel) -> None:
    publish(reward())
    stranger = desk_of("eve", of=other_tenant)

    assert stranger.get("").json["items"] == []
    for path in (
        "/cashback",
        "/cashback/versions",
        "/cashback/versions/1",
        "/cashback/steps",
        "/cashback/diff",
    ):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/book").json["rules"]["live"] == 0
    assert stranger.create(reward()).status_code == 201
    with kernel.context(other_tenant.id) as ctx:
        assert store.live_documents(ctx) == {}


def test_each_change_is_audited_with_what_it_changed(ann, publish, kernel, tenant) -> None:
    publish(reward())
    ann.step("cashback", "retire", reason="the season is over")

    with kernel.context(tenant.id) as ctx:
        entry = audit.search(ctx, audit.Filter(target="rule:cashback")).entries[0]
    assert (entry["action"], entry["actor"], entry["reason"]) == (
        "rules.retired",
        "operator:ann@acme.test",
        "the season is over",
    )
    assert (entry["old"]["state"], entry["new"]["state"]) == ("live", "retired")


def test_warnings_are_kept_with_the_version(ann, publish) -> None:
    publish(reward())
    other = reward("again", when={"net_loss_min": 100, "net_loss_max": 50}, tests=[])

    made = ann.create(other).json
    negative = ann.create(reward("minus", when="net_loss < 500", tests=[])).json
    twice = ann.create(reward("twice")).json

    assert {w["kind"] for w in made["warnings"]} == {"never_matches", "unbounded", "untested"}
    assert "can_go_negative" in {w["kind"] for w in negative["warnings"]}
    assert "duplicate" in {w["kind"] for w in twice["warnings"]}
    assert ann.get("/again").json["warnings"] == made["warnings"]


def test_rules_of_different_events_are_compared(ann, publish) -> None:
    publish(
        reward("odds", on=["casino.price_moved"], when="event.odds > 2", tests=[]),
        reward("first", when={"net_loss_min": 10}, stop=True, priority=9, tests=[]),
    )

    made = ann.create(reward("second", when={"net_loss_min": 20, "event.stake": {"min": 5}}, tests=[])).json

    assert [(w["kind"], w["rules"]) for w in made["warnings"] if w["kind"] == "shadowed"] == [
        ("shadowed", ["second", "first"])
    ]


def test_rules_of_one_segment_are_compared_though_an_event_has_a_field_of_that_name(ann, publish) -> None:
    publish(reward("first", when={"segment": "LOSING"}))
    made = ann.create(reward("second", when={"segment": "LOSING"})).json

    assert [w["rules"] for w in made["warnings"] if w["kind"] == "duplicate"] == [["second", "first"]]


def test_conflicts_are_told_page_by_page_the_grave_first(publish, kernel, tenant) -> None:
    publish(
        *(reward(key, when={"net_loss_min": n}, tests=[]) for n, key in enumerate(("a", "b", "c"))),
        reward("d", when={"net_loss_min": 0}, tests=[]),
    )
    with kernel.context(tenant.id) as ctx:
        whole, end = conflicts_of(ctx, 0, 50)
        pages, place = [], 0
        while place is not None:
            found, place = conflicts_of(ctx, place, 1)
            pages += found

    assert end is None
    assert pages == whole
    assert [one["kind"] for one in whole] == ["duplicate", "overlap", "overlap", "overlap"]
    assert set(whole[0]["rules"]) == {"a", "d"}


def test_a_formula_is_read_where_it_is_called(ann, publish) -> None:
    publish(formula("lost-share", "net_loss * 0.25"))
    case = {"facts": {"net_loss": 400}, "expect": {"amount": 100}}

    ann.create(reward(then=[{"action": "casino.pay", "formula": "lost_share()"}], tests=[case]))

    assert ann.step("cashback", "test").json["passed"]
