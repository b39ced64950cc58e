"""Placing a bet: money, receipt, books, and once for each reference."""

from __future__ import annotations

import msgspec
import pytest

from pitboss.plugins.betting.slips.answers import BetShown, Quote
from tests.plugins.betting.slips.conftest import BETS, QUOTES

MATCH = {"home": "1.88", "draw": "3.14", "away": "4.71"}


def codes(answer):
    return [problem["code"] for problem in answer.json["details"]["problems"]]


def test_a_bet_moves_its_stake_from_cash_to_open_bets(offer, place, pay_in, cash, events):
    match = offer(MATCH)
    pay_in(100_00)

    answer = place(match.leg("home"))

    assert answer.status_code == 201, answer.json
    assert (cash(), cash("hold")) == (90_00, 10_00)
    receipt = msgspec.convert(answer.json, BetShown, strict=False)
    assert (receipt.state, receipt.odds, receipt.potential.amount) == ("accepted", "1.88", "18.80")
    assert receipt.legs[0].odds_version == match.version
    (told,) = events("betting.bet_placed")
    assert {"stake": 10_00, "sport": "football", "odds": "1.8800"}.items() <= told.payload.items()


def test_the_same_reference_is_the_same_bet(offer, me, slip, pay_in, cash, change_market):
    match = offer(MATCH)
    pay_in(100_00)
    body = slip(match.leg("home"))

    first = me.post(BETS, json=body)
    change_market(match, status="closed")
    second = me.post(BETS, json=body)

    assert (second.status_code, second.json["id"]) == (201, first.json["id"])
    assert (first.json["is_repeated"], second.json["is_repeated"]) == (False, True)
    assert cash() == 90_00


def test_another_slip_under_the_same_reference_is_refused(offer, me, slip, pay_in):
    match = offer(MATCH)
    pay_in(100_00)
    me.post(BETS, json=slip(match.leg("home"), reference="mine"))

    answer = me.post(BETS, json=slip(match.leg("away"), reference="mine"))

    assert (answer.status_code, answer.json["type"]) == (422, "urn:pitboss:problem:key-reused")


def test_the_same_idempotency_key_gives_the_same_receipt(offer, me, slip, pay_in, cash):
    match = offer(MATCH)
    pay_in(100_00)
    body, key = slip(match.leg("home")), {"Idempotency-Key": "k-1"}

    answers = [me.post(BETS, json=body, headers=key).json for _ in range(2)]

    assert answers[0] == answers[1]
    assert cash() == 90_00


def test_a_refusal_leaves_its_record_and_nothing_else(offer, place, me, operator_client, cash, books, events):
    match = offer(MATCH)

    answer = place(match.leg("home"))

    assert (answer.status_code, answer.json["details"]["code"]) == (409, "insufficient_funds")
    record = me.get(f"/api/v1/betting/refusals/{answer.json['details']['refusal_id']}").json
    assert "deposit, or stake at most 0.00 EUR" in record["reason"]
    assert record["asked"]["stake"] == {"amount": "10.00", "currency": "EUR"}
    assert {"stake_max", "payout_max"} <= {limit["measure"] for limit in record["decision"]["limits"]}
    assert (books(match)["staked"], cash("hold")) == (0, 0)
    assert [told.payload["code"] for told in events("betting.bet_rejected")] == ["insufficient_funds"]
    listed = operator_client.get("/api/v1/betting/refusals").json["items"]
    assert [one["id"] for one in listed] == [record["id"]]


def test_what_was_refused_can_be_placed_under_the_same_reference(offer, me, slip, pay_in):
    match = offer(MATCH)
    body = slip(match.leg("home"))
    assert me.post(BETS, json=body).status_code == 409

    pay_in(10_00)

    assert me.post(BETS, json=body).status_code == 201


def test_a_price_that_moved_is_refused_with_the_new_one(offer, place, pay_in, change_market):
    match = offer(MATCH)
    pay_in(100_00)
    change_market(match, odds={"home": "1.80"})

    answer = place(match.leg("home"), price_policy="higher_only")

    (problem,) = answer.json["details"]["problems"]
    assert answer.status_code == 409
    assert (problem["code"], problem["odds"], problem["odds_version"]) == ("odds_changed", "1.80", 2)
    assert problem["pointer"] == "#/legs/0/odds"


def test_a_better_price_is_struck(offer, place, pay_in, change_market):
    match = offer(MATCH)
    pay_in(100_00)
    change_market(match, odds={"home": "2.10"})

    receipt = place(match.leg("home"), price_policy="higher_only").json

    leg = receipt["legs"][0]
    assert (leg["odds"], leg["shown_odds"], receipt["potential"]["amount"]) == ("2.10", "1.88", "21.00")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "suspended", "suspensions": ["feed"]}, "market_suspended"),
        ({"status": "settled"}, "market_closed"),
        ({"priced_at": None}, "price_stale"),
    ],
)
def test_a_market_that_takes_no_bets_says_why(offer, place, pay_in, change_market, change, code):
    match = offer(MATCH)
    pay_in(100_00)
    change_market(match, **change)

    answer = place(match.leg("home"))

    assert (answer.status_code, codes(answer)) == (409, [code])


def test_a_market_closes_when_its_fixture_starts(offer, place, pay_in, clock):
    match = offer(MATCH, hours=1)
    pay_in(100_00)
    clock.advance(hours=1)

    assert codes(place(match.leg("home"))) == ["market_closed"]


def test_all_problems_of_a_slip_are_told_at_once(offer, place, pay_in, change_market):
    one, two = offer(MATCH), offer(MATCH)
    pay_in(100_00)
    change_market(one, status="suspended")

    answer = place(one.leg("home"), two.leg("home", "1.90"))

    assert codes(answer) == ["market_suspended", "odds_changed"]


def test_an_unknown_selection_is_named(offer, place):
    match = offer(MATCH)
    leg = match.leg("home") | {"selection_id": str(match.id)}

    answer = place(leg)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/legs/0/selection_id"]
    assert str(match.id) in answer.json["detail"]


def test_two_legs_of_one_fixture_are_refused(offer, place):
    match = offer(MATCH)
    goals = offer(
        {"over": "1.90", "under": "1.90"}, template="total_goals", line="2.5", fixture_id=match.fixture_id
    )

    answer = place(match.leg("home"), goals.leg("over"))

    assert (answer.status_code, codes(answer)) == (422, ["correlated"])
    assert "ask for a bet builder" in answer.json["detail"]


def test_a_slip_of_ten_thousand_legs_is_a_clear_problem(offer, place):
    answer = place(*[offer(MATCH).leg("home")] * 10_000)

    assert answer.status_code == 422
    assert answer.json["detail"] == "the slip has 10000 legs: give at most 20"


@pytest.mark.parametrize(
    ("stake", "status", "code"),
    [("0.00", 422, "stake"), ("-5.00", 422, "stake"), ("1.005", 422, "stake"), ("0.09", 403, "under_limit")]
    + [("99999999999", 403, "over_limit"), ("9" * 30, 422, "stake")],
)
def test_a_stake_that_does_not_fit_says_what_does(offer, place, pay_in, stake, status, code):
    match = offer(MATCH)
    pay_in(100_00)

    answer = place(match.leg("home"), stake=stake)

    assert (answer.status_code, answer.json["details"]["code"]) == (status, code), answer.json


def test_another_currency_is_refused(offer, me, slip):
    body = slip(offer(MATCH).leg("home")) | {"stake": {"amount": "10.00", "currency": "GBP"}}

    answer = me.post(BETS, json=body)

    assert codes(answer) == ["currency"]
    assert "in GBP, and bets are taken in EUR" in answer.json["detail"]


def test_a_guard_refuses_the_bet_before_any_book_is_touched(offer, place, pay_in, world, cash, books):
    match = offer(MATCH)
    pay_in(100_00)
    world.refusals["betting.place_bet"] = "identity not verified"

    answer = place(match.leg("home"))

    assert (answer.status_code, answer.json["reasons"]) == (403, ["identity not verified"])
    assert answer.json["details"]["code"] == "guard"
    payload = dict(world.asked)["betting.place_bet"]
    assert (payload["stake"], payload["legs"][0]["sport"]) == (10_00, "football")
    assert (cash(), books(match)["staked"]) == (100_00, 0)


def test_an_api_key_places_for_the_player_it_names(offer, make_client, slip, pay_in, player, cash):
    match = offer(MATCH)
    pay_in(100_00)
    key = make_client("api_key", "betting.bet")

    answer = key.post(BETS, json=slip(match.leg("home"), player_id=str(player)))

    assert (answer.status_code, answer.json["player_id"]) == (201, str(player))
    assert key.post(BETS, json=slip(match.leg("home"))).status_code == 422
    stranger = slip(match.leg("home"), player_id=str(match.id))
    assert key.post(BETS, json=stranger).status_code == 422
    assert make_client("api_key", "betting.read").post(BETS, json=stranger).status_code == 403


def test_a_bet_of_another_tenant_is_not_found(offer, place, pay_in, make_client, other_tenant):
    match = offer(MATCH)
    pay_in(100_00)
    bet = place(match.leg("home")).json

    theirs = make_client("operator", "betting.*", of=other_tenant)

    assert theirs.get(f"{BETS}/{bet['id']}").status_code == 404


def test_a_quote_says_what_would_be_and_keeps_nothing(offer, me, slip, books):
    matches = [offer({"home": odds, "draw": "3.00", "away": "3.00"}) for odds in ("2.00", "1.50", "3.00")]
    body = slip(*(match.leg("home") for match in matches), system="trixie", stake="1.00")
    del body["reference"]

    answer = me.post(QUOTES, json=body)

    quote = msgspec.convert(answer.json, Quote, strict=False)
    assert (quote.line_count, quote.stake.amount, quote.potential.amount) == (4, "4.00", "22.50")
    assert quote.problems == []
    assert books(matches[0])["staked"] == 0


def test_a_quote_tells_limits_and_the_highest_stake(offer, me, slip):
    body = slip(offer(MATCH).leg("home"), stake="20000.00")
    del body["reference"]

    quote = me.post(QUOTES, json=body).json

    assert quote["stake_max"] == {"amount": "10000.00", "currency": "EUR"}
    assert [problem["code"] for problem in quote["problems"]] == ["over_limit"]


def test_a_bet_in_play_waits_and_is_accepted_at_its_price(
    offer, place, pay_in, configure, change_market, clock, worker, me, events, cash
):
    configure(live_delay_seconds={"football": 5})
    match = offer(MATCH, goes_in_play=True)
    change_market(match, is_in_play=True)
    pay_in(100_00)

    bet = place(match.leg("home"), price_policy="higher_only").json
    assert (bet["state"], cash(), events("betting.bet_placed")) == ("pending", 90_00, [])
    change_market(match, odds={"home": "2.00"})
    clock.advance(seconds=5)
    worker()

    accepted = me.get(f"{BETS}/{bet['id']}").json
    assert (accepted["state"], accepted["legs"][0]["odds"]) == ("accepted", "2.00")
    assert accepted["potential"]["amount"] == "20.00"
    assert [told.payload["potential"] for told in events("betting.bet_placed")] == [20_00]


@pytest.mark.parametrize("change", [{"status": "suspended"}, {"odds": {"home": "1.80"}}])
def test_a_bet_in_play_is_rejected_and_its_stake_given_back(
    offer, place, pay_in, configure, change_market, clock, worker, me, events, cash, books, change
):
    configure(live_delay_seconds={"*": 3})
    match = offer(MATCH, goes_in_play=True)
    change_market(match, is_in_play=True)
    pay_in(100_00)
    bet = place(match.leg("home")).json

    change_market(match, **change)
    clock.advance(seconds=3)
    worker()

    assert me.get(f"{BETS}/{bet['id']}").json["state"] == "rejected"
    assert (cash(), cash("hold"), books(match)["staked"]) == (100_00, 0, 0)
    (told,) = events("betting.bet_rejected")
    assert told.payload["bet_id"] == bet["id"]


def test_a_locked_player_places_no_bet_by_an_api_key(
    offer, kernel, tenant, make_client, slip, pay_in, player
):
    from pitboss.core.identity.players import lock_player

    match = offer(MATCH)
    pay_in(100_00)
    with kernel.context(tenant.id) as ctx:
        lock_player(ctx, player, "checked")

    answer = make_client("api_key", "betting.bet").post(
        BETS, json=slip(match.leg("home"), player_id=str(player))
    )

    assert answer.status_code == 403
    assert "locked: activate it first" in answer.json["detail"]
