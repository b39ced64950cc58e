"""The pages of the rulebook: what they show, and to whom."""

from __future__ import annotations

from pitboss.core.clock import uuid7
from pitboss.rules.admin.offers import STEPS
from pitboss.rules.book import drafts, store
from pitboss.rules.book.tables import State
from tests.rules.admin import scene
from tests.rules.publishing import put_to_work

ADMIN = "/admin/rules"


def test_every_page_shows_the_scene(shown, otto):
    answers = {path: otto.get(path) for path in shown.paths()}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    cashback = answers[f"{ADMIN}/rule/cashback"].text
    for said in (
        "Version 2 waits for approval",
        "5.00 of 100 GBP",
        "1 given",
        "Net loss at least: <del>10 GBP",
    ):
        assert said in cashback, said
    assert "<dt>Fired</dt><dd>1</dd>" in answers[f"{ADMIN}/rule/big-loss"].text
    assert "<p>1 player.</p>" in answers[f"{ADMIN}/rule/losers"].text
    assert "It can match together with" in answers[f"{ADMIN}/conflicts"].text
    assert "Only in Everyone" in answers[f"{ADMIN}/segments/losers?player={shown.ann}&other=everyone"].text
    assert "1.65" in answers[f"{ADMIN}/simulations/{shown.simulation}"].text
    assert "hx-trigger" in answers[f"{ADMIN}/simulations/{shown.running}"].text


def test_rules_and_decisions_are_found_from_anywhere(shown, seat):
    reader = seat("rita", "rules.read")

    by_name = reader.get("/admin/find?q=cashback").text
    by_id = reader.get(f"/admin/find?q={shown.decision}").text

    assert f'href="{ADMIN}/rule/cashback"' in by_name
    assert f'href="{ADMIN}/decisions/{shown.decision}"' in by_id
    assert ADMIN not in seat("nora", "core.players").get("/admin/find?q=cashback").text


def test_every_page_of_an_empty_book_helps(tenant, otto):
    for path in ("", "conflicts", "decisions", "segments", "alerts", "simulations"):
        assert "empty-title" in otto.get(f"{ADMIN}/{path}").text, path


def test_pages_are_for_who_may_see_them(shown, seat):
    reader = seat("rita", "rules.read")

    rule = reader.get(f"{ADMIN}/rule/cashback").text
    for link in ("/approve", "/reject", "/pause", "/retire", "/edit", "/comments", "simulations/new"):
        assert link not in rule, link
    assert "Stop all rules" not in reader.get(f"{ADMIN}/").text
    assert "Who is in it" not in reader.get(f"{ADMIN}/segments/losers").text
    for path in (
        f"frozen/{shown.frozen}",
        "import",
        "simulations/new",
        "packs/rules.rewards/weekly-cashback",
    ):
        assert reader.get(f"{ADMIN}/{path}").status_code == 403, path
    nobody = seat("nora", "core.players")
    assert {nobody.get(path).status_code for path in shown.paths()} == {403}


def test_what_is_not_offered_is_refused_all_the_same(shown, seat):
    reader = seat("rita", "rules.read")

    packs = ("packs/rules.rewards", "packs/rules.rewards/weekly-cashback")
    paths = ("stop", "start", "bulk/apply", "import", "simulations", *packs)
    paths += ("segments/losers/freeze", "segments/losers/refresh", f"simulations/{shown.running}/stop")
    for path in (*paths, "rule/cashback/comments", *(f"rule/cashback/{step}" for step in STEPS)):
        assert reader.post(f"{ADMIN}/{path}", data={"mark": "2.8"}).status_code == 403, path


def test_another_brand_sees_nothing(shown, other_tenant, seat):
    stranger = seat("sam", "*", of=other_tenant)

    named = ("rule/cashback", "rule/cashback/versions", f"decisions/{shown.decision}")
    named += (
        f"judgements/{shown.event}",
        f"players/{shown.ann}",
        "segments/losers",
        f"frozen/{shown.frozen}",
    )
    for path in (*named, f"simulations/{shown.simulation}"):
        assert stranger.get(f"{ADMIN}/{path}").status_code == 404, path
    for path in ("rule/cashback/pause", "segments/losers/freeze", "rule/cashback/comments"):
        assert stranger.post(f"{ADMIN}/{path}", data={"text": "x", "reason": "x"}).status_code == 404, path
    assert f"players/{shown.ann}" not in stranger.get(f"{ADMIN}/decisions?player={shown.ann}").text


def test_filters_take_whatever_an_address_says(shown, otto):
    for path in (
        "?kind=%00&state=x&text=%25&cursor=%F0%9F%90%99",
        "decisions?player=%00&outcome=x&since=2026-99-99&until=0001-01-01&cursor=x",
        "alerts?severity=99999&player=x&rule=%00",
        "rule/cashback?by=nothing&days=x",
        "rule/cashback/versions?from=99999999999999999999&to=-1",
        "simulations?cursor=x&rule=%00",
        "segments/losers?player=%00&other=%00&cursor=x",
        f"segments/losers?player={uuid7()}",
        f"players/{shown.ann}?event=nothing.like_it",
    ):
        assert otto.get(f"{ADMIN}/{path}").status_code == 200, path


def test_what_there_is_not_is_404(tenant, otto):
    paths = (
        "rule/none",
        "rule/none/versions",
        "segments/none",
        "packs/none.none",
        "packs/rules.rewards/none",
    )
    paths += tuple(
        f"{name}/{uuid7()}" for name in ("decisions", "judgements", "players", "simulations", "frozen")
    )
    for path in paths:
        assert otto.get(f"{ADMIN}/{path}").status_code == 404, path


def test_the_list_is_found_by_what_it_asks_and_goes_on(shown, otto, monkeypatch):
    monkeypatch.setattr("pitboss.rules.admin.listing.PAGE_ROWS", 2)
    monkeypatch.setattr("pitboss.rules.admin.pages.PAGE_ROWS", 2)

    first = otto.get(f"{ADMIN}/?kind=reward").text
    assert "by-table" in first
    assert "consolation" not in first
    assert "kind=reward&amp;cursor=cashback" in first
    assert "consolation" in otto.get(f"{ADMIN}/?kind=reward&cursor=cashback").text
    for query, key in (
        ("text=idea", ""),
        ("tag=loss&state=paused", "rested"),
        ("stage=submitted", "cashback"),
    ):
        found = otto.get(f"{ADMIN}/?{query}").text
        assert (f'rule/{key}"' in found) if key else ("No rule fits" in found), query


def test_a_list_of_one_rule_leads_to_its_next_page(shown, otto, monkeypatch, kernel, tenant, worker):
    monkeypatch.setattr("pitboss.rules.admin.simulations.PAGE_ROWS", 1)
    monkeypatch.setattr("pitboss.rules.admin.pages.PAGE_ROWS", 1)
    form = {"rule": "cashback", "since": "2026-01-01", "until": "2026-01-09", "against": "none"}
    assert otto.post(f"{ADMIN}/simulations", data=form).status_code == 303

    assert "rule=cashback&amp;cursor=" in otto.get(f"{ADMIN}/simulations?rule=cashback").text


def test_a_decision_reads_aloud_and_names_what_stood_in_the_way_of_others(shown, otto):
    decision = otto.get(f"{ADMIN}/decisions/{shown.decision}").text
    assert "The rule “Cashback” matched, and 5.00 GBP was given." in decision
    assert "net loss times 0.1, which was 5.00" in decision

    event = otto.get(f"{ADMIN}/judgements/{shown.event}").text
    assert "game is slots, and one of poker, roulette is wanted" in event
    player = otto.get(f"{ADMIN}/players/{shown.ben}?event=casino.round_played").text
    assert "net_loss is 5 GBP, and at least 10 GBP is wanted: missed by 5 GBP" in player


def test_what_was_not_given_says_why(shown, otto, kernel, tenant, worker):
    with kernel.context(tenant.id) as ctx:
        scene.casino.lose(ctx, shown.ann, 1_000)
    worker()

    capped = otto.get(f"{ADMIN}/decisions?outcome=capped").text
    path = capped.split('href="/admin/rules/decisions/')[1].split('"')[0]
    said = otto.get(f"{ADMIN}/decisions/{path}").text
    assert "nothing was given, because the player had it as often as it can be had" in said
    assert "decisions/" not in otto.get(f"{ADMIN}/decisions?player=ben@").text.split('id="results"')[1]


def test_a_formula_and_a_segment_say_where_they_are_used(shown, otto):
    for key in ("share", "losers"):
        uses = otto.get(f"{ADMIN}/rule/{key}").text.split('id="uses"')[1]
        assert "/admin/rules/rule/consolation" in uses, key
    assert "No other rule names it" in otto.get(f"{ADMIN}/rule/everyone").text


def test_the_page_of_a_player_leads_to_what_rules_know_of_them(shown, otto, seat):
    link = f'href="/admin/rules/players/{shown.ann}"'

    assert link in otto.get(f"/admin/players/{shown.ann}").text
    assert link not in seat("cora", "core.players").get(f"/admin/players/{shown.ann}").text


def test_doubts_are_told_as_they_are_now(tenant, otto, kernel):
    """What is not live yet when a rule is written may be so when its page is opened."""
    with kernel.context(tenant.id) as ctx:
        drafts.create(ctx, {**scene.CASHBACK, "when": {"segment": "LOSERS"}, "tests": []})
    first = otto.get("/admin/rules/rule/cashback").text
    with kernel.context(tenant.id) as ctx:
        put_to_work(ctx, next(one for one in scene.OTHERS if one["key"] == "losers"))
    then = otto.get("/admin/rules/rule/cashback").text

    assert "No segment &#39;LOSERS&#39; is live" in first
    assert "No segment" not in then
    assert "It has no tests" in then


def test_a_version_that_cannot_be_read_any_more_says_so(tenant, otto, kernel):
    with kernel.context(tenant.id) as ctx:
        put_to_work(ctx, scene.OTHERS[0])
        drafts.create(ctx, {**scene.CASHBACK, "when": "share() > 1", "tests": []})
        store.move(ctx, store.find(ctx, "share"), state=State.RETIRED, live=None)

    doubts = otto.get("/admin/rules/rule/cashback").text.split('id="doubts"')[1].split("</section>")[0]

    assert "Error" in doubts
    assert "share" in doubts


def test_how_a_version_stood_to_others_is_told_with_its_time(shown, otto):
    doubts = otto.get("/admin/rules/rule/spare").text.split('id="doubts"')[1].split("</section>")[0]
    own, beside = doubts.split("Beside the rules that were live when version 1 was saved, ")

    assert "says the same as" not in own
    assert "cashback" in beside
    assert "/admin/rules/conflicts" in beside
