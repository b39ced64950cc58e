"""The forms of the rulebook's pages do what the API does, say so, and lose nothing that was typed."""

from __future__ import annotations

import io
import json
import re

import pytest

from pitboss.core import audit, facts
from pitboss.core.errors import Refused
from pitboss.rules.book import drafts, store
from pitboss.rules.segments import frozen
from tests.rules import casino

ADMIN = "/admin/rules"


@pytest.fixture
def take(otto):
    """Take a step as Otto, with the form as the page shows it: `take("cashback", "pause", text="...")`."""

    def post(key: str, step: str, client=otto, **form: str):
        form.setdefault("mark", mark_of(client.get(f"{ADMIN}/rule/{key}").text))
        return client.post(f"{ADMIN}/rule/{key}/{step}", data=form)

    return post


@pytest.fixture
def stored(kernel, tenant):
    """Read a rule as it stands."""

    def read(key: str):
        with kernel.context(tenant.id) as ctx:
            return store.find(ctx, key)

    return read


def mark_of(page: str) -> str:
    """Return what the forms of a page keep of its rule."""
    return re.search(r'name="mark" value="([^"]+)"', page)[1]


# -- the life of a rule ----------------------------------------------------------------------------


def test_a_rule_goes_from_a_draft_to_live_and_back(shown, take, stored, olga, otto):
    assert take("spare", "test", client=olga).status_code == 303
    assert stored("spare").stage == "tested"
    for client, step, state in (
        (olga, "submit", "idle"), (otto, "approve", "idle"), (otto, "publish", "live"),
        (otto, "pause", "paused"), (otto, "resume", "live"), (otto, "retire", "retired"),
    ):  # fmt: skip
        answer = take("spare", step, client=client, text="As agreed")
        assert (answer.status_code, stored("spare").state) == (303, state), step

    back = take("spare", "rollback", version="1", text="It was right")
    assert back.status_code == 303
    assert (stored("spare").state, stored("spare").live) == ("live", 2)
    assert "Version 1 is live again, as version 2" in otto.get(back.location).text
    assert "As agreed" in otto.get(f"{ADMIN}/rule/spare").text


def test_an_author_is_not_offered_to_approve_and_refused_all_the_same(shown, take, olga, stored):
    page = olga.get(f"{ADMIN}/rule/cashback").text
    assert f"{ADMIN}/rule/cashback/approve" not in page
    assert "somebody else has to approve it" in page

    refused = take("cashback", "approve", client=olga)
    assert refused.status_code == 403
    assert "You wrote version 2 of rule" in refused.text
    assert stored("cashback").stage == "submitted"


def test_what_is_sent_back_needs_a_reason_and_keeps_what_was_typed(shown, take, stored):
    empty = take("cashback", "reject", text=" ")
    assert empty.status_code == 422
    assert "data-open-now" in empty.text
    assert "say why" in empty.text.lower()

    assert take("cashback", "reject", text="Too dear").status_code == 303
    assert stored("cashback").stage == "draft"


def test_a_stale_form_is_told_who_changed_the_rule_and_does_nothing(shown, take, otto, olga, stored):
    mark = mark_of(otto.get(f"{ADMIN}/rule/cashback").text)
    take("cashback", "schedule", client=olga, **{"from": "2026-12-01T09:00"})

    late = take("cashback", "pause", mark=mark, text="Not now")
    assert late.status_code == 412
    assert "was changed by olga@acme.test meanwhile" in late.text
    assert ">Not now</textarea>" in late.text
    assert stored("cashback").state == "live"
    for wrong in ("", "x", "1.1.1", "-1"):
        assert take("cashback", "pause", mark=wrong).status_code == 412


def test_a_schedule_is_a_new_version_on_the_clock_of_the_brand(
    shown, take, olga, otto, stored, kernel, tenant
):
    form = {"from": "2026-07-01T09:00", "until": "2026-07-02T09:00"}
    assert take("cashback", "schedule", client=olga, **form).status_code == 303
    with kernel.context(tenant.id) as ctx:
        said = store.version(ctx, "cashback", stored("cashback").head).document["effective"]
    assert said == {"from": "2026-07-01T09:00:00+01:00", "until": "2026-07-02T09:00:00+01:00"}
    assert 'value="2026-07-01T09:00:00"' in otto.get(f"{ADMIN}/rule/cashback").text

    for wrong in ({"from": "soon"}, {"from": "2026-07-02T09:00", "until": "2026-07-01T09:00"}):
        assert take("cashback", "schedule", client=olga, **wrong).status_code == 422
    assert take("cashback", "schedule", client=olga, **{"from": "", "until": ""}).status_code == 303
    with kernel.context(tenant.id) as ctx:
        assert "effective" not in store.version(ctx, "cashback", stored("cashback").head).document


def test_what_waits_for_its_time_says_so(shown, take, olga, otto):
    take("spare", "schedule", client=olga, **{"from": "2999-07-01T09:00"})
    for client, step in ((olga, "submit"), (otto, "approve"), (otto, "publish")):
        take("spare", step, client=client)

    assert "It waits for its time" in otto.get(f"{ADMIN}/rule/spare").text


def test_only_what_was_live_comes_back(shown, take, stored):
    for version, status in (("", 422), ("x", 422), ("99", 404), ("2", 409), ("1", 409), ("9" * 11, 422)):
        assert take("cashback", "rollback", version=version, text="Back").status_code == status, version
    assert stored("cashback").live == 1


def test_tests_that_fail_are_told_and_keep_a_rule_from_being_submitted(shown, take, olga, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        document = store.version(ctx, "spare", 1).document
        wrong = [{"name": "a loss", "facts": {"net_loss": 620}, "expect": {"amount": 61}}]
        drafts.save(ctx, "spare", {**document, "tests": wrong})
    page = olga.get(take("spare", "test", client=olga).location).text
    assert "1 of 1 tests fail" in page
    assert "a loss" in page

    refused = take("spare", "submit", client=olga, text="Please look")
    assert refused.status_code == 409
    assert ">Please look</textarea>" in refused.text


def test_a_draft_is_deleted_and_what_was_live_is_not(shown, take, olga, otto, stored):
    assert take("spare", "delete", client=olga).location.endswith("/admin/rules/")
    assert otto.get(f"{ADMIN}/rule/spare").status_code == 404
    assert f"{ADMIN}/rule/cashback/delete" not in otto.get(f"{ADMIN}/rule/cashback").text
    assert take("cashback", "delete", client=olga).status_code == 409
    assert take("cashback", "explode").status_code == 404


def test_a_formula_that_live_rules_call_is_not_retired(shown, take, stored):
    assert "live rules call it: consolation" in take("share", "retire").text
    assert stored("share").state == "live"


def test_comments_are_kept_and_an_empty_one_is_refused(shown, otto, seat):
    assert otto.post(f"{ADMIN}/rule/cashback/comments", data={"text": ""}).status_code == 422
    assert otto.post(f"{ADMIN}/rule/cashback/comments", data={"text": "x" * 4_001}).status_code == 422
    assert otto.post(f"{ADMIN}/rule/cashback/comments", data={"text": "Why 15?"}).status_code == 303
    assert "“Why 15?”" in seat("rita", "rules.read").get(f"{ADMIN}/rule/cashback").text


# -- the whole book --------------------------------------------------------------------------------


def test_all_rules_are_stopped_with_a_reason_and_every_page_says_so(shown, otto, seat, kernel, tenant):
    assert "say why" in otto.post(f"{ADMIN}/stop", data={"reason": ""}, follow_redirects=True).text
    otto.post(f"{ADMIN}/stop", data={"reason": "Paid twice"})
    for path in ("", "rule/cashback", "segments", "packs"):
        page = otto.get(f"{ADMIN}/{path}").text
        assert "All rules are stopped." in page, path
        assert "Paid twice" in page
    dashboard = otto.get("/admin/").text
    assert "until somebody starts them again: Paid twice" in dashboard
    assert "1 rule waits for approval" in dashboard
    assert "Start again" not in seat("rita", "rules.read").get(f"{ADMIN}/").text
    assert "stopped already" in otto.post(f"{ADMIN}/stop", data={"reason": "x"}, follow_redirects=True).text

    otto.post(f"{ADMIN}/start", data={"reason": "Mended"})
    assert "All rules are stopped." not in otto.get(f"{ADMIN}/").text
    with kernel.context(tenant.id) as ctx:
        assert audit.search(ctx, limit=1).entries[0]["reason"] == "Mended"


def test_limits_go_on_while_all_rules_are_stopped(shown, otto, kernel, tenant):
    otto.post(f"{ADMIN}/stop", data={"reason": "Paid twice"})
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, shown.ben, casino.CasinoFacts, is_barred=True)
        with pytest.raises(Refused, match="You are barred"):
            ctx.guard("casino.play", {"player_id": shown.ben})


def test_many_rules_are_changed_after_the_effect_is_named(shown, otto, stored):
    page = otto.post(
        f"{ADMIN}/bulk", data={"do": "pause", "key": ["cashback", "share", "spare", "gone"]}
    ).text
    assert "Pause 3 rules?" in page
    assert "does nothing from now on" in page
    assert stored("cashback").state == "live"
    chosen = re.findall(r'name="rule" value="([^"]+)"', page)

    done = otto.post(
        f"{ADMIN}/bulk/apply", data={"do": "pause", "rule": chosen, "reason": "Over"}, follow_redirects=True
    ).text
    assert "1 paused: cashback" in done
    assert "live rules call it" in done
    assert "only a live rule can be paused" in done
    assert [stored(key).state for key in ("cashback", "share", "spare")] == ["paused", "live", "idle"]


def test_a_rule_that_changed_since_the_list_is_left_alone(shown, otto, take, stored):
    page = otto.post(f"{ADMIN}/bulk", data={"do": "retire", "key": ["cashback"]}).text
    chosen = re.findall(r'name="rule" value="([^"]+)"', page)
    take("cashback", "reject", text="No")

    done = otto.post(f"{ADMIN}/bulk/apply", data={"do": "retire", "rule": chosen}, follow_redirects=True)
    assert "was changed by" in done.text
    assert stored("cashback").state == "live"


def test_an_empty_or_unknown_choice_of_many_does_nothing(shown, otto, seat):
    for form in ({"do": "pause"}, {"do": "explode", "key": "cashback"}):
        assert "hoose" in otto.post(f"{ADMIN}/bulk", data=form, follow_redirects=True).text
    assert otto.post(f"{ADMIN}/bulk/apply", data={"do": "explode"}).status_code == 303
    pause = {"do": "pause", "key": "cashback"}
    assert seat("rita", "rules.read").post(f"{ADMIN}/bulk", data=pause).status_code == 403


# -- files and packs -------------------------------------------------------------------------------


def test_what_is_exported_is_imported_again_as_it_is(shown, otto, other_tenant, seat, monkeypatch):
    answer = otto.get(f"{ADMIN}/export?kind=reward&text=cash")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [rule["key"] for rule in json.loads(answer.data)["rules"]] == ["cashback"]
    chosen = otto.post(f"{ADMIN}/bulk", data={"do": "export", "key": ["share", "losers"]})
    assert [rule["key"] for rule in json.loads(chosen.data)["rules"]] == ["losers", "share"]
    assert "one rule" in otto.get(f"{ADMIN}/export?text=nothing-like-it", follow_redirects=True).text

    monkeypatch.setattr("pitboss.rules.book.packs.RULES_MAX", 1)
    assert "narrow the filter" in otto.get(f"{ADMIN}/export?kind=reward", follow_redirects=True).text
    monkeypatch.undo()

    there = seat("olga", "*", of=other_tenant)
    file = {"file": (io.BytesIO(chosen.data), "rules.json"), "do": "check"}
    seen = there.post(f"{ADMIN}/import", data=file, content_type="multipart/form-data").text
    assert "losers, share" in seen
    assert "Store 2 as drafts" in seen
    assert there.get(f"{ADMIN}/rule/share").status_code == 404
    done = there.post(
        f"{ADMIN}/import", data={"pack": chosen.text, "do": "import"}, follow_redirects=True
    ).text
    assert "2 rules stored as drafts" in done
    again = there.post(
        f"{ADMIN}/import", data={"pack": chosen.text, "do": "import"}, follow_redirects=True
    ).text
    assert "Nothing was stored" in again


def test_a_wrong_file_is_refused_with_its_reasons_and_kept_in_the_form(tenant, otto):
    for text in ("", "{", "[1]", '{"kind": "reward", "key": "x"}', '{"pack": "x", "rules": []}'):
        answer = otto.post(f"{ADMIN}/import", data={"pack": text, "do": "import"})
        assert answer.status_code == 422, text
        assert 'role="alert"' in answer.text


def test_a_file_that_is_no_text_is_refused(tenant, otto):
    file = {"file": (io.BytesIO(b"\xff\xfe\x00"), "rules.json"), "do": "check"}
    answer = otto.post(f"{ADMIN}/import", data=file, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "UTF-8" in answer.text
    assert "See what it comes to" in answer.text


def test_a_pack_says_what_is_missing_and_takes_what_fits(tenant, otto):
    rewards = otto.get(f"{ADMIN}/packs/rules.rewards").text
    assert "Does not fit" in rewards
    refused = otto.post(f"{ADMIN}/packs/rules.rewards", follow_redirects=True).text
    assert "No rule of this pack is left that fits" in refused


# -- segments and simulations ----------------------------------------------------------------------


def test_a_segment_is_frozen_with_what_it_is_for(shown, otto, kernel, tenant):
    assert "characters" in otto.post(f"{ADMIN}/segments/losers/freeze", follow_redirects=True).text
    done = otto.post(f"{ADMIN}/segments/losers/freeze", data={"reason": "Spring"}, follow_redirects=True).text
    assert "Frozen: 1 player is kept" in done
    with kernel.context(tenant.id) as ctx:
        assert frozen.list_frozen(ctx, segment="losers")[0].reason == "Spring"
    assert otto.post(f"{ADMIN}/segments/none/freeze", data={"reason": "x"}).status_code == 404


def test_a_segment_is_brought_up_to_date_in_the_background(shown, otto, worker, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, shown.ben, casino.CasinoFacts, net_loss=9_000)
    assert otto.post(f"{ADMIN}/segments/losers/refresh").status_code == 303
    worker()

    assert "2 players" in otto.get(f"{ADMIN}/segments/losers").text


def test_a_simulation_is_asked_for_watched_and_read(shown, otto, worker):
    form = {"rule": "consolation", "since": "2020-01-01", "until": "2020-02-01", "against": "live"}
    asked = otto.post(f"{ADMIN}/simulations", data=form)
    assert "It waits for a worker" in otto.get(asked.location).text
    worker()
    assert "Would have cost" in otto.get(asked.location).text
    assert "there is nothing to stop" in otto.post(f"{asked.location}/stop", follow_redirects=True).text


def test_a_simulation_that_runs_is_stopped(shown, otto):
    page = otto.post(f"{ADMIN}/simulations/{shown.running}/stop", follow_redirects=True).text
    assert "stopped by" in page


def test_a_simulation_that_cannot_be_done_is_refused_on_its_form(shown, otto):
    form = {"rule": "cashback", "since": "2026-01-01", "until": "2026-01-31", "against": "live"}
    wrongs = [{"rule": "none"}, {"rule": "share"}, {"since": "x"}, {"until": ""}, {"version": "x"}]
    wrongs += [{"version": "77"}, {"against": "old"}, {"since": "1901-01-01"}]
    for wrong in (*wrongs, {"since": "2026-12-02", "until": "2026-12-01"}):
        answer = otto.post(f"{ADMIN}/simulations", data={**form, **wrong})
        assert answer.status_code == 422, wrong
        assert "Nothing was started" in answer.text
