"""Free bets: given once for a cause, used once, taken back, expired, given back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from pitboss.core import ledger
from pitboss.core.contracts import Cause
from pitboss.plugins.betting.slips import freebets

MATCH = {"home": "3.00", "draw": "3.40", "away": "2.20"}
FREE_BETS = "/api/v1/betting/me/free-bets"


@pytest.fixture
def give(kernel, tenant, player):
    """Give the player a free bet by the action: `give(5_00, min_odds="2.0")`; returns its id as text."""

    def act(amount=5_00, *, key=None, **terms):
        with kernel.context(tenant.id) as ctx:
            found = ctx.of(player).act(
                "betting.grant_free_bet", amount=amount, key=key or uuid4().hex, **terms
            )
        return str(found)

    return act


def test_a_free_bet_pays_the_stake_and_returns_the_winnings_only(
    give, offer, place, cash, books, kernel, tenant, events, me
):
    free, match = give(), offer(MATCH)

    bet = place(match.leg("home"), stake="5.00", free_bet_id=free).json

    assert (bet["is_free"], bet["potential"]["amount"]) == (True, "10.00")
    assert (cash(), cash("hold")) == (0, 0)
    assert books(match) == {"home": -10_00, "draw": 0, "away": 0, "staked": 0}
    with kernel.context(tenant.id) as ctx:
        assert ledger.balance(ctx.connection, ledger.house("free_bet_hold", "EUR")) == 5_00
    assert events("betting.free_bet_used")[0].payload == {"free_bet_id": free, "bet_id": bet["id"]}
    (shown,) = me.get(FREE_BETS).json["items"]
    assert (shown["state"], shown["bet_id"]) == ("used", bet["id"])


def test_a_free_bet_is_used_once(give, offer, place):
    free, match = give(), offer(MATCH)
    place(match.leg("home"), stake="5.00", free_bet_id=free)

    answer = place(match.leg("home"), stake="5.00", free_bet_id=free)

    assert (answer.status_code, answer.json["details"]["code"]) == (409, "free_bet")
    assert "is used: choose another" in answer.json["detail"]


@pytest.mark.parametrize(
    ("terms", "stake", "said"),
    [
        ({}, "4.00", "is of 5.00 EUR and the stake 4.00 EUR: stake all of it"),
        ({"min_odds": "3.5"}, "5.00", "needs odds of at least 3.5"),
        ({"sport_codes": ["tennis"]}, "5.00", "is for tennis, and leg 1 is football"),
    ],
)
def test_a_free_bet_that_does_not_fit_says_why(give, offer, place, terms, stake, said):
    free = give(**terms)

    answer = place(offer(MATCH).leg("home"), stake=stake, free_bet_id=free)

    assert said in answer.json["detail"]


def test_a_free_bet_of_somebody_else_is_unknown(offer, place, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        free = freebets.grant(ctx, uuid4(), amount=5_00, cause="test")

    answer = place(offer(MATCH).leg("home"), stake="5.00", free_bet_id=str(free))

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/free_bet_id")


def test_the_same_key_gives_one_free_bet(give, me):
    assert give(key="weekly") == give(key="weekly")
    assert len(me.get(FREE_BETS).json["items"]) == 1


def test_nothing_is_given_for_nothing(give, me):
    assert give(0) == "None"
    assert me.get(FREE_BETS).json["items"] == []


def test_a_free_bet_expires_in_its_hour(give, clock, worker, kernel, tenant, me, offer, place, events):
    give(expiry_hours=1)
    free = give(expiry_hours=1, key="two")
    clock.advance(hours=1)

    answer = place(offer(MATCH).leg("home"), stake="5.00", free_bet_id=free)
    with kernel.context(tenant.id) as ctx:
        ended = freebets.expire(ctx, {})

    assert "is expired: choose another" in answer.json["detail"]
    assert (ended, len(events("betting.free_bet_expired"))) == (2, 2)
    assert {one["state"] for one in me.get(FREE_BETS).json["items"]} == {"expired"}


def test_a_decision_that_is_taken_back_takes_its_free_bet_unless_it_was_used(
    kernel, tenant, player, offer, place, me
):
    with kernel.context(tenant.id) as ctx:
        causes = [Cause(uuid4(), "rule", 1) for _ in range(2)]
        ids = []
        for cause in causes:
            ctx.cause = cause
            ids.append(ctx.of(player).act("betting.grant_free_bet", amount=5_00))
    place(offer(MATCH).leg("home"), stake="5.00", free_bet_id=str(ids[0]))

    with kernel.context(tenant.id) as ctx:
        for cause in causes:
            freebets.undo(ctx, cause)

    states = {one["id"]: one["state"] for one in me.get(FREE_BETS).json["items"]}
    assert [states[str(id_)] for id_ in ids] == ["used", "cancelled"]


def test_a_void_bet_gives_its_free_bet_back(give, offer, place, kernel, tenant, me):
    free = give()
    place(offer(MATCH).leg("home"), stake="5.00", free_bet_id=free)

    with kernel.context(tenant.id) as ctx:
        freebets.give_back(ctx, [UUID(free)])

    assert me.get(FREE_BETS, query_string={"state": "open"}).json["items"][0]["id"] == free


def test_a_free_bet_is_not_part_of_the_stakes_of_the_day(give, offer, place, pay_in, trader, player):
    free, match = give(), offer(MATCH)
    pay_in(10_00)
    amount = {"amount": "10.00", "currency": "EUR"}
    body = {"scope": "player", "subject": str(player), "measure": "day_stake_max", "amount": amount}
    trader.put("/api/v1/betting/limits", json=body | {"reason": "A test."})

    free_one = place(match.leg("home"), stake="5.00", free_bet_id=free)
    own = place(match.leg("home"), stake="10.00")

    assert (free_one.status_code, own.status_code) == (201, 201)
