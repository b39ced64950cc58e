"""The pages of settlement."""

from __future__ import annotations

import pytest

from pitboss.plugins.betting.settling import shown
from tests.plugins.betting.fixtures import score

PAGES = "/admin/betting/settlements"


def test_a_correction_is_seen_and_confirmed_on_its_page(
    match, market, bet, result, operator_client, worker, state
):
    one = bet([(market(match), "home", "1.88")])
    result(match, score(2, 1))
    result(match, score(1, 2), state="corrected")

    listed = operator_client.get(f"{PAGES}/?state=waiting").text
    address = next(part for part in listed.split('"') if part.startswith(f"{PAGES}/") and "-" in part)
    page = operator_client.get(address).text
    assert "This correction re-settles 1 bet, net 18.80 EUR." in page
    assert "1 correction waits" in operator_client.get("/admin/").text
    done = operator_client.post(f"{address}/confirm", data={"reason": "wrong side"}, follow_redirects=True)
    assert "settled again" in done.text
    worker()
    assert state(one).payout == 0
    assert "Done" in operator_client.get(address).text
    refused = operator_client.post(f"{address}/stop", data={"reason": "late"}, follow_redirects=True)
    assert "is done: this is for one that is running" in refused.text
    dashboard = operator_client.get("/admin/").text
    assert "1 correction waits" not in dashboard
    # The stake of 10.00 was lost, today and so far.
    assert dashboard.count("10.00") == 3
    assert "Staked today" in dashboard


def test_what_a_result_would_change_is_seen_before_it_is_confirmed(
    match, market, bet, result, operator_client, state
):
    one = bet([(market(match), "home", "1.88")])
    page = f"{PAGES}/what-if/{match}"
    assert "No result yet" in operator_client.get(page).text

    result(match, score(2, 1), state="provisional")

    text = operator_client.get(page).text
    assert "This result settles 1 bet, net -8.80 EUR." in text
    assert "Nothing is changed by looking." in text
    assert f"{PAGES}/bets/{one}/explanation" in text
    assert state(one).state == "accepted"


def test_runs_name_their_fixture_and_who_began_them(
    world, match, market, bet, result, operator_client, clock
):
    other = world.match("Derby", "Bury", at=clock.now())
    bet([(market(match), "home", "1.88")])
    for fixture_id in (match, other):
        result(fixture_id, score(2, 1))

    listed = operator_client.get(f"{PAGES}/").text

    assert "Leeds v Hull</a>" in listed
    assert "by the platform (result recorded)" in listed
    assert "Derby v Bury" not in listed, "nothing was asked about it here"


def test_a_run_that_no_bet_waited_for_says_so_and_is_done(match, market, result, operator_client):
    market(match)
    result(match, score(2, 1))

    listed = operator_client.get(f"{PAGES}/").text

    assert ("no bets" in listed, "Done" in listed, "0 of 0" in listed) == (True, True, False)


def test_an_open_bet_says_that_it_is_open(match, market, bet, operator_client):
    one = bet([(market(match), "home", "1.88")])
    text = operator_client.get(f"{PAGES}/bets/{one}/explanation").text
    assert "<h1>Not settled yet</h1>" in text
    assert "Why this bet paid" not in text


def test_the_explanation_of_a_bet_can_be_read_aloud(match, market, bet, result, operator_client):
    one = bet([(market(match), "home", "1.88")])
    result(match, score(2, 1))
    text = operator_client.get(f"{PAGES}/bets/{one}/explanation").text
    for said in (
        "Leeds v Hull: home",
        "10.00 EUR × 1.88 = 18.80 EUR",
        "Result version 1",
        "the same to the cent",
        "0.00",
        "The player&#39;s wallet",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "3.333333 EUR × 5.5 = 18.333333 EUR, rounded to 18.33 EUR"),
        ({"bonus": "0.5"}, "3.333333 EUR × (5.5 + 0.5) = 18.333333 EUR, rounded to 18.33 EUR"),
        ({"payout": 1_500, "payout_max": 1_500}, "3.333333 EUR × 5.5 = 18.333333 EUR, at most 15.00 EUR"),
        (
            {"void_because": "a walkover", "arithmetic": "void, for a walkover: stake back"},
            "void, for a walkover: stake back",
        ),
    ],
)
def test_the_last_line_of_a_sum_is_read_aloud_in_money(ctx, changes, line):
    said = {
        "void_because": "",
        "unit_stake": "1000/3",
        "parts": [{"total": "5.5"}],
        "bonus": "0",
        "exact": "5500/3",
        "payout": 1_833,
        "payout_max": None,
    }
    assert shown.aloud(ctx, said | changes, "EUR") == line
