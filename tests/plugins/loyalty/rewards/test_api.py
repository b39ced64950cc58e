"""Rewards over HTTP, of players and of operators."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.core import audit
from pitboss.core.clock import uuid7
from tests.plugins.loyalty.rewards.conftest import ROOT


@pytest.fixture
def staff(make_client):
    """An operator who may see and give rewards."""
    return make_client("operator", "loyalty.read", "loyalty.grant")


@pytest.fixture
def gift(staff, player):
    """Give by hand: `gift(type="bonus", amount="10.00")`."""

    def post(amount: str | None = None, client=staff, **more):
        sent = {"player_id": str(player), "reason": "a birthday", **more}
        if amount is not None:
            sent["amount"] = {"amount": amount, "currency": "EUR"}
        return client.post(f"{ROOT}/rewards", json=sent)

    return post


def test_an_operator_gives_a_bonus_and_the_player_sees_its_progress(gift, mine, play, kernel, tenant) -> None:
    terms = {"wagering_requirement": 10, "max_bet": 5, "eligible_games": ["slot"], "expiry_hours": 48}
    given = gift("10.00", type="bonus", terms=terms)
    assert given.status_code == 201, given.json
    play.wager("slot", "5")
    seen = mine.get(f"{ROOT}/me/rewards/{given.json['id']}").json
    assert seen["bonus"] == {
        "balance": {"amount": "10.00", "currency": "EUR"},
        "requirement": {"amount": "100.00", "currency": "EUR"},
        "wagered": {"amount": "5.00", "currency": "EUR"},
        "missing": {"amount": "95.00", "currency": "EUR"},
        "percent": 5.0,
        "max_bet": {"amount": "5.00", "currency": "EUR"},
        "eligible_games": ["slot"],
        "is_sticky": False,
        "breaches": 0,
    }
    assert [(one["outcome"], one["counted"]["amount"]) for one in seen["stakes"]] == [("counted", "5.00")]
    with kernel.context(tenant.id) as ctx:
        [found] = audit.search(ctx, audit.Filter(action="loyalty.give_reward")).entries
    assert found["reason"] == "a birthday"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"type": "bonus"}, "amount"),
    ({"type": "free_spins"}, "units"),
    ({"type": "bonus", "amount": "-1.00"}, "amount"),
    ({"type": "bonus", "amount": "1.00", "terms": {"key": "x"}}, "terms"),
    ({"type": "bonus", "amount": "1.00", "terms": {"wagering": 10}}, "wagering"),
    ({"type": "yacht", "amount": "1.00"}, "type"),
    ({"type": "cash", "amount": "1.00", "reason": ""}, "reason"),
]


def test_what_is_wrong_is_said_at_its_field(gift) -> None:
    for sent, field in WRONG:
        answer = gift(**sent)
        assert answer.status_code == 422, sent
        assert field in str(answer.json["errors"]), sent


def test_wallets_show_every_bonus_apart_in_the_order_of_use(gift, mine, money) -> None:
    money.add(2500)
    later = gift("10.00", type="bonus", terms={"wagering_requirement": 10, "expiry_hours": 72}).json["id"]
    sooner = gift("5.00", type="bonus", terms={"wagering_requirement": 20, "expiry_hours": 24}).json["id"]
    spins = gift(type="free_spins", units=3, terms={"value": 0.2}).json["id"]
    gift(type="tickets", units=7)
    seen = mine.get(f"{ROOT}/me/wallets").json
    assert [one["id"] for one in seen["bonuses"]] == [sooner, later]
    assert [one["bonus"]["requirement"]["amount"] for one in seen["bonuses"]] == ["100.00", "100.00"]
    assert [(one["id"], one["free_play"]["left"]) for one in seen["free_plays"]] == [(spins, 3)]
    assert (seen["cash"]["amount"], seen["bonus"]["amount"], seen["tickets"]) == ("25.00", "15.00", 7)


def test_a_player_claims_what_waits(gift, mine) -> None:
    waits = gift("10.00", type="cash", claimable=True).json
    assert waits["status"] == "claimable"
    claimed = mine.post(f"{ROOT}/me/rewards/{waits['id']}/claim")
    assert (claimed.status_code, claimed.json["status"]) == (200, "completed")
    assert mine.post(f"{ROOT}/me/rewards/{waits['id']}/claim").status_code == 409


def test_an_operator_cancels_with_a_reason(gift, staff, mine, told, money) -> None:
    given = gift("10.00", type="bonus", terms={"wagering_requirement": 10}).json["id"]
    done = staff.post(f"{ROOT}/rewards/{given}/cancel", json={"reason": "given in error"})
    assert (done.json["status"], done.json["reason"]) == ("cancelled", "given in error")
    assert (money("bonus", given), money.house("bonus_cost")) == ("0.00", "0.00")
    assert staff.post(f"{ROOT}/rewards/{given}/cancel", json={"reason": "again"}).status_code == 409
    assert told() == ["For you: a bonus of 10.00 EUR", "Cancelled: bonus"]


def test_rewards_come_in_pages_the_newest_first(gift, mine, staff, player) -> None:
    given = [gift("1.00", type="cash").json["id"] for _ in range(3)]
    first = mine.get(f"{ROOT}/me/rewards?limit=2").json
    rest = mine.get(f"{ROOT}/me/rewards?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in (*first["items"], *rest["items"])] == given[::-1]
    listed = staff.get(f"{ROOT}/players/{player}/rewards?status=completed&type=cash").json["items"]
    assert len(listed) == 3
    assert staff.get(f"{ROOT}/players/{player}/rewards?status=active").json["items"] == []


def test_nobody_sees_what_is_not_theirs(gift, make_client, other_tenant, player) -> None:
    given = gift("1.00", type="cash").json["id"]
    stranger = make_client("player")
    assert stranger.get(f"{ROOT}/me/rewards/{given}").status_code == 404
    assert stranger.post(f"{ROOT}/me/rewards/{given}/claim").status_code == 404
    abroad = make_client("operator", "*", of=other_tenant)
    assert abroad.get(f"{ROOT}/rewards/{given}").status_code == 404
    assert abroad.get(f"{ROOT}/players/{player}/rewards").status_code == 404
    assert abroad.post(f"{ROOT}/rewards/{given}/cancel", json={"reason": "mine now"}).status_code == 404


def test_giving_needs_the_permission(gift, make_client) -> None:
    assert gift("1.00", make_client("operator", "loyalty.read"), type="cash").status_code == 403
    assert make_client("operator").get(f"{ROOT}/rewards/{uuid7()}").status_code == 403
