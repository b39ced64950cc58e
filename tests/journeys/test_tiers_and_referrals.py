"""J8: points, tiers, redemption, referral and abuse, over HTTP alone, each from an empty tenant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.journeys.conftest import API, LOYALTY, deposit, inbox, purse, wager
from tests.plugins.loyalty.samples import ORACLES

EARN = ORACLES["points.earn"]["expected"]
TIERS = {"1": "BRONZE", "1.5": "GOLD", "2": "PLATINUM"}
"""The tiers that everyone starts with, by how much more a stake earns."""
WINDOW, GRACE, NOTICE = timedelta(days=90), timedelta(days=7), timedelta(days=14)
SECOND = timedelta(seconds=1)
LADDER = {
    "mode": "window",
    "window_days": WINDOW.days,
    "grace_days": GRACE.days,
    "tiers": [
        {"code": "BASIC", "title": "Basic", "entry": 0},
        {
            "code": "SILVER",
            "title": "Silver",
            "entry": 100,
            "multiplier": "1.25",
            "texts": ["A host of your own."],
            "actions": [{"action": "loyalty.grant_cash", "amount": "5.00"}],
        },
    ],
}
REFERRAL = {
    "referrer_offer": {"action": "loyalty.grant_cash", "amount": "10.00"},
    "friend_offer": {"action": "loyalty.grant_cash", "amount": "5.00"},
    "rewards_max": 2,
}
HOME = {"device": ["a tablet"], "card": ["4111 as the platform hashed it"]}
WORK = {"device": ["a laptop"], "card": ["5500 as the platform hashed it"]}


def points(player: Any) -> int:
    """Return how many points a player has."""
    balance: int = player.get(f"{LOYALTY}/me/points").json["balances"][0]["balance"]
    return balance


def tier(player: Any) -> str:
    """Return a player's tier."""
    code: str = player.get(f"{LOYALTY}/me/tier").json["tier"]["code"]
    return code


# -- steps 1 to 3: points and tiers ----------------------------------------------------------------


def test_points_are_earned_to_the_last_part_of_one(switch_on, register, staff, send) -> None:
    switch_on("loyalty")
    player, balance = register("Ann"), 0
    path = f"{LOYALTY}/players/{player.player_id}/tier"

    for step in EARN["trace"]:
        fixed = {"tier": TIERS[step["tier_multiplier"]], "reason": "she comes from another brand"}
        assert staff.put(path, json=fixed).status_code == 200
        send(player, wager(step["wager"]))
        balance += step["points"]
        assert points(player) == balance

    # The carry is not shown: .25 and .749 make no point, and a thousandth more does.
    assert staff.delete(path, query_string={"reason": "that is over"}).status_code == 200
    shown = []
    for amount in ("7.49", "0.01"):
        send(player, wager(amount))
        shown.append(points(player))
    assert (EARN["trace"][-1]["carry"], shown) == ("0.25", [balance, balance + 1])


def test_a_tier_comes_at_once_and_goes_at_its_second(
    switch_on, register, staff, send, worker, clock, due
) -> None:
    switch_on("loyalty")
    etag = {"If-Match": staff.get(f"{LOYALTY}/tiers").headers["ETag"]}
    assert staff.put(f"{LOYALTY}/tiers", json={"document": LADDER}, headers=etag).status_code == 200
    clock.advance(minutes=1)
    player = register("Ann")

    it_comes_with_the_hundredth_point(player, send, worker)
    it_is_lost_after_window_and_grace(player, staff, clock, due)


def it_comes_with_the_hundredth_point(player: Any, send: Any, worker: Any) -> None:
    send(player, wager("999.00"))
    assert tier(player) == "BASIC"
    assert player.get(f"{LOYALTY}/me/tier").json["next"]["sentence"] == "1 point to Silver"

    send(player, wager("1.00"))
    assert (tier(player), points(player)) == ("SILVER", 100)
    worker()
    assert purse(player, "cash") == "5.00"
    [message] = [
        one
        for one in player.get(f"{API}/notifications/inbox").json["items"]
        if one["subject"] == "You are Silver now"
    ]
    assert "A host of your own." in message["body"]


def it_is_lost_after_window_and_grace(player: Any, staff: Any, clock: Any, due: Any) -> None:
    lost_at = clock.now() + WINDOW + GRACE
    assert datetime.fromisoformat(player.get(f"{LOYALTY}/me/tier").json["loss"]["at"]) == lost_at

    for moment, is_told in ((lost_at - NOTICE - SECOND, False), (lost_at - NOTICE, True)):
        clock.set(moment)
        due("judge_tiers")
        assert ("Stay Silver" in inbox(player)) is is_told
    for moment, code in ((lost_at - SECOND, "SILVER"), (lost_at, "BASIC")):
        clock.set(moment)
        due("judge_tiers")
        assert tier(player) == code
    history = staff.get(f"{LOYALTY}/players/{player.player_id}/tier/history").json["items"]
    assert (history[0]["before"], history[0]["after"]) == ("SILVER", "BASIC")
    assert datetime.fromisoformat(history[0]["at"]) == lost_at
    assert inbox(player)[:2] == ["You are Basic now", "Stay Silver"]


# -- step 4: redemption ----------------------------------------------------------------------------


def test_points_are_spent_and_expire_the_oldest_first(switch_on, register, staff, clock, due) -> None:
    switch_on("loyalty")
    player = register("Ann")
    for earned in (100, 60, 40):
        given = {"points": earned, "reason": "for a tournament"}
        path = f"{LOYALTY}/players/{player.player_id}/points/adjust"
        assert staff.post(path, json=given).status_code == 200
        clock.advance(days=10)

    mug = {"key": "mug", "title": "Mug", "price": 120, "offer": {"by_hand": "a mug"}}
    assert staff.post(f"{LOYALTY}/items", json=mug).status_code == 201
    taken = player.post(f"{LOYALTY}/me/redemptions", json={"item": "mug"})
    assert taken.status_code == 201, taken.json
    sent = staff.post(f"{LOYALTY}/redemptions/{taken.json['id']}/deliver", json={"note": "in person"})
    assert sent.json["state"] == "delivered"

    lots = player.get(f"{LOYALTY}/me/points").json["lots"]
    assert [lot["points"] for lot in lots] == [40, 40]
    ends_at = datetime.fromisoformat(lots[0]["expires_at"])
    for moment, left in ((ends_at - SECOND, 80), (ends_at, 40)):
        clock.set(moment)
        due("expire_points")
        assert points(player) == left
    last = player.get(f"{LOYALTY}/me/points/history").json["items"][0]
    assert (last["what"], last["points"], last["after"]) == ("points.expire", -40, 40)
    assert datetime.fromisoformat(last["at"]) == ends_at


# -- step 5: referral and abuse --------------------------------------------------------------------


@pytest.fixture
def see(platform, worker) -> Callable[[Any, Any], None]:
    """Tell on which devices and with which cards a player was seen."""

    def tell(player: Any, traits: dict[str, list[str]]) -> None:
        answer = platform.post(f"{LOYALTY}/players/{player.player_id}/traits", json=traits)
        assert answer.status_code == 200, answer.json
        worker()

    return tell


@pytest.fixture
def bring(register, send, worker) -> Callable[..., Any]:
    """Have a friend register by somebody's code: `bring(ann, "Bob")`."""

    def friend(referrer: Any, name: str) -> Any:
        code = referrer.post(f"{LOYALTY}/me/referral").json["code"]
        player = register(name)
        claimed = player.post(f"{LOYALTY}/me/referral/claim", json={"code": code})
        assert claimed.status_code == 201, claimed.json
        return player

    return friend


@pytest.fixture
def qualify(send, worker) -> Callable[[Any], None]:
    """Have a friend deposit and bet as much as is asked."""

    def play(player: Any) -> None:
        for item in (deposit("20.00"), wager("50.00")):
            send(player, item)
            worker()

    return play


@pytest.fixture
def referral(staff) -> Callable[[Any], Any]:
    """Return a friend's referral, as operators see it."""

    def read(friend: Any) -> Any:
        listed = staff.get(f"{LOYALTY}/referrals").json["items"]
        return next(one for one in listed if one["friend_id"] == str(friend.player_id))

    return read


@pytest.fixture
def reject(staff, referral, worker) -> Callable[[Any], str]:
    """Have an operator reject a friend's referral; return what became of it."""

    def decide(friend: Any) -> str:
        path = f"{LOYALTY}/referrals/{referral(friend)['id']}/reject"
        answer = staff.post(path, json={"reason": "one person with two accounts"})
        worker()
        state: str = answer.json["state"]
        return state

    return decide


def test_a_friend_is_rewarded_and_a_second_account_is_found_out(
    switch_on, register, bring, qualify, see, referral, reject, staff
) -> None:
    switch_on("loyalty", referral=REFERRAL)
    ann = register("Annabel")

    bob = bring(ann, "Bobby")
    qualify(bob)
    assert (purse(ann, "cash"), purse(bob, "cash")) == ("10.00", "5.00")

    see(ann, HOME)
    cat = bring(ann, "Catherine")
    see(cat, HOME)
    qualify(cat)
    it_is_held_with_a_signal_and_a_case(staff, cat)
    assert (referral(cat)["state"], purse(ann, "cash"), purse(cat, "cash")) == ("held", "10.00", "0.00")
    assert reject(cat) == "rejected"

    dan = bring(ann, "Daniel")
    qualify(dan)
    assert (purse(ann, "cash"), purse(dan, "cash"), cap(ann)) == ("20.00", "5.00", (2, 2, True))
    see(ann, WORK)
    see(dan, WORK)
    assert referral(dan)["state"] == "held"
    assert reject(dan) == "clawed_back"
    assert (purse(ann, "cash"), purse(dan, "cash"), cap(ann)) == ("10.00", "0.00", (1, 2, False))
    friends = {one["name"]: one["state"] for one in ann.get(f"{LOYALTY}/me/referral").json["friends"]}
    assert friends == {"Bo***": "rewarded", "Ca***": "ended", "Da***": "ended"}


def it_is_held_with_a_signal_and_a_case(staff: Any, player: Any) -> None:
    # Compliance opens a case from this event once it is there; until then the event is all of it.
    of_player = f"player_id={player.player_id}"
    [signal] = staff.get(f"{LOYALTY}/signals?{of_player}&detector=self_referral").json["items"]
    assert (signal["severity"], signal["state"]) == (8, "open")
    assert signal["action"] == "hold_rewards, case"
    assert signal["evidence"]["shared"] == ["card", "device"]
    told = staff.get(f"{API}/events?name=loyalty.signal_raised&{of_player}").json["items"]
    assert [one["payload"]["needs_case"] for one in told if one["payload"]["signal_id"] == signal["id"]] == [
        True
    ]


def cap(player: Any) -> tuple[int, int, bool]:
    """Return how many friends a referrer was rewarded for, of how many, and whether that is all."""
    shown = player.get(f"{LOYALTY}/me/referral").json["cap"]
    return shown["rewarded"], shown["rewards_max"], shown["is_reached"]
