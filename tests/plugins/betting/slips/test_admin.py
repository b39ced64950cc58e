"""The pages of bets: a list that finds them, a bet with its reasons, a player, limits, refusals."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core.audit import AuditEntry
from pitboss.core.identity import register_player
from pitboss.core.identity.players import edit_player
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


def test_a_free_bet_by_hand_is_no_larger_than_the_most(trader, player, configure):
    configure(free_bet_by_hand_max=50_00)
    url = f"{PAGES}/bets/players/{player}"
    body = {"key": "k1", "reason": "Sorry."}

    refused = trader.post(f"{url}/free-bets", data=body | {"amount": "50.01"}, follow_redirects=True)
    assert "at most 50.00 EUR: give less" in text(refused)
    assert "No free bet" in text(trader.get(url))

    given = trader.post(f"{url}/free-bets", data=body | {"amount": "50.00"}, follow_redirects=True)
    assert "The free bet is given." in text(given)


def test_a_free_bet_is_taken_back_while_it_is_open(trader, player, make_client):
    url = f"{PAGES}/bets/players/{player}"
    trader.post(f"{url}/free-bets", data={"key": "k1", "amount": "5.00", "reason": "Sorry."})
    address = next(part for part in text(trader.get(url)).split('"') if part.endswith("/take-back"))
    assert make_client("operator", "betting.read").post(address).status_code == 403

    taken = trader.post(address, data={"reason": "Given twice."}, follow_redirects=True)
    again = trader.post(address, data={"reason": "Given twice."}, follow_redirects=True)

    assert "Taken back</span>" in text(taken)
    assert address not in text(taken)
    assert "is not open any more" in text(again)


def test_who_took_a_free_bet_back_stands_in_the_audit_trail(trader, player, kernel, tenant):
    url = f"{PAGES}/bets/players/{player}"
    trader.post(f"{url}/free-bets", data={"key": "k1", "amount": "5.00", "reason": "Sorry."})
    address = next(part for part in text(trader.get(url)).split('"') if part.endswith("/take-back"))
    trader.post(address, data={"reason": "Given twice."})

    with kernel.context(tenant.id) as ctx:
        rows = ctx.connection.execute(select(AuditEntry.action, AuditEntry.reason)).all()

    assert ("betting.free_bet_given", "Sorry.") in rows
    assert ("betting.free_bet_taken_back", "Given twice.") in rows


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


def test_the_desk_shows_the_worst_outcome_of_the_worst_market(bet, offer, trader, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        leg = storing.legs_of(ctx, [UUID(bet["id"])])[UUID(bet["id"])][0]
    offer({"yes": "2.00", "no": "2.00"}, template="both_score", fixture_id=leg.fixture_id)

    listed = text(trader.get(f"{PAGES}/desk/"))
    page = text(trader.get(f"{PAGES}/desk/markets/{leg.market_id}"))

    assert "Worst outcome of a market" in listed
    assert '<span class="amount">−10.00' in listed
    assert "The worst outcome leaves the house" in page
    assert 'class="below"' in page
    assert "Void, or its line is hit" in page


def test_bets_are_found_by_the_name_of_a_player(bet, trader, player, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        edit_player(ctx, player, {"display_name": "Grace Hopper"})
        register_player(ctx, email="ada@players.test", password=None)

    def found(name: str) -> str:
        return text(trader.get(f"{PAGES}/bets/", query_string={"player": name}))

    for name in ("grace", "Grace Hop", str(player)):
        assert bet["id"] in found(name)
    assert "No bet fits" in found("ada@")
    assert "Nobody is called Gracchus" in found("Gracchus")
    assert bet["id"] not in found("Gracchus")
    assert bet["id"] in text(trader.get(f"{PAGES}/bets/", query_string={"player_id": player}))


def test_refusals_are_found_by_the_name_of_a_player(offer, place, trader):
    place(offer(MATCH).leg("home"))

    def found(name: str) -> str:
        return text(trader.get(f"{PAGES}/bets/refusals", query_string={"player": name}))

    assert "Nobody is called Gracchus" in found("Gracchus")
    assert "Insufficient funds" not in found("Gracchus")


def test_sports_are_chosen_from_those_that_have_markets(bet, trader):
    page = text(trader.get(f"{PAGES}/bets/", query_string={"sport": "football"}))

    assert '<option value="football" selected>Football</option>' in page
    assert bet["id"] in page


def test_each_limit_of_a_multiple_names_what_it_counts(offer, place, pay_in, trader):
    pay_in(100_00)
    first, second = offer(MATCH), offer(MATCH)
    bet = place(first.leg("home"), second.leg("home")).json

    page = text(trader.get(f"{PAGES}/bets/{bet['id']}"))

    counted = re.findall(r'data-label="It counts">([^<]+)<', page)
    exposures = [one for one in counted if one != "this bet"]
    assert "this bet" in counted
    assert len(exposures) == len(set(exposures)) == 2
    assert all(one.startswith("Home ") for one in exposures)
    assert str(first.id) not in page


def test_a_limit_that_was_set_for_a_fixture_names_it(offer, place, pay_in, trader):
    pay_in(100_00)
    match = offer(MATCH)
    body = {"scope": "fixture", "subject": str(match.fixture_id), "measure": "exposure_max"}
    trader.post(f"{PAGES}/limits/", data=body | {"amount": "500.00", "reason": "A derby."})

    page = text(trader.get(f"{PAGES}/bets/{place(match.leg('home')).json['id']}"))

    assert re.search(r'data-label="Set for">Fixture: Home \d+ v Away<', page)
    assert str(match.fixture_id) not in page
