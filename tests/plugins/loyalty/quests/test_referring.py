"""Referrals over HTTP: rewarded on both sides, held for a likeness, cleared or clawed back by a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.identity import Visitor, activity
from pitboss.core.tenancy import toggle
from pitboss.plugins.loyalty.abuse import traits
from tests.plugins.loyalty.quests.conftest import CASH, ROOT

SETTINGS = {
    "referral": {
        "referrer_offer": {"action": "loyalty.grant_cash", "amount": "10.00"},
        "friend_offer": CASH,
        "rewards_max": 2,
    }
}
SAME = {"device": ["d-1"], "card": ["4111 hashed by the platform"]}


@pytest.fixture
def tenant(kernel, make_tenant) -> Any:
    """A tenant that pays cash to both sides, and to a referrer for two friends."""
    made = make_tenant("loyalty")
    with kernel.context(made.id) as ctx:
        toggle.configure(ctx, "loyalty", SETTINGS)
    kernel.tenants.forget(made.id)
    return kernel.tenants.get(made.id)


@pytest.fixture
def refer(acting, player) -> Callable[..., UUID]:
    """Register a friend by a referrer's code: `refer(referrer_id)`."""

    def friend(referrer_id: UUID, who: UUID | None = None, **more: Any) -> UUID:
        code = acting(referrer_id).post(f"{ROOT}/me/referral").json["code"]
        friend_id = who or player(**more)
        answer = acting(friend_id).post(f"{ROOT}/me/referral/claim", json={"code": code.lower()})
        assert answer.status_code == 201, answer.json
        return friend_id

    return friend


@pytest.fixture
def see(make_client, worker) -> Callable[..., Any]:
    """Tell what was seen of a player, as the platform does."""
    key = make_client("api_key", "loyalty.ingest")

    def tell(player_id: UUID, traits: Any) -> Any:
        answer = key.post(f"{ROOT}/players/{player_id}/traits", json=traits)
        assert answer.status_code == 200, answer.json
        worker()
        return answer.json["new"]

    return tell


@pytest.fixture
def referral(staff) -> Callable[[UUID], Any]:
    """Return the referral of a referrer's newest friend."""

    def read(referrer_id: UUID) -> Any:
        return staff.get(f"{ROOT}/referrals?referrer_id={referrer_id}").json["items"][0]

    return read


def qualify(send: Any, friend_id: UUID) -> list[str]:
    """Deposit and bet as much as is asked."""
    return [send(friend_id, "deposit", "20.00"), send(friend_id, "wager", "50.00")]


def signals_of(staff: Any, player_id: UUID) -> list[Any]:
    """Return the signals about a player."""
    items: list[Any] = staff.get(f"{ROOT}/signals?player_id={player_id}").json["items"]
    return items


def test_both_sides_are_rewarded_once_the_friend_deposited_and_bet(
    player, refer, acting, send, cash, events
) -> None:
    ann = player(display_name="Annabel")
    bob = refer(ann, display_name="Bobby")
    assert acting(bob).get(f"{ROOT}/me/referral").json["came_by"]["missing"] == [
        "deposited 0 of 2000",
        "wagered 0 of 5000",
    ]
    send(bob, "deposit", "20.00")
    assert (cash(ann), cash(bob)) == (0, 0)

    send(bob, "wager", "50.00")
    send(bob, "wager", "50.00")

    assert (cash(ann), cash(bob)) == (1000, 500)
    shown = acting(ann).get(f"{ROOT}/me/referral").json
    assert shown["friends"][0]["name"] == "Bo***"
    assert (shown["friends"][0]["state"], shown["cap"]["rewarded"]) == ("rewarded", 1)
    assert len(events("loyalty.referral_qualified")) == 1


def test_a_second_account_is_held_with_a_signal_and_a_case(
    player, refer, send, see, cash, staff, events, referral, known
) -> None:
    ann = player()
    see(ann, SAME)
    bob = player()
    see(bob, SAME)
    refer(ann, bob)

    qualify(send, bob)

    assert referral(ann)["state"] == "held"
    assert (cash(ann), cash(bob)) == (0, 0)
    raised = [signal for signal in signals_of(staff, bob) if signal["detector"] == "self_referral"]
    assert [signal["severity"] for signal in raised] == [8]
    told = [event.payload for event in events("loyalty.signal_raised")]
    assert all(payload["needs_case"] for payload in told)
    assert known(bob, "is_blocked")
    assert known(bob, "bonus_abuse_score") == 80
    assert known(bob, "shares_device_with_referrer")
    assert known(bob, "shares_card_with_referrer")
    assert known(bob, "accounts_on_device") == known(ann, "accounts_on_card") == 2


def test_what_was_paid_is_clawed_back_from_both_when_the_referral_is_rejected(
    player, refer, send, see, cash, staff, referral, acting
) -> None:
    ann = player()
    bob = refer(ann)
    qualify(send, bob)
    see(ann, SAME)
    see(bob, SAME)
    assert (referral(ann)["state"], cash(ann), cash(bob)) == ("held", 1000, 500)

    path = f"{ROOT}/referrals/{referral(ann)['id']}/reject"
    answer = staff.post(path, json={"reason": "one person with two accounts"})

    assert answer.json["state"] == "clawed_back"
    assert (cash(ann), cash(bob)) == (0, 0)
    assert [signal["state"] for signal in signals_of(staff, bob)] == ["confirmed"]
    assert acting(ann).get(f"{ROOT}/me/referral").json["cap"]["rewarded"] == 0
    assert staff.post(path, json={"reason": "again"}).status_code == 409


@pytest.mark.parametrize("is_seen_before", [True, False])
def test_a_cleared_referral_is_rewarded_and_not_held_again(
    player, refer, send, see, cash, staff, referral, known, is_seen_before: bool
) -> None:
    ann, bob = player(), player()
    see(ann, SAME)
    if is_seen_before:
        see(bob, SAME)
    refer(ann, bob)
    see(bob, SAME)
    qualify(send, bob)
    assert referral(ann)["state"] == "held"

    path = f"{ROOT}/referrals/{referral(ann)['id']}/clear"
    answer = staff.post(path, json={"reason": "a married couple"})
    see(bob, {"ip": ["203.0.113.7"]})

    assert answer.json["state"] == "rewarded"
    assert (cash(ann), cash(bob)) == (1000, 500)
    assert not known(bob, "is_blocked")
    assert known(bob, "bonus_abuse_score") == 0


def test_a_rollback_of_the_deposit_claws_both_rewards_back(
    player, refer, send, roll_back, cash, known
) -> None:
    ann = player()
    bob = refer(ann)
    deposit, _ = qualify(send, bob)
    assert known(bob, "referred_deposited") == 2000

    roll_back(bob, deposit)

    assert (cash(ann), cash(bob)) == (0, 0)
    assert (known(bob, "referred_deposited"), known(bob, "referred_wagered")) == (0, 5000)


def test_a_referrer_is_rewarded_up_to_the_cap_and_the_friend_always(
    player, refer, send, cash, acting
) -> None:
    ann = player()
    friends = [refer(ann) for _ in range(3)]

    for friend in friends:
        qualify(send, friend)

    assert cash(ann) == 2000
    assert [cash(friend) for friend in friends] == [500, 500, 500]
    cap = acting(ann).get(f"{ROOT}/me/referral").json["cap"]
    assert (cap["rewarded"], cap["rewards_max"], cap["is_reached"]) == (2, 2, True)


def test_only_settled_play_qualifies(player, refer, send, cash) -> None:
    ann = player()
    bob = refer(ann)
    send(bob, "deposit", "20.00")
    send(bob, "wager", "50.00", round="r-1", settled=False)
    assert cash(bob) == 0

    send(bob, "win", "0.00", round="r-1")

    assert cash(bob) == 500


def test_referrals_are_counted_as_facts(player, refer, send, roll_back, known) -> None:
    ann = player()
    bob, _ = refer(ann), refer(ann)
    assert (known(ann, "referrals_24h"), known(ann, "referrals_without_deposit_30d")) == (2, 2)

    deposit = send(bob, "deposit", "5.00")
    assert known(ann, "referrals_without_deposit_30d") == 1
    roll_back(bob, deposit)

    assert (known(ann, "referrals_30d"), known(ann, "referrals_without_deposit_30d")) == (2, 2)


def test_a_code_is_claimed_once_by_somebody_new(player, refer, acting, send, clock) -> None:
    ann = player()
    bob, late, old = refer(ann), player(), player()
    code = acting(ann).post(f"{ROOT}/me/referral").json["code"]
    back = acting(bob).post(f"{ROOT}/me/referral").json["code"]
    send(late, "deposit", "5.00")

    def claim(who: UUID, what: str = code) -> int:
        status: int = acting(who).post(f"{ROOT}/me/referral/claim", json={"code": what}).status_code
        return status

    assert [claim(bob), claim(ann), claim(ann, back), claim(late)] == [409, 409, 409, 409]
    assert claim(old, "NOSUCH22") == 404
    clock.advance(days=31)
    assert claim(old) == 409


def test_traits_are_kept_as_hashes_that_no_other_tenant_shares(
    kernel, tenant, other_tenant, player, see
) -> None:
    ann = player()
    assert (see(ann, SAME), see(ann, {"device": [" D-1 "]})) == (2, 0)

    with kernel.context(tenant.id) as ctx:
        (kept,) = traits.traits_of(ctx, [ann])[ann].devices
    with kernel.context(other_tenant.id) as ctx:
        assert traits.digest(ctx, "device", "d-1") != kept
    assert "d-1" not in kept


def test_another_tenant_sees_no_referral_and_uses_no_code(
    player, refer, acting, referral, other_tenant, make_client
) -> None:
    ann = player()
    refer(ann)
    code = acting(ann).post(f"{ROOT}/me/referral").json["code"]
    stranger = acting(player(of=other_tenant), of=other_tenant)

    assert stranger.post(f"{ROOT}/me/referral/claim", json={"code": code}).status_code == 404
    operator = make_client("operator", "loyalty.*", of=other_tenant)
    assert operator.get(f"{ROOT}/referrals").json["items"] == []
    assert operator.get(f"{ROOT}/referrals/{referral(ann)['id']}").status_code == 404


def test_the_network_of_a_sign_in_is_taken(kernel, tenant, player, worker) -> None:
    ann = player()
    with kernel.context(tenant.id) as ctx:
        activity.record(ctx, ann, "signed_in", Visitor("203.0.113.7", "a browser"))
        payload = {"player_id": ann, "session_id": uuid7()}
        ctx.emit("core.player_signed_in", payload, player_id=ann)
    worker()

    with kernel.context(tenant.id) as ctx:
        known = traits.traits_of(ctx, [ann])[ann]
        assert known.ips == {traits.digest(ctx, "ip", "203.0.113.7")}
