"""Bets placed elsewhere are graded by results; suggestions are logged, and withheld from the protected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate
from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import score

PROTECTED: list[object] = []


@hookimpl
def plugin_manifest():
    return Manifest(name="watchman", version="1", title="A guard, for tests")


@hookimpl
def register_listeners():
    def check(_ctx, asked):
        return "shows signs of harm" if asked["player_id"] in PROTECTED else None

    return [Guard("betting.suggest_bet", check)]


@pytest.fixture(scope="session")
def candidates(candidates) -> Sequence[Candidate]:
    part = SimpleNamespace(plugin_manifest=plugin_manifest, register_listeners=register_listeners)
    return [*candidates, Candidate("watchman", lambda: part)]


@pytest.fixture
def tenant(make_tenant):
    return make_tenant("sports", "betting", "watchman")


@pytest.fixture
def match(world, clock):
    return world.match("Leeds", "Hull", at=clock.now() + timedelta(hours=2))


@pytest.fixture
def record(me, tenant, clock, match):
    def write(**said):
        body = {
            "reference": str(uuid7()),
            "bookmaker": "Corner shop",
            "fixture_id": str(match),
            "template": "match_result",
            "selection": "home",
            "odds": "2.10",
            "stake": {"amount": "10.00", "currency": tenant.currency},
            "placed_at": clock.now().isoformat(),
        }
        headers = {"Idempotency-Key": str(uuid7())}
        return me.post(f"{BETTING}/me/external-bets", json={**body, **said}, headers=headers)

    return write


def test_a_result_grades_records_and_a_correction_grades_them_again(
    record, me, match, world, kernel, tenant, worker
):
    home = record().json["id"]
    half = record(template="total_goals", line="2.75", selection="over").json["id"]

    def states():
        found = me.get(f"{BETTING}/me/external-bets").json["items"]
        return {one["id"]: (one["state"], one["payout"]["amount"]) for one in found}

    for goals, wanted in (((2, 1), ("won", "21.00")), ((1, 1), ("lost", "0.00"))):
        with kernel.context(tenant.id) as ctx:
            world.result(ctx, match, score(*goals))
        worker()
        assert states()[home] == wanted
        if goals == (2, 1):
            assert states()[half] == ("won", "15.50")
    figures = me.get(f"{BETTING}/me/external-bets/figures").json
    assert (figures["count"], figures["is_few"], figures["roi"]) == (2, True, "-1.000000")
    assert me.delete(f"{BETTING}/me/external-bets/{home}").status_code == 409


def test_a_record_must_fit_its_fixture_and_can_be_struck_out_while_open(record, me):
    assert "did you mean 'home'?" in record(selection="hme").json["detail"]
    assert record(template="winner").status_code == 422
    assert record(odds="1").status_code == 422
    one = record(reference="same")
    assert record(reference="same").status_code == 409
    assert me.delete(f"{BETTING}/me/external-bets/{one.json['id']}").status_code == 204


@pytest.fixture
def suggested(kernel, tenant, player, match):
    def make(key="daily"):
        with kernel.context(tenant.id) as ctx:
            book = books.publish(ctx, match, home="1.88", draw="3.14", away="4.71")
        with kernel.context(tenant.id) as ctx:
            ctx.of(player).act(
                "betting.suggest_bet",
                key=key,
                selections=[str(books.selection(book, "home"))],
                model="elo",
                model_version="3",
                inputs={"rating": 1612},
                why="Five wins at home",
            )
            return books.selection(book, "home")

    return make


def test_a_suggestion_says_by_which_model_from_what_and_why(suggested, me):
    suggested()
    [one] = me.get(f"{BETTING}/me/suggestions").json["items"]
    assert (one["model"], one["model_version"], one["inputs"]) == ("elo", "3", {"rating": 1612})
    assert (one["legs"][0]["odds"], one["why"]) == ("1.88", "Five wins at home")
    done = me.post(f"{BETTING}/me/suggestions/{one['id']}/dismiss").json
    assert done["state"] == "dismissed"
    assert me.post(f"{BETTING}/me/suggestions/{one['id']}/dismiss").status_code == 409
    stranger = {"bet_id": str(uuid7())}
    assert me.post(f"{BETTING}/me/suggestions/{one['id']}/follow", json=stranger).status_code == 409


def test_who_is_protected_gets_no_suggestions_and_operators_see_why(suggested, me, trader, player):
    PROTECTED.append(player)
    try:
        suggested()
        assert me.get(f"{BETTING}/me/suggestions").json["items"] == []
    finally:
        PROTECTED.clear()
    [one] = trader.get(f"{BETTING}/players/{player}/suggestions").json["items"]
    assert (one["state"], one["withheld_because"]) == ("withheld", "shows signs of harm")
    assert me.get(f"{BETTING}/me/suggestions").json["items"] == []


def test_an_operator_sees_bets_elsewhere_on_the_page_of_a_player(record, make_client, player):
    record()
    page = make_client("operator", "betting.read").get(f"/admin/betting/bets/players/{player}").text
    assert "Bets placed elsewhere" in page
    assert "Corner shop" in page
