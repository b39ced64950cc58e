"""The pages of settlement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.money import Currencies
from pitboss.core.texts import speaking
from pitboss.plugins.betting.settling import aloud
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


def test_what_if_names_player_selections_and_the_stake_of_a_free_bet(
    match, market, bet, result, operator_client, player
):
    one = bet([(market(match), "home", "1.88")], free_bet_id=uuid7())
    result(match, score(2, 1), state="provisional")

    text = operator_client.get(f"{PAGES}/what-if/{match}").text

    assert "Leeds v Hull: home</a>" in text
    assert f'href="/admin/betting/bets/players/{player}">' in text
    assert "@players.test</a>" in text
    assert ">Free bet</span>" in text
    assert '<span class="amount">10.00' in text
    assert f">{one}<" not in text


def test_a_settlement_that_is_done_still_leads_to_its_bets_and_fixture(
    match, market, bet, result, operator_client, player
):
    one = bet([(market(match), "home", "1.88")])
    result(match, score(2, 1))
    listed = operator_client.get(f"{PAGES}/").text
    address = next(part for part in listed.split('"') if part.startswith(f"{PAGES}/") and "-" in part)

    text = operator_client.get(address).text

    assert "Done" in text
    assert f'href="{PAGES}/bets/{one}/explanation">Leeds v Hull: home</a>' in text
    assert f'href="/admin/betting/bets/players/{player}">' in text
    assert f'href="/admin/betting/desk/fixtures/{match}"' in text


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
        "Backed home at 1.88. The score that counts is 2–1. This selection won.",
        "Result version 1",
        "Settled by the rules of",
        "The exact sum",
        "it counts its odds of 1.88",
        "1000 x 1.88 = 1880: pays 1880",
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
    assert aloud.total(ctx.tenant.currencies, said | changes, "EUR") == line


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ({"state": "lost", "reason": "2-1: home"}, "The score that counts is 2–1. This selection lost."),
        ({"state": "push", "reason": "1-1: nobody won"}, "is 1–1. Its line was hit: its odds count as 1."),
        ({"state": "won", "reason": "3 against 2.5"}, "What counts is 3, against a line of 2.5."),
        (
            {"state": "half_won", "reason": "2-1 with -0.75 for home"},
            "is 2–1, with a handicap of −0.75 for the side named first. Half of it won",
        ),
        ({"state": "won", "reason": "position 2, shared by 2", "share": "1/2"}, "1/2 of the stake is alive"),
        ({"state": "void", "reason": "void"}, "Backed Everton at 4.67. This selection is void"),
        ({"state": "void", "reason": "Abandoned at half-time"}, "Abandoned at half-time. This selection"),
        ({"state": "won", "reason": "", "deduction": "0.2"}, "Withdrawn runners take 20 % of its winnings."),
    ],
)
def test_what_became_of_a_leg_is_a_sentence(outcome, sentence):
    leg = {"name": "Fulham v Everton: Match result: Everton", "odds": Decimal("4.67"), "outcome": outcome}

    assert sentence in aloud.told(leg)


def test_numbers_of_an_explanation_are_written_as_its_language_does():
    said = {"parts": [{"total": "4.67"}], "bonus": "0", "unit_stake": "12000", "exact": "56040"}
    said |= {"payout": 56040, "payout_max": None, "void_because": "", "is_free_bet": False}

    with speaking("es"):
        line = aloud.total(Currencies(), said, "EUR")

    assert line == "120,00 EUR × 4,67 = 560,40 EUR"


def test_a_lost_bet_says_so_in_a_sentence(match, market, bet, result, operator_client):
    one = bet([(market(match), "away", "1.88")])
    result(match, score(2, 1))

    text = operator_client.get(f"{PAGES}/bets/{one}/explanation").text

    assert "Backed away at 1.88. The score that counts is 2–1. This selection lost." in text
    assert "<strong>It pays nothing.</strong>" in text
    assert "lost = 0" not in text


def test_a_multiple_shows_the_product_of_its_odds(match, market, bet, result, operator_client, world, clock):
    other = world.match("Derby", "Bury", at=clock.now() + timedelta(hours=2))
    one = bet([(market(match), "home", "1.88"), (market(other), "draw", "3.00")])
    for fixture_id, outcome in ((match, score(2, 1)), (other, score(1, 1))):
        result(fixture_id, outcome)

    text = operator_client.get(f"{PAGES}/bets/{one}/explanation").text

    assert "<strong>10.00 EUR × 1.88 × 3 = 56.40 EUR.</strong>" in text
