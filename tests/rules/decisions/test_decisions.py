"""Decisions over HTTP: found, and explained by the version that made them."""

from __future__ import annotations

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.identity.players import register_player
from pitboss.rules.replay import measured
from pitboss.rules.runtime.tables import JudgementRow
from tests.rules.runtime.conftest import reward

BASE = "/api/v1/rules"


def only(staff, query: str = ""):
    (found,) = staff.get(f"{BASE}/decisions{query}").json["items"]
    return found


def test_a_decision_says_what_was_paid_and_why(staff, live, player, lose):
    live(reward(name="Cashback", when={"net_loss_min": 10, "game": "slots"}))
    who = player()
    event = lose(who, 6_250)
    found = only(staff)
    assert (found["rule"], found["version"], found["outcome"]) == ("cashback", 1, "done")
    assert (found["amount"], found["unit"], found["player_id"]) == ("6.25", "EUR", str(who))
    assert found["actions"][0]["answer"] is not None
    detail = staff.get(f"{BASE}/decisions/{found['id']}").json
    assert detail["event"] == "casino.round_played"
    assert detail["event_id"] == str(event.id)
    assert detail["facts"]["casino.net_loss"] == 62.5
    assert detail["explanation"]["sentence"] == "Cashback matched and pays 6.25: net_loss * 0.1 is 6.25"
    assert {check["answer"] for check in detail["checks"]} == {"passed"}


def test_an_old_decision_is_explained_by_the_version_that_made_it(staff, live, player, lose):
    live(reward())
    lose(player(), 5_000)
    live(reward(when={"net_loss_min": 1_000}))
    detail = staff.get(f"{BASE}/decisions/{only(staff)['id']}").json
    assert detail["version"] == 1
    assert detail["explanation"]["matched"] is True
    assert "net_loss >= 10" in detail["explanation"]["condition"]["text"]


def test_the_limit_that_refused_is_named(staff, live, player, lose):
    live(
        reward(
            limits={"per_player": {"count": 1, "period": "day"}, "budget": {"amount": 99, "period": "day"}}
        )
    )
    who = player()
    lose(who, 5_000)
    lose(who, 5_000)
    detail = staff.get(f"{BASE}/decisions/{only(staff, '?outcome=capped')['id']}").json
    answers = {check["check"]: check["answer"] for check in detail["checks"]}
    assert answers == {
        "amount": "passed",
        "per_player": "refused",
        "budget": "not_asked",
        "guards": "not_asked",
    }
    assert "once a day" in next(c["reason"] for c in detail["checks"] if c["reason"])


def test_facts_that_are_forgotten_are_said_to_be(kernel, tenant, staff, live, player, lose, clock):
    live(reward())
    lose(player(), 5_000)
    clock.advance(days=401)
    with kernel.context(tenant.id) as ctx:
        from pitboss.rules.replay.tasks import prune_judgements

        assert prune_judgements(ctx, {}) == 1
    detail = staff.get(f"{BASE}/decisions/{only(staff)['id']}").json
    assert (detail["explanation"], detail["facts"]) == (None, None)
    assert "no longer kept" in detail["missing"]


def test_decisions_are_found_by_all_that_is_asked(staff, live, player, lose, clock):
    live(reward(), reward("big", when={"net_loss_min": 60}))
    one, other = player(), player()
    first = lose(one, 5_000)
    clock.advance(hours=1)
    lose(other, 9_000)

    def count(query: str) -> int:
        return len(staff.get(f"{BASE}/decisions?{query}").json["items"])

    assert (count(""), count("rule=big"), count(f"player_id={one}")) == (3, 1, 1)
    assert (count("event=casino.round_played"), count("event=casino.price_moved")) == (3, 0)
    assert (count(f"event_id={first.id}"), count("outcome=done"), count("outcome=capped")) == (1, 3, 0)
    moment = clock.now().isoformat().replace("+", "%2B")
    assert (count(f"from={moment}"), count(f"until={moment}")) == (2, 1)
    assert staff.get(f"{BASE}/decisions?outcome=maybe").status_code == 422


def test_a_page_goes_on_where_the_last_one_ended(staff, live, player, lose):
    live(reward())
    for _ in range(3):
        lose(player(), 5_000)
    first = staff.get(f"{BASE}/decisions?limit=2").json
    rest = staff.get(f"{BASE}/decisions?limit=2&cursor={first['next_cursor']}").json
    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert ids == sorted(ids, reverse=True)
    assert (len(set(ids)), rest["next_cursor"]) == (3, None)


def test_a_judgement_says_why_the_rules_of_then_did_not_match(staff, live, player, lose, clock):
    live(reward(), reward("near", when={"net_loss_min": 51}), reward("far", when={"net_loss_min": 5_000}))
    clock.advance(seconds=1)
    event = lose(player(), 5_000)
    clock.advance(seconds=1)
    live(reward("later"), reward("near", when={"net_loss_min": 1}))
    found = staff.get(f"{BASE}/judgements/{event.id}").json
    assert [one["rule"] for one in found["decisions"]] == ["cashback"]
    assert [one["key"] for one in found["others"]] == ["near", "far"]
    assert found["others"][0]["sentence"].endswith(
        "net_loss is 50 EUR, and at least 51 EUR is wanted: missed by 1 EUR"
    )
    assert staff.get(f"{BASE}/judgements/{uuid7()}").status_code == 404


def test_why_orders_the_live_rules_by_nearness(staff, live, player, lose):
    live(
        reward(),
        reward("far", when={"net_loss_min": 5_000}),
        reward("near", when={"net_loss_min": 51}),
        reward("poker", when={"game": "poker"}),
    )
    who = player()
    event = lose(who, 5_000)
    found = staff.get(f"{BASE}/players/{who}/why?event=casino.round_played").json
    assert [one["key"] for one in found["matches"]] == ["cashback"]
    assert [one["key"] for one in found["nearest"]] == ["near", "far", "poker"]
    assert found["event_id"] == str(event.id)


def test_why_without_an_event_leaves_out_what_reads_one(staff, live, player):
    live(reward(), reward("poker", when={"game": "poker"}))
    found = staff.get(f"{BASE}/players/{player()}/why").json
    assert [one["key"] for one in found["nearest"]] == ["cashback"]


@pytest.mark.parametrize("path", ["players/{}/why", "decisions/{}", "judgements/{}"])
def test_what_is_not_there_is_not_found(path, staff):
    assert staff.get(f"{BASE}/{path.format(uuid7())}").status_code == 404


def test_an_unknown_event_is_refused(staff, player):
    answer = staff.get(f"{BASE}/players/{player()}/why?event=casino.rund_played")
    assert answer.status_code == 422
    assert "casino.round_played" in answer.json["detail"]


def test_decisions_stay_in_their_tenant(make_client, other_tenant, staff, live, player, lose):
    live(reward())
    event = lose(player(), 5_000)
    found = only(staff)
    stranger = make_client("operator", "rules.read", of=other_tenant)
    assert stranger.get(f"{BASE}/decisions").json["items"] == []
    for path in (f"decisions/{found['id']}", f"judgements/{event.id}", f"players/{found['player_id']}/why"):
        assert stranger.get(f"{BASE}/{path}").status_code == 404


def test_who_may_not_read_rules_reads_no_decisions(make_client):
    nobody = make_client("operator", "core.audit")
    for path in ("decisions", f"decisions/{uuid7()}", f"judgements/{uuid7()}", "cashback/report"):
        assert nobody.get(f"{BASE}/{path}").status_code == 403
    assert make_client("player").get(f"{BASE}/decisions").status_code == 403


# -- players ---------------------------------------------------------------------------------------


def test_players_read_their_own_decisions_alone(staff, make_client, live, lose, player):
    live(reward(name="Cashback"), reward("other", name="Secret", priority=-1))
    me = make_client("player")
    lose(me.player_id, 5_000)
    lose(player(), 5_000)
    mine = me.get(f"{BASE}/me/decisions").json["items"]
    assert [(one["reward"], one["amount"], one["said"]) for one in mine][-1] == (
        "Cashback",
        "5.00",
        "you got it",
    )
    assert len(mine) == 2
    detail = me.get(f"{BASE}/me/decisions/{mine[-1]['id']}").json
    assert detail["conditions"] == [
        {"text": "net_loss >= 10", "is_met": True, "readings": {"net_loss": "50 EUR"}}
    ]
    theirs = {one["id"] for one in staff.get(f"{BASE}/decisions").json["items"]} - {m["id"] for m in mine}
    assert me.get(f"{BASE}/me/decisions/{theirs.pop()}").status_code == 404


def test_players_are_not_told_of_other_rules_nor_of_experiments(make_client, live, lose):
    group = {"exclusive": {"group": "g", "pick": "first"}}
    live(
        reward(priority=9, **group),
        reward("secret-rule", name="Also", **group),
        reward("held", holdout_percent=100),
    )
    me = make_client("player")
    lose(me.player_id, 5_000)
    answer = me.get(f"{BASE}/me/decisions")
    assert sorted(one["outcome"] for one in answer.json["items"]) == ["done", "excluded"]
    excluded = next(one for one in answer.json["items"] if one["outcome"] == "excluded")
    detail = me.get(f"{BASE}/me/decisions/{excluded['id']}")
    assert "cashback" not in detail.text
    assert detail.json["said"] == "you got another reward in its place"


def test_operators_have_no_decisions_of_their_own(staff):
    assert staff.get(f"{BASE}/me/decisions").status_code == 401


# -- what a rule came to -----------------------------------------------------------------------------


def test_a_report_counts_outcomes_and_costs(staff, live, player, lose, clock):
    live(reward(limits={"budget": {"amount": 8, "period": "day"}}))
    for _ in range(2):
        lose(player(), 5_000)
    clock.advance(days=1)
    lose(player(), 3_000)
    clock.advance(minutes=1)
    found = staff.get(f"{BASE}/cashback/report").json
    assert (found["outcomes"], found["costs"]) == ({"done": 2, "out_of_budget": 1}, {"EUR": "8.00"})
    assert [day["costs"] for day in found["days"]] == [{"EUR": "5.00"}, {"EUR": "3.00"}]
    assert [(b["spent"], b["was_used_up"]) for b in found["budgets"]] == [("3.00", False), ("5.00", True)]
    assert (found["players"], found["uplift"]) == (3, None)


def test_uplift_compares_those_who_came_back(kernel, tenant, staff, live, lose, clock):
    live(reward(holdout_percent=50, when={"net_loss_min": 40}))
    with kernel.context(tenant.id) as ctx:
        players = [register_player(ctx, email=f"p{n}@players.test", password=None).id for n in range(12)]
    for who in players:
        lose(who, 5_000)
    clock.advance(hours=1)
    held = {
        one["player_id"] for one in staff.get(f"{BASE}/decisions?outcome=held_out&limit=200").json["items"]
    }
    for who in players:
        if str(who) not in held:
            lose(who, 100)
    clock.advance(days=10)
    asked = f"{BASE}/cashback/report?hoped_event=casino.round_played&within_days=7"
    found = staff.get(asked).json["uplift"]
    assert found["treated"] == {"players": 12 - len(held), "converted": 12 - len(held), "rate": 1.0}
    assert found["held_out"]["converted"] == 0
    assert found["result"]["absolute"] == 1.0
    assert found["result"]["is_significant"] is True
    assert found["result"]["is_reliable"] is False
    grown = staff.get(f"{BASE}/cashback/report?hoped_fact=net_loss").json["uplift"]
    assert grown["treated"]["converted"] == 12 - len(held)


def test_players_whose_days_are_not_over_are_left_out(staff, live, player, lose, clock):
    live(reward(holdout_percent=50))
    lose(player(), 5_000)
    clock.advance(days=2)
    found = staff.get(f"{BASE}/cashback/report?hoped_event=casino.round_played").json["uplift"]
    assert (found["too_early"], found["result"]) == (1, None)


def test_a_report_says_when_it_does_not_look_at_all(staff, live, player, lose, clock, monkeypatch):
    live(reward())
    lose(player(), 5_000)
    lose(player(), 3_000)
    clock.advance(minutes=1)
    monkeypatch.setattr(measured, "DECISIONS_MAX", 1)
    found = staff.get(f"{BASE}/cashback/report").json
    assert (found["is_complete"], found["costs"]) == (False, {"EUR": "3.00"})


def test_a_report_asks_one_thing(staff, live):
    live(reward())
    asked = f"{BASE}/cashback/report?hoped_event=casino.round_played&hoped_fact=net_loss"
    assert staff.get(asked).status_code == 422
    assert staff.get(f"{BASE}/nothing/report").status_code == 404


def test_judgements_that_nobody_judged_by_rules_are_shown_too(kernel, tenant, staff, clock):
    event_id = uuid7()
    with kernel.context(tenant.id) as ctx:
        row = {"event": "casino.round_played", "revision": 0, "at": clock.now()}
        ctx.session.add(JudgementRow(id=event_id, facts={"casino.gone": 1}, **row))
    found = staff.get(f"{BASE}/judgements/{event_id}").json
    assert (found["decisions"], found["others"]) == ([], [])
