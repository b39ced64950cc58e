"""Live rules as a service: facts in, matches out; and done, once, where that is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from pitboss.core.clock import uuid7
from pitboss.rules.runtime.tables import JudgementRow
from tests.rules.runtime.conftest import reward

URL = "/api/v1/rules/evaluate"
EVENT = "casino.round_played"


def ask(caller, **body):
    answer = caller.post(URL, json={"event": EVENT, **body})
    assert answer.status_code == 200, answer.json
    (result,) = answer.json["results"]
    return result


def test_facts_are_judged_and_nothing_is_done(caller, live, seen):
    live(reward())
    found = ask(caller, facts={"net_loss": 62.57})
    assert found == {
        "matches": [{"rule": "cashback", "version": 1, "kind": "reward", "amount": "6.26", "unit": "EUR"}]
    }
    assert (seen.payouts(), seen.decisions()) == ([], [])


def test_what_is_not_said_is_as_the_player_has_it(caller, live, player, lose):
    live(reward(when={"net_loss_min": 10, "rounds_7d": 1}))
    who = player()
    lose(who, 5_000)
    assert ask(caller, facts={}, player_id=str(who))["matches"][0]["amount"] == "5.00"
    assert ask(caller, facts={"net_loss": 20}, player_id=str(who))["matches"][0]["amount"] == "2.00"
    assert ask(caller, facts={"net_loss": 20})["matches"] == []


def test_null_says_that_a_fact_is_not_known(caller, live, player, lose):
    live(reward(when="not known(country) or country == 'GB'"))
    assert len(ask(caller, facts={"net_loss": 20, "country": None})["matches"]) == 1
    assert ask(caller, facts={"net_loss": 20, "country": "DE"})["matches"] == []


def test_each_fact_that_does_not_fit_is_told_with_its_cure(caller, live):
    live(reward())
    facts = {"net_los": 20, "casino.net_loss": "much", "is_barred": 1, "game": "chess", "country": "GB"}
    answer = caller.post(URL, json={"event": EVENT, "facts": facts})
    assert answer.status_code == 422
    told = {error["pointer"].rpartition("/")[2]: error["detail"] for error in answer.json["errors"]}
    assert set(told) == {"net_los", "casino.net_loss", "is_barred", "game"}
    assert "net_loss" in told["net_los"]
    assert "a number" in told["casino.net_loss"]


def test_many_are_judged_in_their_order(caller, live):
    live(reward())
    items = [{"event": EVENT, "facts": {"net_loss": n}, "id": f"q{n}"} for n in (5, 50, 500)]
    found = caller.post(URL, json={"items": items}).json["results"]
    assert [one["id"] for one in found] == ["q5", "q50", "q500"]
    assert [[m["amount"] for m in one["matches"]] for one in found] == [[], ["5.00"], ["50.00"]]


def test_five_hundred_are_judged_and_not_one_more(caller, live):
    live(reward())
    item = {"event": EVENT, "facts": {"net_loss": 50}}
    assert len(caller.post(URL, json={"items": [item] * 500}).json["results"]) == 500
    assert caller.post(URL, json={"items": [item] * 501}).status_code == 422


def test_a_wrong_item_is_told_by_its_place(caller, live):
    live(reward())
    items = [{"event": EVENT, "facts": {"net_loss": n}} for n in (1, "x", 3)]
    answer = caller.post(URL, json={"items": items})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].endswith("/items/1/facts/net_loss")


def test_rules_are_asked_by_name_whatever_their_kind(caller, live):
    live(
        reward(),
        {"kind": "segment", "key": "vip", "when": {"net_loss_min": 1_000}},
        {"kind": "formula", "key": "tenth", "formula": "net_loss / 10"},
    )
    found = ask(caller, event=None, rules=["vip", "tenth"], facts={"net_loss": 2_000})
    assert [(m["rule"], m["kind"], m.get("value")) for m in found["matches"]] == [
        ("vip", "segment", None),
        ("tenth", "formula", 200.0),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event": None, "facts": {}}, "event"),
        ({"event": "casino.rund_played", "facts": {}}, "event"),
        ({"rules": ["cashbak"], "facts": {}}, "rules"),
        ({"items": [{"event": EVENT, "id": "a"}, {"event": EVENT, "id": "a"}], "event": None}, "items"),
        ({"items": [{"event": EVENT}], "facts": {"net_loss": 1}}, "items"),
        ({"facts": {}, "dry_run": False}, "player_id"),
    ],
)
def test_what_cannot_be_asked_is_refused(body, field, caller, live):
    live(reward())
    answer = caller.post(URL, json={"event": EVENT, **body})
    assert answer.status_code == 422
    assert f"/{field}" in answer.json["errors"][0]["pointer"]


def test_a_rule_without_a_value_is_an_error_and_the_others_go_on(caller, live):
    live(reward(), reward("ratio", then=[{"action": "casino.pay", "formula": "net_loss / (stake - 5)"}]))
    found = ask(caller, facts={"net_loss": 50, "stake": 5})
    assert [m["rule"] for m in found["matches"]] == ["cashback"]
    assert [(e["rule"], e["kind"]) for e in found["errors"]] == [("ratio", "division_by_zero")]


def test_explain_adds_the_trace_of_each_rule(caller, live):
    live(reward(), reward("big", when={"net_loss_min": 500}))
    found = ask(caller, facts={"net_loss": 50}, explain=True)
    assert found["matches"][0]["trace"]["sentence"].startswith("cashback matched")
    assert found["others"][0]["key"] == "big"


def test_of_an_exclusive_group_one_is_taken(caller, live):
    group = {"exclusive": {"group": "g", "pick": "best"}}
    live(reward(**group), reward("less", then=[{"action": "casino.pay", "amount": 1}], **group))
    found = {m["rule"]: m.get("outcome") for m in ask(caller, facts={"net_loss": 50})["matches"]}
    assert found == {"cashback": None, "less": "excluded"}


# -- done ------------------------------------------------------------------------------------------


def test_what_is_done_is_done_once_for_each_id(kernel, tenant, caller, live, player, seen):
    live(reward())
    body = {
        "facts": {"net_loss": 50, "game": "slots"},
        "player_id": str(player()),
        "dry_run": False,
        "id": "r1",
    }
    first, second = ask(caller, **body), ask(caller, **body)
    assert (first["matches"], first["event_id"]) == (second["matches"], second["event_id"])
    assert (first["matches"][0]["outcome"], first["matches"][0]["amount"]) == ("done", "5.00")
    assert (first.get("is_duplicate", False), second["is_duplicate"]) == (False, True)
    assert (seen.payouts(), seen.decisions()) == ([("pay x0", 500)], [("cashback", "done", 500)])
    with kernel.context(tenant.id) as ctx:
        (row,) = ctx.session.scalars(select(JudgementRow)).all()
    assert (row.facts["casino.net_loss"], row.facts["event.game"]) == (50.0, "slots")


def test_limits_hold_for_what_comes_from_outside(caller, live, player, seen):
    live(reward(limits={"per_player": {"count": 1, "period": "day"}}))
    body = {"facts": {"net_loss": 50}, "player_id": str(player()), "dry_run": False}
    outcomes = [ask(caller, id=id_, **body)["matches"][0]["outcome"] for id_ in ("a", "b")]
    assert outcomes == ["done", "capped"]
    assert len(seen.payouts()) == 1


def test_a_request_that_is_sent_twice_is_done_once(caller, live, player, seen):
    live(reward())
    body = {"event": EVENT, "facts": {"net_loss": 50}, "player_id": str(player()), "dry_run": False}
    same = {"Idempotency-Key": "sent-twice"}
    first, second = (caller.post(URL, json=body, headers=same) for _ in range(2))
    assert first.json == second.json
    assert caller.post(URL, json=body).status_code == 200
    assert len(seen.payouts()) == 2, "another key is another request"


def test_nothing_is_done_when_one_item_does_not_fit(kernel, tenant, caller, live, player, seen):
    live(reward())
    fine = {"event": EVENT, "facts": {"net_loss": 50}, "player_id": str(player())}
    items = [fine, {**fine, "facts": {"nonsense": 1}}]
    assert caller.post(URL, json={"items": items, "dry_run": False}).status_code == 422
    assert seen.payouts() == []
    with kernel.context(tenant.id) as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(JudgementRow)) == 0


def test_a_player_that_is_not_there_is_not_found(caller, live):
    live(reward())
    body = {"event": EVENT, "facts": {"net_loss": 50}, "player_id": str(uuid7()), "dry_run": False}
    assert caller.post(URL, json=body).status_code == 404


def test_rules_and_players_of_another_tenant_are_out_of_reach(make_client, other_tenant, live, player, lose):
    live(reward())
    who = player()
    lose(who, 5_000)
    stranger = make_client("api_key", "rules.evaluate", of=other_tenant)
    assert ask(stranger, facts={}, player_id=str(who))["matches"] == []
    body = {"event": EVENT, "facts": {"net_loss": 50}, "player_id": str(who), "dry_run": False}
    assert stranger.post(URL, json=body).status_code == 404


def test_who_may_not_evaluate_is_refused(make_client):
    reader = make_client("operator", "rules.read")
    assert reader.post(URL, json={"event": EVENT, "facts": {}}).status_code == 403
