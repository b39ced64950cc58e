"""Packs go out as files and come in as drafts, all or nothing; rules move from tenant to tenant."""

from __future__ import annotations

import json

from tests.rules.book.conftest import formula, reward, sentences


def pack(*rules: object) -> dict[str, object]:
    return {"pack": "spring", "title": "Spring", "version": 1, "rules": list(rules)}


def test_what_is_live_goes_out_as_a_file_and_comes_back(ann, publish, desk_of, other_tenant) -> None:
    publish(reward(), formula())
    ann.create(reward("draft"))

    text = ann.post("/packs/export", pack="spring").json["text"]
    there = desk_of("eve", of=other_tenant).post("/packs/import", pack=text).json

    assert text.startswith('{\n  "pack": "spring",\n')
    assert [rule["key"] for rule in json.loads(text)["rules"]] == ["cashback", "share"]
    assert (there["created"], there["is_dry_run"]) == (["cashback", "share"], False)


def test_an_export_of_an_import_is_the_same_file(ann) -> None:
    ann.post("/packs/import", pack=pack(reward(), formula()))

    keys = ["share", "cashback"]
    first = ann.post("/packs/export", keys=keys).json["text"]
    again = ann.post("/packs/import", pack=first).json

    assert again["unchanged"] == ["cashback", "share"]
    assert ann.post("/packs/export", keys=keys).json["text"] == first


def test_an_import_makes_drafts_and_skips_what_is_the_same(ann, publish) -> None:
    publish(reward(), reward("same"))

    done = ann.post("/packs/import", pack=pack(reward(priority=5), reward("same"), reward("new"))).json

    assert (done["created"], done["changed"], done["unchanged"]) == (["new"], ["cashback"], ["same"])
    shown = ann.get("/cashback").json
    assert (shown["live"], shown["head"], shown["stage"]) == (1, 2, "draft")


def test_a_dry_run_stores_nothing(ann) -> None:
    done = ann.post("/packs/import", pack=pack(reward()), dry_run=True).json

    assert (done["created"], done["is_dry_run"]) == (["cashback"], True)
    assert ann.get("").json["items"] == []


def test_one_wrong_rule_keeps_all_of_a_pack_out(ann) -> None:
    wrong = reward("wrong", when={"net_los_min": 1})
    answer = ann.post("/packs/import", pack=pack(reward(), wrong, reward("odd", on=["casino.x"])))

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [
        "#/rules/wrong/when/net_los_min",
        "#/rules/odd/on/0",
    ]
    assert "wrong.when.net_los_min: unknown variable 'net_los': did you mean net_loss?" in sentences(answer)
    assert ann.get("").json["items"] == []


NO_PACKS = [
    ("{", "this is not JSON"),
    ({"pack": "x", "title": "X", "version": 1, "rules": []}, "rules"),
    ({"pack": "x", "titel": "X", "version": 1, "rules": [1]}, "unknown key 'titel': did you mean title?"),
    (pack(reward(), reward()), "the key 'cashback' stands twice"),
    (pack("text"), "[0]: a rule is an object"),
    (5, "a pack is an object, or the text of one"),
]


def test_a_file_that_is_no_pack_is_refused(ann) -> None:
    for given, cause in NO_PACKS:
        answer = ann.post("/packs/import", pack=given)
        assert answer.status_code == 422, given
        assert cause in sentences(answer), given


def test_rules_of_a_pack_may_call_its_formulas(ann) -> None:
    calling = reward(then=[{"action": "casino.pay", "formula": "share()"}])
    done = ann.post("/packs/import", pack=pack(calling, formula())).json
    assert done["created"] == ["cashback", "share"]


def test_a_circle_within_a_pack_is_refused(ann) -> None:
    answer = ann.post("/packs/import", pack=pack(formula("one", "two()"), formula("two", "one()")))
    assert [(error["pointer"], error["detail"]) for error in answer.json["errors"]] == [
        ("#/rules/one/formula", "formulas call each other in a circle: one -> two -> one"),
        ("#/rules/two/formula", "formulas call each other in a circle: two -> one -> two"),
    ]
    assert ann.get("").json["items"] == []


def test_a_pack_with_a_missing_plugin_says_which(ann, disable) -> None:
    disable("casino")

    answer = ann.post("/packs/import", pack=pack(reward()))

    assert answer.status_code == 422
    said = "no event 'casino.round_played' for this tenant: switch the plugin 'casino' on, which provides it"
    assert said in sentences(answer)
    assert ann.get("").json["items"] == []


def test_an_action_whose_plugin_is_off_may_be_drafted_but_not_packed(ann, disable) -> None:
    disable("casino")
    document = {"kind": "reward", "key": "greet", "then": [{"action": "casino.say", "text": "hello"}]}

    saved = ann.create(document)
    packed = ann.post("/packs/import", pack=pack({**document, "key": "other"}))

    assert "plugin_off" in {warning["kind"] for warning in saved.json["warnings"]}
    assert packed.status_code == 422
    assert "the plugin 'casino', which is off: switch it on" in sentences(packed)


# -- promotion -----------------------------------------------------------------------------------


def test_live_rules_are_promoted_as_drafts(ann, publish, platform_desk, tenant, other_tenant) -> None:
    publish(formula(), reward(then=[{"action": "casino.pay", "formula": "share()"}]))
    root = platform_desk(other_tenant)

    done = root.post("/packs/promote", source=tenant.code)

    assert done.json["created"] == ["cashback", "share"]
    shown = root.get("/cashback").json
    assert (shown["state"], shown["stage"]) == ("idle", "draft")
    assert root.get("/cashback/versions/1").json["message"] == f"promoted from {tenant.code}"


def test_promotion_names_every_missing_word_and_stores_nothing(
    publish, platform_desk, tenant, make_tenant
) -> None:
    publish(formula(), reward(then=[{"action": "casino.pay", "formula": "share()"}]))
    root = platform_desk(make_tenant())

    answer = root.post("/packs/promote", source=tenant.code, keys=["cashback"])

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [
        "#/missing/casino.net_loss",
        "#/missing/casino.pay",
        "#/missing/casino.round_played",
        "#/missing/share()",
    ]
    assert "switch the plugin 'casino' on, which provides it (cashback)" in sentences(answer)
    assert "the formula 'share' is not live here: promote it too (cashback)" in sentences(answer)
    assert root.get("").json["items"] == []


def test_only_the_platform_promotes(ann, publish, tenant, other_tenant, desk_of) -> None:
    publish(reward())
    answer = desk_of("eve", of=other_tenant).post("/packs/promote", source=tenant.code)
    assert answer.status_code == 403
