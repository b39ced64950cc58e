"""An Asian handicap that is struck in play counts from the score of that moment."""

from __future__ import annotations

import pytest

from tests.plugins.betting.fixtures import score
from tests.plugins.betting.slips.conftest import BETS

EVEN = {"home": "2.00", "away": "2.00"}


@pytest.fixture
def stands(world):
    """Let a match stand at a score: `stands(match, 1, 0)`."""

    def at(match, home, away, **more):
        world.live[str(match.fixture_id)] = {
            "score": {"home": home, "away": away},
            "is_stalled": False,
            **more,
        }

    return at


@pytest.fixture
def match(offer, change_market, pay_in):
    """A match in play with a handicap of nothing for either side."""
    pay_in(100_00)
    made = offer(EVEN, template="asian_handicap", line="0", goes_in_play=True)
    change_market(made, is_in_play=True)
    return made


@pytest.fixture
def ended(kernel, tenant, world, worker):
    """Record how a match ended, and settle."""

    def at(match, home, away):
        with kernel.context(tenant.id) as ctx:
            world.result(ctx, match.fixture_id, score(home, away))
        worker()

    return at


def test_each_bet_counts_from_the_score_at_which_it_was_struck(match, stands, place, ended, me):
    bets = []
    for home, away in ((0, 0), (1, 0), (1, 1)):
        stands(match, home, away)
        bets.append(place(match.leg("home")).json)

    ended(match, 1, 1)

    found = [me.get(f"{BETS}/{bet['id']}").json for bet in bets]
    assert [bet["legs"][0]["score_from"] for bet in found] == ["0-0", "1-0", "1-1"]
    assert [bet["payout"]["amount"] for bet in found] == ["10.00", "0.00", "10.00"]
    assert found[1]["legs"][0]["name"].endswith("from 1-0")
    said = me.get(f"{BETS}/{bets[1]['id']}/explanation").json["settlements"][0]
    assert said["legs"][0]["outcome"]["reason"].startswith("0-1 with")
    assert said["replay"]["is_same"]


def test_a_bet_struck_before_the_start_counts_all_of_the_match(offer, place, pay_in, stands, ended, me):
    pay_in(100_00)
    before = offer(EVEN, template="asian_handicap", line="-0.5")
    bet = place(before.leg("home")).json
    stands(before, 1, 0)

    ended(before, 1, 0)

    assert me.get(f"{BETS}/{bet['id']}").json["payout"]["amount"] == "20.00"
    assert bet["legs"][0]["score_from"] == ""


def test_a_bet_from_a_goal_that_did_not_stand_is_void(match, stands, place, ended, me):
    stands(match, 1, 0)
    bet = place(match.leg("away")).json

    ended(match, 0, 2)

    settled = me.get(f"{BETS}/{bet['id']}").json
    assert (settled["state"], settled["payout"]["amount"]) == ("settled", "10.00")


@pytest.mark.parametrize("standing", [None, {"is_stalled": True}])
def test_without_a_score_that_can_be_believed_no_handicap_is_taken_in_play(match, stands, place, standing):
    if standing:
        stands(match, 1, 0, **standing)

    refused = place(match.leg("home"))

    assert refused.status_code == 409, refused.json
    assert "the score, which is not known now" in refused.json["detail"]


def test_a_goal_while_the_bet_waits_rejects_it(match, stands, place, configure, clock, worker, me, cash):
    configure(live_delay_seconds={"*": 3})
    stands(match, 0, 0)
    bet = place(match.leg("home")).json

    stands(match, 0, 1)
    clock.advance(seconds=3)
    worker()

    rejected = me.get(f"{BETS}/{bet['id']}").json
    assert (rejected["state"], cash()) == ("rejected", 100_00)
    assert "counted from 0-0, it is 0-1 now" in rejected["reason"]


def test_it_is_not_cashed_out_at_prices_that_count_from_another_score(match, stands, place, me):
    stands(match, 0, 0)
    bet = place(match.leg("home")).json
    assert me.get(f"{BETS}/{bet['id']}/cash-out-offer").json["is_available"]

    stands(match, 1, 0)

    offer = me.get(f"{BETS}/{bet['id']}/cash-out-offer").json
    assert (offer["is_available"], "from 1-0" in offer["reason"]) == (False, True)
