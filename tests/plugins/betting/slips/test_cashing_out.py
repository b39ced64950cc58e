"""Cash-outs: what is offered, and what is paid once, whatever races with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from pitboss.core.errors import PitbossError
from pitboss.plugins.betting.slips import cashout, freebets
from tests.plugins.betting.slips.conftest import BETS

MATCH = {"home": "2.20", "draw": "3.40", "away": "3.75"}


@pytest.fixture
def bet(offer, place, pay_in, configure, change_market):
    """A bet of 100.00 at 2.20, whose price is 1.50 now; the house keeps 9 %."""
    configure(cash_out_margin="0.09")
    match = offer(MATCH)
    pay_in(100_00)
    placed = place(match.leg("home"), stake="100.00").json
    change_market(match, odds={"home": "1.50"})
    return placed | {"market": match}


@pytest.fixture
def ask(me):
    """Ask for an offer: `ask(bet, part="0.4")`."""
    return lambda bet, **part: me.get(f"{BETS}/{bet['id']}/cash-out-offer", query_string=part).json


@pytest.fixture
def accept(me):
    """Accept an offer under a reference."""

    def post(bet, offer, reference="c1"):
        body = {"token": offer["token"], "reference": reference}
        key = {"Idempotency-Key": f"{reference}-{offer['token'][-8:]}"}
        return me.post(f"{BETS}/{bet['id']}/cash-outs", json=body, headers=key)

    return post


def test_an_offer_is_the_fair_value_less_the_margin(bet, ask):
    offer = ask(bet)

    assert offer["amount"] == {"amount": "133.47", "currency": "EUR"}
    assert offer["arithmetic"]["margin"] == "0.0900"


def test_a_part_is_paid_and_the_rest_goes_on(bet, ask, accept, cash, books, me, events):
    offer = ask(bet, part="0.4")

    taken = accept(bet, offer)

    assert (taken.status_code, taken.json["amount"]["amount"]) == (201, "53.39")
    assert taken.json["running_stake"]["amount"] == "60.00"
    assert (cash(), cash("hold")) == (53_39, 60_00)
    assert books(bet["market"]) == {"home": -72_00, "draw": 60_00, "away": 60_00, "staked": 60_00}
    shown = me.get(f"{BETS}/{bet['id']}").json
    assert (shown["state"], shown["payout"]["amount"]) == ("accepted", "53.39")
    (told,) = events("betting.bet_cashed_out")
    assert (told.payload["stake"], told.payload["running_stake"]) == (40_00, 60_00)


def test_all_of_it_ends_the_bet(bet, ask, accept, cash, books, me):
    accept(bet, ask(bet))

    assert (cash(), cash("hold"), books(bet["market"])["staked"]) == (133_47, 0, 0)
    assert me.get(f"{BETS}/{bet['id']}").json["state"] == "cashed_out"
    assert ask(bet)["reason"] == "the bet is cashed_out: only an accepted one is cashed out"
    (listed,) = me.get(f"{BETS}/{bet['id']}/cash-outs").json["items"]
    assert (listed["amount"]["amount"], listed["running_stake"]["amount"]) == ("133.47", "0.00")


def test_the_same_reference_is_the_same_cash_out(bet, ask, me, cash):
    token = ask(bet)["token"]
    body = {"token": token, "reference": "c1"}
    url = f"{BETS}/{bet['id']}/cash-outs"

    answers = [me.post(url, json=body, headers={"Idempotency-Key": key}).json for key in ("k1", "k2")]

    assert [answer["is_repeated"] for answer in answers] == [False, True]
    assert cash() == 133_47


def test_an_offer_that_fell_is_refused_and_leaves_a_record(bet, ask, accept, change_market, cash, me):
    offer = ask(bet)
    change_market(bet["market"], odds={"home": "1.60"})

    answer = accept(bet, offer)

    assert (answer.status_code, answer.json["details"]["code"]) == (409, "odds_changed")
    assert cash() == 0
    record = me.get(f"/api/v1/betting/refusals/{answer.json['details']['refusal_id']}").json
    assert record["operation"] == "betting.cash_out"


def test_an_offer_that_rose_is_paid_as_it_is_now(bet, ask, accept, change_market, cash):
    offer = ask(bet)
    change_market(bet["market"], odds={"home": "1.40"})

    accept(bet, offer)

    assert cash() == 143_00


def test_an_offer_holds_for_its_seconds_only(bet, ask, accept, clock):
    offer = ask(bet)
    clock.advance(seconds=16)

    answer = accept(bet, offer)

    assert (answer.status_code, answer.json["details"]["code"]) == (409, "offer_expired")


def test_an_offer_is_for_the_stake_that_it_was_made_for(bet, ask, accept):
    whole, half = ask(bet), ask(bet, part="0.5")
    accept(bet, half, "c1")

    answer = accept(bet, whole, "c2")

    assert answer.json["details"]["code"] == "offer_expired"


def test_there_is_no_offer_while_the_market_is_suspended(bet, ask, accept, change_market):
    offer = ask(bet)
    change_market(bet["market"], status="suspended", suspensions=["feed"])

    assert not ask(bet)["is_available"]
    assert accept(bet, offer).json["details"]["code"] == "market_suspended"


def test_a_forged_token_is_refused(bet, ask, accept):
    offer = ask(bet)

    answer = accept(bet, {"token": offer["token"][:-2] + "xx"})

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/token")


def test_guards_are_asked_about_a_cash_out(bet, ask, accept, world):
    offer = ask(bet)
    world.refusals["betting.cash_out"] = "under investigation"

    assert "under investigation" in ask(bet)["reason"]
    assert accept(bet, offer).json["reasons"] == ["under investigation"]


def test_racing_cash_outs_pay_once(bet, ask, kernel, tenant, player, cash):
    token = ask(bet)["token"]

    def take(number):
        try:
            with kernel.context(tenant.id) as ctx:
                cashout.take(ctx, UUID(bet["id"]), token=token, reference=f"r{number}")
        except PitbossError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = sum(threads.map(take, range(16)))

    assert (taken, cash()) == (1, 133_47)


def test_a_free_bet_is_cashed_out_without_its_stake(
    offer, place, configure, change_market, kernel, tenant, player, ask, accept, cash
):
    configure(cash_out_margin="0")
    match = offer(MATCH)
    with kernel.context(tenant.id) as ctx:
        free = freebets.grant(ctx, player, amount=100_00, cause="test")
    bet = place(match.leg("home"), stake="100.00", free_bet_id=str(free)).json
    change_market(match, odds={"home": "1.10"})

    taken = accept(bet, ask(bet))

    assert (taken.json["amount"]["amount"], cash()) == ("100.00", 100_00)
