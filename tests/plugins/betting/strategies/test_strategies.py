"""A strategy is written, tried out, run dry and followed, and stops where it must."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import score

STOPS = {"stake_max": 1000, "day_loss_max": 1000, "day_bets_max": 3}
DOCUMENT = {
    "templates": ["match_result"],
    "when": "odds >= 1.8 and selection == 'home' and hours_to_start < 24",
    "stake": 1000,
    "stops": STOPS,
}


@pytest.fixture
def strategy(me):
    """Write a strategy: `strategy(when="odds > 2")` returns its address."""

    def write(**changes):
        body = {"name": "Home sides", "document": {**DOCUMENT, **changes}}
        answer = me.post(f"{BETTING}/me/strategies", json=body)
        assert answer.status_code == 201, answer.json
        return f"{BETTING}/me/strategies/{answer.json['id']}"

    return write


@pytest.fixture
def offer(kernel, tenant, world, clock):
    """Publish a match in two hours: `offer(home="1.88")`."""

    def publish(home="1.88"):
        match = world.match("Leeds", "Hull", at=clock.now() + timedelta(hours=2))
        with kernel.context(tenant.id) as ctx:
            books.publish(ctx, match, home=home, draw="3.14", away="4.71")
        return match

    return publish


@pytest.fixture
def run(kernel, tenant, worker):
    """Let all strategies look at what is open."""

    def look():
        with kernel.context(tenant.id) as ctx:
            ctx.enqueue("betting.run_strategies")
        worker()

    return look


@pytest.fixture
def ends(kernel, tenant, world, worker, clock):
    """Let a match end: `ends(match, 0, 1)`."""

    def record(match, home, away):
        clock.advance(hours=4)
        with kernel.context(tenant.id) as ctx:
            world.result(ctx, match, score(home, away))
        worker()

    return record


def test_a_dry_run_picks_once_and_bets_nothing(strategy, offer, run, me, pay_in, cash):
    pay_in(100_00)
    address = strategy()
    me.post(f"{address}/mode", json={"mode": "dry_run"})
    offer(), offer(home="1.50")
    run(), run()
    [pick] = me.get(f"{address}/picks").json["items"]
    assert (pick["state"], pick["odds"], pick["facts"]["rank"]) == ("dry", "1.8800", 1)
    assert cash() == 100_00


def test_a_strategy_that_is_followed_bets_and_its_loss_of_a_day_switches_it_off(
    strategy, offer, run, ends, me, pay_in, cash, events
):
    pay_in(100_00)
    address = strategy()
    me.post(f"{address}/mode", json={"mode": "follow"})
    match = offer()
    run()
    [pick] = me.get(f"{address}/picks").json["items"]
    assert (pick["state"], cash()) == ("placed", 90_00)
    assert me.get(f"{BETTING}/bets/{pick['bet_id']}").json["stake"]["amount"] == "10.00"

    ends(match, 0, 1)
    offer()
    run()
    after = me.get(address).json
    assert (after["mode"], cash()) == ("off", 90_00)
    assert after["stopped_because"] == "day_loss_max: lost 1000 of 1000 today"
    assert len(events("betting.strategy_stopped")) == 1


def test_a_bet_that_is_refused_leaves_a_pick_with_the_reason(strategy, offer, run, me):
    address = strategy()
    me.post(f"{address}/mode", json={"mode": "follow"})
    offer()
    run()
    [pick] = me.get(f"{address}/picks").json["items"]
    assert (pick["state"], pick["bet_id"]) == ("refused", None)
    assert pick["refused_because"]


def test_a_strategy_is_tried_out_on_the_past_with_its_closing_line_value(
    strategy, offer, ends, me, clock, kernel, tenant
):
    begins = clock.now()
    for goals in ((1, 0), (0, 1)):
        ends(offer(), *goals)
    body = {"begins_at": begins.isoformat(), "ends_at": clock.now().isoformat()}
    done = me.post(f"{strategy()}/evaluations", json=body).json
    figures = done["measures"]
    assert (figures["count"], figures["is_few"], figures["profit"]["amount"]) == (2, True, "-1.20")
    assert (figures["roi"], figures["drawdown_max"]["amount"]) == ("-0.060000", "10.00")
    assert figures["closing_value"]["mean"] == "0.000000"
    assert [one["returned"] for one in done["bets"]] == [1880, 0]
    body["ends_at"] = (clock.now() + timedelta(days=1)).isoformat()
    assert me.post(f"{strategy()}/evaluations", json=body).status_code == 422


def test_a_change_is_a_new_version_on_the_one_that_was_read(strategy, me, client):
    address = strategy()
    body = {"version": 1, "document": {**DOCUMENT, "stake": 500}}
    assert me.put(address, json=body).json["version"] == 2
    assert me.put(address, json=body).status_code == 412
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"when": "odss > 2"}, "did you mean"),
        ({"when": "odds + 2"}, "when"),
        ({"when": "__import__('os')"}, "when"),
        ({"stake": 2000}, "above its own stop"),
        ({"templates": ["match_reslt"]}, "match_result"),
    ],
)
def test_what_a_strategy_cannot_mean_is_refused_with_the_cure(me, wrong, said):
    answer = me.post(f"{BETTING}/me/strategies", json={"name": "x", "document": {**DOCUMENT, **wrong}})
    assert answer.status_code in (404, 422)
    assert said in str(answer.json)


def test_an_operator_reads_what_a_strategy_says_and_picked(strategy, offer, run, me, player, make_client):
    address = strategy()
    me.post(f"{address}/mode", json={"mode": "dry_run"})
    offer()
    run()
    clerk = make_client("operator", "betting.read")

    bettor = clerk.get(f"/admin/betting/bets/players/{player}").text
    page = clerk.get(f"/admin/betting/strategies/{address.rpartition('/')[2]}").text

    assert "Home sides" in bettor
    assert "Dry run" in bettor
    assert "odds &gt;= 1.8" in page
    assert "Not placed" in page
    assert "1.88" in page
    stranger = make_client("operator", "core.players.read")
    assert stranger.get(f"/admin/betting/strategies/{address.rpartition('/')[2]}").status_code == 403
