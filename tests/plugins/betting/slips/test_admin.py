"""The pages of bets: a list that finds them, a bet with its reasons, a player, limits, refusals."""

from __future__ import annotations

from uuid import UUID

import pytest

from pitboss.plugins.betting.slips import storing
from tests.plugins.betting.fixtures import score

PAGES = "/admin/betting"
MATCH = {"home": "2.00", "draw": "3.40", "away": "3.75"}


@pytest.fixture
def bet(offer, place, pay_in):
    """An open bet of 10.00."""
    pay_in(100_00)
    return place(offer(MATCH).leg("home"), reference="my-slip").json


def text(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_bets_are_listed_and_filtered(bet, trader):
    assert bet["legs"][0]["name"] in text(trader.get(f"{PAGES}/bets/"))
    found = trader.get(f"{PAGES}/bets/", query_string={"reference": "my-slip", "state": "accepted"})
    assert bet["id"] in text(found)
    assert "No bet fits" in text(trader.get(f"{PAGES}/bets/", query_string={"state": "settled"}))


def test_a_bet_names_its_player_and_how_it_ended(bet, trader, player, kernel, tenant, world, worker):
    listed = text(trader.get(f"{PAGES}/bets/"))
    assert f'href="{PAGES}/bets/players/{player}">' in listed
    assert "@players.test</a>" in listed
    assert ">Open</span>" in listed

    with kernel.context(tenant.id) as ctx:
        row = storing.legs_of(ctx, [UUID(bet["id"])])[UUID(bet["id"])][0]
        world.result(ctx, row.fixture_id, score(2, 1))
    worker()

    assert ">Won</span>" in text(trader.get(f"{PAGES}/bets/"))


def test_a_bet_shows_its_selections_and_why_it_was_allowed(bet, trader):
    page = text(trader.get(f"{PAGES}/bets/{bet['id']}"))

    assert "Why it was allowed" in page
    assert "Exposure of a market" in page
    assert bet["legs"][0]["name"] in page


def test_a_bet_is_voided_with_a_reason_by_those_who_may(bet, trader, make_client, cash):
    guest = make_client("operator", "betting.read")
    url = f"{PAGES}/bets/{bet['id']}/void"
    assert guest.post(url, data={"reason": "An obvious error."}).status_code == 403

    answer = trader.post(url, data={"reason": "An obvious error."})

    assert (answer.status_code, cash()) == (303, 100_00)
    assert "Voided" in text(trader.get(f"{PAGES}/bets/{bet['id']}"))


def test_a_player_is_limited_and_given_a_free_bet_once(bet, trader, player):
    url = f"{PAGES}/bets/players/{player}"
    trader.post(f"{url}/limits", data={"measure": "stake_max", "amount": "20.00", "reason": "Too good."})
    for _ in range(2):
        trader.post(f"{url}/free-bets", data={"key": "k1", "amount": "5.00", "reason": "Sorry."})

    page = text(trader.get(url))

    assert "Too good." in page
    assert page.count("by-hand:k1") == 1


def test_what_was_refused_stands_on_a_page(offer, place, trader):
    place(offer(MATCH).leg("home"))

    assert "Insufficient funds" in text(trader.get(f"{PAGES}/bets/refusals"))


def test_limits_are_set_and_removed_on_a_page(trader):
    body = {"scope": "sport", "subject": "football", "measure": "stake_max", "amount": "50.00"}
    trader.post(f"{PAGES}/limits/", data=body | {"reason": "A derby."})
    assert "A derby." in text(trader.get(f"{PAGES}/limits/"))
    (row,) = trader.get("/api/v1/betting/limits").json["items"]

    trader.post(f"{PAGES}/limits/{row['id']}/remove", data={"reason": "Over."})

    assert "A derby." not in text(trader.get(f"{PAGES}/limits/"))
    trader.post(f"{PAGES}/limits/", data=body | {"amount": "x", "reason": "A derby."})
    assert "is not an amount" in text(trader.get(f"{PAGES}/limits/"))
