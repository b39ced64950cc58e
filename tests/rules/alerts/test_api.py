"""Alerts over HTTP."""

from __future__ import annotations

import pytest

from pitboss.core.clock import uuid7
from tests.rules.alerts.conftest import alert, price_alert

ROOT = "/api/v1/rules"


@pytest.fixture
def mine(live, client):
    """A player to whom an alert is offered, and their subscription to it."""
    live(price_alert(description="Odds over yours.", channels=["in_app", "email"]), alert())
    sent = {"rule": "value", "threshold": 2.5, "about": "m1"}
    return client, client.post(f"{ROOT}/me/alerts", json=sent)


def test_a_player_sees_what_is_offered_and_what_they_asked_for(mine) -> None:
    client, made = mine
    found = client.get(f"{ROOT}/me/alerts").json
    assert made.status_code == 201
    assert found["subscriptions"] == [made.json]
    assert found["offers"] == [
        {
            "rule": "value",
            "name": "value",
            "description": "Odds over yours.",
            "needs_threshold": True,
            "channels": ["in_app", "email"],
            "events": ["casino.price_moved"],
        }
    ]


def test_a_subscription_is_changed_as_it_was_read(mine) -> None:
    client, made = mine
    at = f"{ROOT}/me/alerts/{made.json['id']}"
    assert client.patch(at, json={"threshold": 3}).status_code == 428
    etag = client.get(at).headers["ETag"]
    changed = client.patch(at, json={"threshold": 3, "channels": ["email"]}, headers={"If-Match": etag})
    assert (changed.json["threshold"], changed.json["channels"]) == (3.0, ["email"])
    stale = client.patch(at, json={"threshold": 4}, headers={"If-Match": etag})
    assert stale.status_code == 412


def test_a_subscription_ends(mine) -> None:
    client, made = mine
    assert client.delete(f"{ROOT}/me/alerts/{made.json['id']}").status_code == 204
    assert client.get(f"{ROOT}/me/alerts").json["subscriptions"] == []


def test_what_is_wrong_is_said_at_its_field(mine) -> None:
    client, _ = mine
    answer = client.post(f"{ROOT}/me/alerts", json={"rule": "big-loss"})
    assert answer.status_code == 422
    assert "rule" in answer.json["fields"] if "fields" in answer.json else "rule" in str(answer.json)
    assert client.post(f"{ROOT}/me/alerts", json={"rule": "value", "threshold": "x"}).status_code == 422


def test_operators_see_what_fired(live, player, lose, priced, make_client) -> None:
    live(alert(severity=8), alert("low", message="low", severity=2))
    someone = player()
    lose(someone, 100_00)
    staff = make_client("operator", "rules.read")
    found = staff.get(f"{ROOT}/alerts").json["items"]
    assert {one["rule"] for one in found} == {"big-loss", "low"}
    for query, expected in (
        ("severity_min=5", ["big-loss"]),
        ("rule=low", ["low"]),
        (f"player_id={someone}&rule=big-loss", ["big-loss"]),
        (f"player_id={uuid7()}", []),
    ):
        found = staff.get(f"{ROOT}/alerts?{query}").json["items"]
        assert [one["rule"] for one in found] == expected, query


def test_what_fired_comes_in_pages(live, player, lose, make_client) -> None:
    live(alert())
    for _ in range(3):
        lose(player(), 100_00)
    staff = make_client("operator", "rules.read")
    first = staff.get(f"{ROOT}/alerts?limit=2").json
    second = staff.get(f"{ROOT}/alerts?limit=2&cursor={first['next_cursor']}").json
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (2, 1, None)


def test_alerts_are_for_whom_they_concern(mine, make_client, other_tenant) -> None:
    client, made = mine
    at = f"{ROOT}/me/alerts/{made.json['id']}"
    assert make_client("player").get(at).status_code == 404
    assert make_client("player", of=other_tenant).delete(at).status_code == 404
    assert make_client("operator", "*").get(f"{ROOT}/me/alerts").status_code in (401, 403)
    assert client.get(f"{ROOT}/alerts").status_code == 403
    assert make_client().get(f"{ROOT}/me/alerts").status_code == 401
