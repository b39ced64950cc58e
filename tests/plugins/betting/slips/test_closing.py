"""The closing price is kept beside each leg: how good the price was that a player took."""

from __future__ import annotations

from tests.plugins.betting.fixtures import score


def test_a_leg_keeps_the_last_price_before_its_market_closed(
    kernel, tenant, world, worker, offer, pay_in, place, change_market, me
):
    pay_in(100_00)
    match = offer({"home": "2.00", "draw": "3.40", "away": "3.75"})
    bet = place(match.leg("home"))
    assert bet.status_code == 201, bet.json
    change_market(match, odds={"home": "1.80"})

    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match.fixture_id, score(1, 0))
    worker()

    legs = me.get(f"/api/v1/betting/bets/{bet.json['id']}").json["legs"]
    assert (legs[0]["odds"], legs[0]["closing_odds"]) == ("2.00", "1.80")


def test_the_price_of_a_market_that_goes_in_play_is_that_of_the_start(
    kernel, tenant, world, worker, offer, pay_in, place, change_market, me
):
    pay_in(100_00)
    match = offer({"home": "2.00", "draw": "3.40", "away": "3.75"}, goes_in_play=True)
    before = place(match.leg("home")).json["id"]
    change_market(match, odds={"home": "1.80"})
    with kernel.context(tenant.id) as ctx:
        world.change(ctx, match.fixture_id, status="live", is_live=True)
    worker()
    change_market(match, odds={"home": "1.20"})
    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match.fixture_id, score(1, 0))
    worker()

    [leg] = me.get(f"/api/v1/betting/bets/{before}").json["legs"]
    assert (leg["odds"], leg["closing_odds"]) == ("2.00", "1.80")
