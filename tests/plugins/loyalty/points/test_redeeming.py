"""Points buy items once, from the lots that expire first, and come back to them when it is cancelled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict
from pitboss.plugins.loyalty.catalogue import items, redemptions
from pitboss.plugins.loyalty.points import book
from tests.plugins.loyalty.points.conftest import LOYALTY, registered

MUG = {"key": "mug", "title": "Mug", "price": 120, "offer": {"by_hand": "a mug"}}
DAY = 24
RACERS = 64
THREADS = 8


@pytest.fixture
def offer(staff) -> Any:
    """Put an item into the catalogue."""

    def put(**changes: Any) -> dict[str, Any]:
        answer = staff.post(f"{LOYALTY}/items", json={**MUG, **changes})
        assert answer.status_code == 201, answer.json
        return {**answer.json, "etag": answer.headers["ETag"]}

    return put


def redeem(client: Any, item: str = "mug", **headers: str) -> Any:
    return client.post(f"{LOYALTY}/me/redemptions", json={"item": item}, headers=headers)


# -- J8, step 4 ------------------------------------------------------------------------------------


def test_redemptions_consume_what_expires_first_and_expiry_takes_the_rest(
    clock, due, me, give, offer, lots_left, known
) -> None:
    for points, days in ((100, 10), (60, 20), (40, 30)):
        give(points, hours=days * DAY)
    offer()
    assert redeem(me).status_code == 201
    assert [lot["points"] for lot in me.get(f"{LOYALTY}/me/points").json["lots"]] == [100, 60, 40]
    assert known().points == 80
    held = me.get(f"{LOYALTY}/me/points").json["balances"][0]
    assert (held["balance"], held["held"]) == (80, 120)
    clock.advance(days=20)
    due()
    assert (known().points, lots_left()) == (40, [100, 20, 40])
    clock.advance(days=10)
    due()
    assert (known().points, lots_left()) == (0, [100, 20, 0])


def test_a_lot_that_expired_while_held_goes_when_it_is_given_back(
    clock, worker, staff, me, give, offer, lots_left, known
) -> None:
    give(100, hours=DAY)
    give(50)
    offer()
    taken = redeem(me).json
    clock.advance(days=2)
    cancelled = staff.post(f"{LOYALTY}/redemptions/{taken['id']}/cancel", json={"reason": "broken"})
    assert cancelled.json["state"] == "cancelled"
    assert (lots_left(), known().points) == ([0, 50], 50)


# -- by hand ---------------------------------------------------------------------------------------


def test_what_is_sent_by_hand_is_paid_when_it_arrives(staff, me, give, offer, lots_left, known) -> None:
    give(200)
    offer()
    path = f"{LOYALTY}/redemptions/{redeem(me).json['id']}"
    assert staff.post(f"{path}/send", json={"note": "parcel 7"}).json["state"] == "sent"
    assert (lots_left(), known().points) == ([200], 80)
    assert staff.post(f"{path}/deliver", json={}).json["state"] == "delivered"
    assert (lots_left(), known().points) == ([80], 80)
    for step, sent in (("send", {}), ("deliver", {}), ("cancel", {"reason": "again"})):
        assert staff.post(f"{path}/{step}", json=sent).status_code == 409


def test_a_cancelled_item_gives_points_and_stock_back(staff, me, give, offer, lots_left, known) -> None:
    give(100, hours=DAY)
    give(60)
    offer(stock=1, per_player_max=1)
    taken = redeem(me).json
    assert redeem(me).status_code == 409
    staff.post(f"{LOYALTY}/redemptions/{taken['id']}/cancel", json={"reason": "not in stock"})
    assert (lots_left(), known().points) == ([100, 60], 160)
    assert redeem(me).status_code == 201


# -- by an action ----------------------------------------------------------------------------------


def test_an_action_delivers_at_once(me, give, offer, known, lots_left) -> None:
    give(500)
    offer(offer={"action": "loyalty.grant_points", "amount": 30, "type": "REWARD_POINTS"})
    taken = redeem(me).json
    assert (taken["state"], taken["reward_id"] is not None) == ("delivered", True)
    assert (known().points, known().reward_points, lots_left()) == (380, 30, [380])


def test_an_action_that_fails_takes_no_points(kernel, tenant, me, give, offer, known) -> None:
    give(500)
    offer(stock=3, offer={"action": "loyalty.grant_points", "amount": 30, "to": "referrer"})
    assert redeem(me).status_code == 403
    with kernel.context(tenant.id) as ctx:
        assert (known().points, items.find(ctx, "mug").stock) == (500, 3)


def test_reward_points_buy_too(me, give, offer, known) -> None:
    give(150, unit="RWD")
    offer(unit="RWD")
    assert redeem(me).status_code == 201
    assert known().reward_points == 30


# -- once ------------------------------------------------------------------------------------------


def test_the_same_key_takes_once(kernel, tenant, player, give, offer, known) -> None:
    give(500)
    offer()
    ids = set()
    for _ in range(3):
        with kernel.context(tenant.id) as ctx:
            ids.add(redemptions.redeem(ctx, player, "mug", key="k-1").id)
    assert (len(ids), known().points) == (1, 380)


def test_racing_players_never_take_more_than_there_is(kernel, tenant, staff, offer) -> None:
    offer(stock=5, price=1)
    racers = [registered(kernel, tenant) for _ in range(RACERS)]
    for racer in racers:
        with kernel.context(tenant.id) as ctx:
            book.give(ctx, racer, 10, unit="PTS", cause_id=uuid7())

    def race(player: Any) -> bool:
        try:
            with kernel.context(tenant.id) as ctx:
                redemptions.redeem(ctx, player, "mug", key="only")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        won = sum(pool.map(race, racers))
    with kernel.context(tenant.id) as ctx:
        assert (won, items.find(ctx, "mug").stock) == (5, 0)
        assert len(redemptions.list_redemptions(ctx, limit=200)) == 5


def test_a_player_who_clicks_often_never_overspends(kernel, tenant, player, give, offer, known) -> None:
    give(250)
    offer()

    def click(n: int) -> bool:
        try:
            with kernel.context(tenant.id) as ctx:
                redemptions.redeem(ctx, player, "mug", key=f"k-{n}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(click, range(16))) == 2
    assert known().points == 10


# -- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "points", "reason"),
    [
        ({}, 119, "1 point is missing for Mug"),
        ({"stock": 0}, 500, "Mug is sold out"),
        ({"is_active": False}, 500, "Mug is not offered now"),
        ({"tier_min": "PLATINUM"}, 500, "Mug is for PLATINUM and above"),
    ],
)
def test_a_refusal_says_why(me, give, offer, known, changes, points, reason) -> None:
    give(points)
    offer(**changes)
    answer = redeem(me)
    assert (answer.status_code, answer.json["detail"]) == (409, reason)
    listed = me.get(f"{LOYALTY}/me/catalogue").json["items"]
    assert [one["why_not"] for one in listed] == ([reason] if changes.get("is_active", True) else [])
    assert known().points == points


def test_a_higher_tier_may(me, give, offer) -> None:
    give(500)
    offer(tier_min="GOLD")
    assert redeem(me).status_code == 201


# -- operators -------------------------------------------------------------------------------------


def test_an_item_is_edited_by_its_etag(staff, me, give, offer) -> None:
    made = offer(stock=5)
    path, changed = f"{LOYALTY}/items/mug", {k: v for k, v in MUG.items() if k != "key"}
    give(500)
    redeem(me)
    # Somebody took one meanwhile: a stock that was read before would sell it twice.
    assert staff.put(path, json=changed, headers={"If-Match": made["etag"]}).status_code == 412
    now = staff.get(path)
    assert now.json["stock"] == 4
    saved = staff.put(path, json={**changed, "stock": 4}, headers={"If-Match": now.headers["ETag"]})
    assert (saved.status_code, saved.json["revision"]) == (200, 2)
    assert staff.delete(path, headers={"If-Match": saved.headers["ETag"]}).status_code == 409


WRONG: list[dict[str, Any]] = [
    {"price": 0},
    {"unit": "EUR"},
    {"offer": {}},
    {"offer": {"action": "loyalty.grant_points"}},
    {"offer": {"action": "loyalty.grant_nothing"}},
    {"offer": {"colour": "red"}},
    {"stock": -1},
    {"tier_min": "GOLDEN"},
    {"key": "Mug!"},
]


def test_a_wrong_item_is_refused(staff) -> None:
    for wrong in WRONG:
        assert staff.post(f"{LOYALTY}/items", json={**MUG, **wrong}).status_code in (404, 422), wrong
    assert staff.get(f"{LOYALTY}/items").json["items"] == []


def test_a_catalogue_is_the_tenants_own(make_client, other_tenant, offer, me, give) -> None:
    give(500)
    offer()
    taken = redeem(me).json
    stranger = make_client("operator", "loyalty.read", "loyalty.grant", of=other_tenant)
    assert stranger.get(f"{LOYALTY}/items/mug").status_code == 404
    assert stranger.get(f"{LOYALTY}/redemptions").json["items"] == []
    path = f"{LOYALTY}/redemptions/{taken['id']}/cancel"
    assert stranger.post(path, json={"reason": "across"}).status_code == 404
