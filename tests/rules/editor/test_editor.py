"""The rule editor over HTTP: what it is told while somebody types, and that no save loses anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.identity import register_player
from pitboss.core.registry import Candidate, installed
from pitboss.rules.admin import sampling, trying
from tests.rules import casino
from tests.rules.book.conftest import reward
from tests.rules.editor import lounge
from tests.rules.runtime.conftest import live

__all__ = ["live"]
ROOT = "/admin/rules"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE, lounge.CANDIDATE]


@pytest.fixture
def tenant(make_tenant) -> Any:
    return make_tenant("casino", "lounge")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    return make_tenant("casino", "lounge")


@pytest.fixture
def staff(make_client) -> Any:
    return make_client("operator", "*")


@pytest.fixture
def ask(staff) -> Callable[..., Any]:
    """Ask about a document, or about a text: `ask(reward(), player="ann")`."""

    def check(document: Any, **more: str) -> Any:
        text = document if isinstance(document, str) else json.dumps(document)
        answer = staff.post(f"{ROOT}/check", json={"text": text, **more})
        assert answer.status_code == 200, answer.text
        return answer.json

    return check


@pytest.fixture
def people(kernel, tenant) -> dict[str, Any]:
    """Three players, of whom one lost much and one a little."""
    found = {}
    for name, lost in (("ann", 62_000), ("ben", 5_000), ("cleo", 0)):
        with kernel.context(tenant.id) as ctx:
            found[name] = register_player(ctx, email=f"{name}@desk.test", password=None).id
            if lost:
                casino.lose(ctx, found[name], lost)
    return found


def pointers(answer: Any) -> dict[str, str]:
    return {error["pointer"]: error["cause"] for error in answer["errors"]}


def save(staff: Any, key: str, document: Any, *, mark: str, base: int = 1, **more: Any) -> Any:
    form = {"document": json.dumps(document), "mark": mark, "base": str(base), "do": "save", **more}
    return staff.post(f"{ROOT}/{key}/edit", data=form, headers=more.pop("headers", None))


def mark_of(staff: Any, key: str) -> str:
    page = staff.get(f"{ROOT}/{key}/edit").text
    return str(page.partition('name="mark" value="')[2].partition('"')[0])


# -- pages -----------------------------------------------------------------------------------------


def test_a_page_works_without_scripts_as_a_text_area(staff) -> None:
    page = staff.get(f"{ROOT}/new?kind=segment")

    assert page.status_code == 200
    assert '<textarea class="form-control font-monospace" id="f-document" name="document"' in page.text
    assert "&#34;kind&#34;: &#34;segment&#34;" in page.text


def test_the_scripts_of_the_editor_are_served_with_the_version_of_their_plugin(staff) -> None:
    page = staff.get(f"{ROOT}/new").text
    address = page.partition('<script src="/admin/rules/static/')[2].partition('"')[0]

    assert address.startswith("editor.js?v=")
    with staff.get(f"/admin/rules/static/{address}") as script:
        assert script.mimetype == "text/javascript"


def test_who_may_not_write_rules_gets_no_editor(make_client) -> None:
    reader = make_client("operator", "rules.read")

    assert reader.get(f"{ROOT}/new").status_code == 403
    assert reader.post(f"{ROOT}/new", data={"document": "{}"}).status_code == 403
    assert (
        make_client("operator", "core.players").post(f"{ROOT}/check", json={"text": "{}"}).status_code == 403
    )


def test_a_rule_of_another_tenant_is_not_there(staff, make_client, other_tenant) -> None:
    staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())})
    stranger = make_client("operator", "*", of=other_tenant)

    assert staff.get(f"{ROOT}/cashback/edit").status_code == 200
    assert stranger.get(f"{ROOT}/cashback/edit").status_code == 404
    assert stranger.post(f"{ROOT}/cashback/edit", data={"document": "{}"}).status_code == 404


# -- what is told while somebody types -----------------------------------------------------------------


def test_a_condition_is_told_in_the_forms_that_it_is_not_written_in(ask) -> None:
    found = ask(reward(when={"net_loss_min": 100, "any": [{"tier": "GOLD"}, "stake > 5"]}))

    assert found["is_right"]
    assert found["expression"] == "net_loss >= 100 and (tier == 'GOLD' or stake > 5)"
    assert ask(reward(when=found["expression"]))["form"] == {
        "net_loss_min": 100,
        "any": [{"tier": "GOLD"}, {"stake": {"above": 5}}],
    }


def test_a_condition_is_read_before_the_rest_of_the_rule_is_written(ask) -> None:
    found = ask({"kind": "reward", "key": "", "on": ["casino.round_played"], "when": {"stake_min": 5}})

    assert found["expression"] == "stake >= 5"
    assert {"#/key", "#"} <= set(pointers(found))


def test_each_row_is_told_what_is_wrong_with_it(ask) -> None:
    wrong = {"tier": "GOLDEN", "any": [{"net_los": 1}, {"is_barred": "yes"}], "net_loss": None}
    found = pointers(ask(reward(when=wrong, then=[{"action": "casino.pay", "formula": "net_loss *"}])))

    assert found["#/when/tier"].endswith("did you mean GOLD?")
    assert "unknown" in found["#/when/any/0/net_los"]
    assert {"#/when/any/1/is_barred", "#/when/net_loss", "#/then/0/formula"} <= found.keys()


def test_every_part_of_an_envelope_is_told_not_the_first_alone(ask) -> None:
    document = {"kind": "reward", "key": "Not a key", "then": [], "priority": "high", "wat": 1}

    assert {"#/key", "#/then", "#/priority"} <= pointers(ask(document)).keys()


def test_any_text_gets_an_answer(ask) -> None:
    for text in ("", "{", "[]", "5", "null", '{"kind": "reward", "kind": "alert"}', "[" * 5_000):
        found = ask(text)
        assert (found["is_right"], bool(found["errors"])) == (False, True), text[:20]


def test_any_part_may_be_anything(ask) -> None:
    parts = ("on", "when", "then", "table", "tests", "limits", "effective", "kind", "key")
    junk = (None, 5, "text", [], {}, [[]], {"rows": 1}, {"all": [{"any": []}]})

    assert all("errors" in ask(reward(**{part: value})) for part in parts for value in junk)


def test_a_text_that_is_too_long_is_refused(staff) -> None:
    assert staff.post(f"{ROOT}/check", json={"text": " " * 262_145}).status_code == 422
    assert staff.post(f"{ROOT}/check", json={}).status_code == 422


def test_words_are_told_once_for_the_same_events(ask) -> None:
    words = ask(reward())["words"]

    assert {"short": "stake", "type": "money"}.items() <= _named(words["facts"], "event.stake").items()
    assert _named(words["facts"], "lounge.tier")["choices"] == ["BRONZE", "SILVER", "GOLD"]
    day = _named(_named(words["actions"], "lounge.invite")["parameters"], "day")
    assert (day["choices"], day["is_required"]) == (["friday", "saturday"], True)
    assert "words" not in ask(reward(), words=words["mark"])
    assert "words" in ask(reward(on=[]), words=words["mark"])


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def test_a_table_is_told_its_gaps_and_overlaps(ask) -> None:
    rows = [
        {"when": {"net_loss_min": 100}, "then": {"value": 2}},
        {"when": {"net_loss_min": 50}, "then": {"value": 1}},
    ]
    found = ask({"kind": "formula", "key": "rate", "table": {"rows": rows}})["table"]

    assert [(o["first"], o["second"]) for o in found["overlaps"]] == [(0, 1)]
    assert found["gaps"][0]["casino.net_loss"] < 50
    assert found["needs_value"]


def test_tests_run_while_one_types(ask) -> None:
    cases = [
        {"facts": {"net_loss": 620}, "expect": {"amount": 62}},
        {"facts": {"net_loss": 5}, "expect": {"match": True}},
    ]

    assert [case["passed"] for case in ask(reward(tests=cases))["cases"]] == [True, False]


# -- who, why, and what it would have done ----------------------------------------------------------------


def test_who_would_match_now_is_counted_and_some_are_named(ask, people) -> None:
    found = ask(reward(when={"net_loss_min": 100}))["matching"]

    assert (found["count"], found["looked"], found["total"]) == (1, 3, 3)
    assert [one["id"] for one in found["sample"]] == [str(people["ann"])]


def test_of_very_many_players_some_are_looked_at_and_it_is_said_how_many(ask, people, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "SAMPLED_ABOVE", 2)
    monkeypatch.setattr(sampling, "LOOKED_MAX", 2)
    monkeypatch.setattr(sampling, "STRATA", 1)

    found = ask(reward(when={"net_loss_min": 1}))["matching"]

    assert (found["count"], found["looked"], found["total"]) == (3, 2, 3)
    assert [one["id"] for one in found["sample"]] == [str(people["ann"]), str(people["ben"])]


def test_those_who_came_alone_do_not_stand_for_those_who_came_in_a_crowd() -> None:
    early, late = UUID(int=1), UUID(int=2)
    estimate = sampling.Estimate()

    estimate.add(sampling.Stratum(early, late, players=99_990), looked=100, matching=[])
    estimate.add(sampling.Stratum(late, UUID(int=3), players=10), looked=10, matching=[late] * 10)

    assert (estimate.count, estimate.looked) == (10, 110)


def test_a_test_without_a_fact_is_told_what_to_do(ask) -> None:
    found = pointers(ask(reward(when={"any": [{"": None}, {"tier": "GOLD"}]})))

    assert found == {"#/when/any/0/": "this test has no fact yet: choose one, or remove it"}


def test_facts_that_are_computed_are_judged_player_by_player(ask, people) -> None:
    found = ask(reward(when={"twice_lost_min": 200}))["matching"]

    assert (found["count"], found["looked"], found["total"]) == (1, 3, 3)


def test_a_page_of_them_stands_for_all_where_there_are_more(ask, people, monkeypatch) -> None:
    monkeypatch.setattr(trying, "COMPUTED_PLAYERS_MAX", 2)
    monkeypatch.setattr(sampling, "STRATA", 1)
    found = ask(reward(when={"twice_lost_min": 1}))["matching"]

    assert (found["count"], found["looked"], found["total"]) == (3, 2, 3)


def test_what_comes_with_an_event_is_not_counted_now(ask, people) -> None:
    assert "stake comes with the event" in ask(reward(when={"stake_min": 5}))["matching"]["missing"]


def test_a_player_is_traced_with_what_was_found_and_how_far_it_is(ask, people) -> None:
    found = ask(reward(when={"net_loss_min": 100, "tier": "GOLD"}), player="ben")["trace"]
    [lost, tier] = found["explanation"]["condition"]["items"]

    assert (lost["verdict"], lost["missed_by"], lost["readings"][0]["value"]) == ("failed", "50 EUR", 50)
    assert tier["verdict"] == "held"
    assert found["case"]["facts"] == {"net_loss": 50, "tier": "GOLD"}
    assert found["case"]["expect"] == {"match": False}


def test_a_trace_becomes_a_test_that_passes(ask, people) -> None:
    case = ask(reward(), player=str(people["ann"]))["trace"]["case"]

    assert case["expect"] == {"match": True, "amount": 62}
    assert [one["passed"] for one in ask(reward(tests=[case]))["cases"]] == [True]


def test_nobody_of_that_name_is_said(ask, people) -> None:
    assert "'zoe'" in ask(reward(), player="zoe")["trace"]["missing"]


def test_the_past_is_judged_again_by_draft_and_live_version(
    ask, people, live, kernel, tenant, worker
) -> None:
    live(reward())
    with kernel.context(tenant.id) as ctx:
        casino.lose(ctx, people["ann"], 1_000)
        casino.lose(ctx, people["ben"], 1_000)
    worker()

    found = ask(reward(when={"net_loss_min": 20}))["replay"]

    assert (found["draft"]["times"], found["live"]["times"]) == (4, 2)
    assert found["change"] == {"gained": 2, "lost": 0, "changed": 0}
    assert sum(found["draft"]["cost"]) == pytest.approx(float(found["draft"]["paid"]))
    assert len(found["days"]) == len(found["draft"]["hits"])


def test_what_one_may_not_see_is_not_told(make_client, people) -> None:
    reader = make_client("operator", "rules.read")
    found = reader.post(f"{ROOT}/check", json={"text": json.dumps(reward()), "player": "ann"}).json

    assert found["is_right"]
    assert (found["matching"], found["trace"], found["replay"]) == (None, None, None)


def test_nothing_of_a_check_is_stored(ask, staff) -> None:
    ask(reward())

    assert staff.get(f"{ROOT}/cashback/edit").status_code == 404


# -- saving ------------------------------------------------------------------------------------------


def test_a_new_rule_is_saved_as_a_draft(staff) -> None:
    answer = staff.post(
        f"{ROOT}/new", data={"document": json.dumps(reward()), "message": "First"}, headers=JSON
    )

    assert "/cashback" in answer.json["location"]
    rule = staff.get("/api/v1/rules/cashback").json
    assert (rule["head"], rule["stage"]) == (1, "draft")
    assert staff.get("/api/v1/rules/cashback/versions").json["items"][0]["message"] == "First"


def test_without_scripts_a_save_leads_to_the_rule(staff) -> None:
    assert staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())}).status_code == 303


def test_saving_and_submitting_are_one_press(staff) -> None:
    form = {"document": json.dumps(reward()), "do": "submit"}

    assert staff.post(f"{ROOT}/new", data=form).status_code == 303
    assert staff.get("/api/v1/rules/cashback").json["stage"] == "submitted"


def test_what_cannot_be_submitted_is_saved_all_the_same(staff) -> None:
    wrong = reward(tests=[{"facts": {"net_loss": 5}, "expect": {"match": True}}])

    page = staff.post(
        f"{ROOT}/new", data={"document": json.dumps(wrong), "do": "submit"}, follow_redirects=True
    )

    assert "It is not submitted yet: 1 of 1 tests" in page.text
    assert staff.get("/api/v1/rules/cashback").json["stage"] == "draft"


def test_what_is_wrong_is_not_saved_and_comes_back_as_it_was_typed(staff) -> None:
    for text in ("{", '{"kind": "reward", "key": "x"}', "[]"):
        page = staff.post(f"{ROOT}/new", data={"document": text})
        told = staff.post(f"{ROOT}/new", data={"document": text}, headers=JSON)

        assert (page.status_code, told.status_code) == (422, 422)
        assert "Nothing was saved" in page.text
        assert "Nothing was saved" in told.json["html"]
        assert text.replace('"', "&#34;") in page.text


def test_a_stale_save_shows_both_versions_and_loses_neither(staff, make_client) -> None:
    staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())})
    read = mark_of(staff, "cashback")
    assert save(staff, "cashback", reward(when={"net_loss_min": 150}), mark=read).status_code == 303

    mine = reward(when={"net_loss_min": 100}, priority=7)
    page = save(staff, "cashback", mine, mark=read)
    told = save(staff, "cashback", mine, mark=read, headers=JSON)

    assert (page.status_code, told.status_code) == (409, 409)
    for said in ("saved version 2 while you were writing", "100 EUR -&gt; 150 EUR", "priority: none -&gt; 7"):
        assert said in page.text, said
    assert "&#34;priority&#34;: 7" in page.text
    assert json.loads(told.json["theirs"])["when"] == {"net_loss_min": 150}
    both = json.loads(told.json["both"])
    assert (both["when"], both["priority"]) == ({"net_loss_min": 150}, 7)
    assert staff.get("/api/v1/rules/cashback").json["head"] == 2

    again = save(staff, "cashback", mine, mark=told.json["mark"], base=told.json["base"], headers=JSON)
    assert again.status_code == 200
    assert staff.get("/api/v1/rules/cashback").json["document"]["priority"] == 7


def test_a_stale_save_of_what_cannot_be_read_is_kept_too(staff) -> None:
    staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())})
    form = {"document": "{ half a rule", "mark": "of yesterday", "base": "1"}

    page = staff.post(f"{ROOT}/cashback/edit", data=form)

    assert page.status_code in (409, 422)
    assert "{ half a rule" in page.text


def test_a_rule_keeps_its_key(staff) -> None:
    staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())})

    page = save(staff, "cashback", reward("other"), mark=mark_of(staff, "cashback"))

    assert page.status_code == 422
    assert "a rule keeps its key" in page.text


def test_a_key_that_is_taken_is_said(staff) -> None:
    for status in (303, 422):
        assert staff.post(f"{ROOT}/new", data={"document": json.dumps(reward())}).status_code == status
