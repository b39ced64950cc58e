"""What operators and players do with settlements over HTTP."""

from __future__ import annotations

import pytest

from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import score

WHY = {"reason": "The feed had the sides wrong"}


@pytest.fixture
def runs(trader):
    """Read the runs in a state: `runs("waiting")`."""

    def read(state):
        answer = trader.get(f"{BETTING}/settlement-runs?state={state}")
        assert answer.status_code == 200, answer.json
        return answer.json["items"]

    return read


def test_a_correction_is_previewed_confirmed_and_explained_with_money_that_adds_up(
    match, market, bet, result, trader, me, runs, worker
):
    one = market(match)
    mine = bet([(one, "home", "1.88")])
    result(match, score(2, 1))
    result(match, score(1, 2), state="corrected")
    [run] = runs("waiting")

    seen = trader.get(f"{BETTING}/settlement-runs/{run['id']}/preview").json
    assert seen["summary"] == "re-settles 1 bet, net 18.80 EUR"
    assert seen["changes"][0]["before"] == {"amount": "18.80", "currency": "EUR"}
    done = trader.post(f"{BETTING}/settlement-runs/{run['id']}/confirm", json=WHY)
    assert done.json["state"] == "running"
    again = trader.post(f"{BETTING}/settlement-runs/{run['id']}/confirm", json=WHY)
    assert again.status_code == 409
    worker()
    assert runs("done")[0]["settled_count"] == 1

    said = me.get(f"{BETTING}/bets/{mine}/explanation").json
    first, second = said["settlements"]
    assert (first["payout"]["amount"], second["payout"]["amount"]) == ("18.80", "0.00")
    assert [one["replay"]["is_same"] for one in said["settlements"]] == [True, True]
    assert (first["legs"][0]["result_version"], second["legs"][0]["result_version"]) == (1, 2)
    assert first["legs"][0]["source"]["confirmed_by"] == "operator:referee"
    assert first["legs"][0]["rules"]["version"] == 1
    assert "1.88" in first["sum"]["arithmetic"]
    assert [one["op"] for one in said["journals"]] == [
        "betting.place",
        "betting.settle",
        "reverse",
        "betting.settle",
    ]
    assert said["balance"]["sum"]["amount"] == "0.00"
    answers = trader.get(f"{BETTING}/markets/{one}/answers").json["items"]
    assert [answer["version"] for answer in answers] == [2, 1]


def test_a_made_up_result_shows_what_it_would_change_and_keeps_nothing(match, market, bet, trader, state):
    one = market(match)
    open_bet = bet([(one, "home", "3")])
    seen = trader.post(f"{BETTING}/fixtures/{match}/what-if", json={"outcome": score(1, 0)}).json
    assert seen["summary"] == "settles 1 bet, net -20.00 EUR"
    assert state(open_bet).state == "accepted"
    nothing = trader.post(f"{BETTING}/fixtures/{match}/what-if", json={"outcome": {}}).json
    assert nothing["summary"] == "changes no bet"
    assert "no periods" in nothing["problems"][str(one)]


@pytest.mark.parametrize(
    ("outcome", "pointer"),
    [
        ({"periods": "none"}, "#/outcome/periods"),
        ({"periods": ["1h"]}, "#/outcome/periods/0"),
        ({"periods": [{"home": 1, "away": 0}]}, "#/outcome/periods/0/code"),
        ({"positions": [{"participant": "a", "position": "first"}]}, "#/outcome/positions/0/position"),
        ({"unplaced": 3}, "#/outcome/unplaced"),
        ({"statistics": {"corners": 3}}, "#/outcome/statistics/corners/value"),
    ],
)
def test_a_made_up_result_of_the_wrong_shape_is_refused(match, market, trader, outcome, pointer):
    market(match)
    answer = trader.post(f"{BETTING}/fixtures/{match}/what-if", json={"outcome": outcome})
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])


def test_voids_are_previewed_and_done(match, market, bet, trader, worker, cash):
    one = market(match)
    single, other = bet([(one, "home", "3")]), bet([(one, "away", "3")])
    body = {**WHY, "selection": "home", "is_preview": True}
    seen = trader.post(f"{BETTING}/markets/{one}/void", json=body).json
    assert seen["preview"]["settled_count"] == 1
    wrong = trader.post(f"{BETTING}/markets/{one}/void", json={**body, "selection": "hme"})
    assert (wrong.status_code, "did you mean 'home'?" in wrong.json["detail"]) == (422, True)
    assert trader.post(f"{BETTING}/markets/{one}/void", json={**body, "is_preview": False}).json["run_id"]
    worker()
    assert cash() == 99_000
    done = trader.post(f"{BETTING}/bets/{other}/void", json=WHY).json
    assert (done["state"], done["payout"]["amount"], cash()) == ("voided", "10.00", 100_000)
    assert trader.post(f"{BETTING}/bets/{single}/void", json={"reason": ""}).status_code == 422


def test_a_guard_holds_a_run_until_it_is_released(
    match, market, bet, result, trader, runs, worker, state, objections
):
    held = bet([(market(match), "home", "3")])
    objections.append("an unusual pattern of stakes")
    result(match, score(1, 0))
    [run] = runs("held")
    assert run["held"] == ["an unusual pattern of stakes"]
    assert state(held).state == "accepted"
    trader.post(f"{BETTING}/settlement-runs/{run['id']}/release", json=WHY)
    worker()
    assert state(held).payout == 3000


def test_a_run_that_is_stopped_goes_on_where_it_stood(
    match, market, bet, result, trader, runs, worker, state, monkeypatch, kernel, tenant, world
):
    from pitboss.plugins.betting.settling import runs as work
    from pitboss.plugins.betting.settling.planning import Ahead

    monkeypatch.setattr(work, "PIECE_BETS", 1)
    one = market(match)
    bets = [bet([(one, "home", "2")]) for _ in range(3)]
    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match, score(1, 0))
        run_id = work.begin(ctx, f"result:{match}:1", match, kind="settle", result_version=1)
    with kernel.context(tenant.id) as ctx:
        work.prepare(ctx, work.find(ctx, run_id))
        with Ahead(ctx) as ahead:
            work.step(ctx, run_id, ahead)
    assert trader.post(f"{BETTING}/settlement-runs/{run_id}/stop", json=WHY).json["looked_count"] == 1
    worker()
    assert [state(one).state for one in bets] == ["settled", "accepted", "accepted"]
    trader.post(f"{BETTING}/settlement-runs/{run_id}/resume", json=WHY)
    worker()
    assert [run["settled_count"] for run in runs("done")] == [3]


def test_an_explanation_is_for_its_player_and_for_who_may_read(
    match, market, bet, client, make_client, other_tenant
):
    mine = bet([(market(match), "home", "2")])
    path = f"{BETTING}/bets/{mine}/explanation"
    assert client.get(path).status_code == 404
    assert make_client("operator", "betting.trade").get(path).status_code == 403
    assert make_client("operator", "betting.*", of=other_tenant).get(path).status_code == 404
    assert make_client("operator", "betting.read").get(path).json["settlements"] == []


def test_a_newer_result_puts_away_what_waits_by_an_older_one(
    match, market, bet, result, trader, runs, objections, state
):
    """A held run and a correction that waits would else undo the result that came after them."""
    one = bet([(market(match), "home", "3")])
    objections.append("odd")
    result(match, score(1, 0))
    objections.clear()
    result(match, score(0, 1), state="corrected")
    assert (state(one).state, state(one).payout) == ("settled", 0)
    result(match, score(1, 0), state="corrected")
    result(match, score(0, 1), state="corrected")
    assert runs("waiting") == runs("held") == []
    assert len(runs("superseded")) == 2
