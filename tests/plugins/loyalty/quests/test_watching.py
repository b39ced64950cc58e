"""Signals of abuse over HTTP: found by detectors, acted on at once, decided by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.audit import Filter, search
from pitboss.plugins.loyalty.abuse import detectors, watch
from tests.plugins.loyalty.quests.conftest import CASH, ROOT


@pytest.fixture
def raised(kernel, tenant, worker) -> Callable[..., Any]:
    """Raise a signal as a detector does: `raised(player_id, 8)`."""

    def now(player_id: UUID, severity: int = 8, detector: str = "acme", key: str = "k") -> Any:
        with kernel.context(tenant.id) as ctx:
            found = watch.raise_signal(
                ctx,
                key=f"{detector}:{player_id}:{key}",
                player_id=player_id,
                detector=detector,
                severity=severity,
                reason="it looks so",
            )
        worker()
        return found

    return now


@pytest.fixture
def decide(staff) -> Callable[..., Any]:
    """Decide on a signal as an operator."""

    def now(signal_id: Any, state: str, reason: str = "looked at it") -> Any:
        path = f"{ROOT}/signals/{signal_id}/resolve"
        return staff.post(path, json={"state": state, "reason": reason})

    return now


@pytest.fixture
def scanned(kernel, tenant, worker) -> Callable[[], None]:
    """Let the detectors look, as they do each night."""

    def now() -> None:
        with kernel.context(tenant.id) as ctx:
            ctx.enqueue("loyalty.find_abuse")
        worker()

    return now


@pytest.mark.parametrize(
    ("severity", "action", "is_blocked"),
    [(10, "hold_rewards, case", True), (8, "hold_rewards, case", True), (7, "watch", False)],
)
def test_what_happens_at_once_depends_on_the_severity(
    player, raised, staff, known, severity: int, action: str, is_blocked: bool
) -> None:
    ann = player()

    signal_id = raised(ann, severity)

    assert staff.get(f"{ROOT}/signals/{signal_id}").json["action"] == action
    assert known(ann, "is_blocked") is is_blocked
    assert known(ann, "bonus_abuse_score") == 10 * severity


def test_the_same_sign_is_raised_once(player, raised, events) -> None:
    ann = player()

    assert raised(ann) is not None
    assert raised(ann) is None

    assert len(events("loyalty.signal_raised")) == 1


def test_a_dismissed_signal_lets_the_player_go_and_a_confirmed_one_does_not(
    kernel, tenant, player, raised, decide, known
) -> None:
    ann = player()
    first, second = raised(ann, key="1"), raised(ann, key="2")

    assert decide(first, "dismissed").json["state"] == "dismissed"
    assert known(ann, "is_blocked")
    decide(second, "dismissed", "a household")
    assert (known(ann, "is_blocked"), known(ann, "bonus_abuse_score")) == (False, 0)
    decide(raised(ann, key="3"), "confirmed")

    assert known(ann, "is_blocked")
    with kernel.context(tenant.id) as ctx:
        entries = search(ctx, Filter(action="loyalty.signal_dismissed")).entries
    assert {entry["reason"] for entry in map(dict, entries)} >= {"a household"}


def test_a_signal_is_decided_once(player, raised, decide) -> None:
    signal_id = raised(player())

    assert decide(signal_id, "confirmed").status_code == 200
    assert decide(signal_id, "dismissed").status_code == 409
    assert decide(signal_id, "dismissed", "").status_code == 422


def test_the_report_says_how_often_a_detector_was_wrong(player, raised, decide, staff) -> None:
    ids = [raised(player(), detector="acme") for _ in range(4)]
    for signal_id, state in zip(ids, ("confirmed", "dismissed", "dismissed"), strict=False):
        decide(signal_id, state)

    (row,) = staff.get(f"{ROOT}/signals/report").json["items"]

    assert (row["raised"], row["open"], row["confirmed"], row["dismissed"]) == (4, 1, 1, 2)
    assert row["false_positive_rate"] == pytest.approx(2 / 3)


def test_who_is_held_gets_no_reward_until_the_signal_is_dismissed(
    player, raised, decide, mission, send, cash
) -> None:
    mission(reward=CASH, period="day", goal={"kind": "count", "target": "1"})
    ann = player()
    signal_id = raised(ann)

    send(ann)
    assert cash(ann) == 0
    decide(signal_id, "dismissed")
    send(ann, at="2026-01-04T12:00:00Z")

    assert cash(ann) == 500


def test_who_wagers_bonus_alone_is_a_bonus_hunter(kernel, tenant, player, send, scanned, staff) -> None:
    hunter, other = player(), player()
    for ann, bonus in ((hunter, "10.00"), (other, "2.00")):
        with kernel.context(tenant.id) as ctx:
            for n in range(3):
                ctx.of(ann).act("loyalty.grant_bonus", amount=1000, wagering_requirement=50, key=f"{ann}:{n}")
        send(ann, "wager", "10.00", bonus_amount=bonus)

    scanned()
    scanned()

    items = staff.get(f"{ROOT}/signals").json["items"]
    assert [(item["player_id"], item["detector"]) for item in items] == [(str(hunter), "bonus_hunting")]
    assert items[0]["evidence"]["bonuses"] == 3


def test_who_wagers_just_enough_and_withdraws_is_found(
    kernel, tenant, player, send, scanned, staff, clock
) -> None:
    ann = player()
    for n in range(3):
        with kernel.context(tenant.id) as ctx:
            ctx.of(ann).act("loyalty.grant_bonus", amount=1000, wagering_requirement=1, key=f"b:{n}")
        send(ann, "wager", "10.00")
        clock.advance(hours=1)
        send(ann, "withdrawal", "5.00")
        clock.advance(hours=1)

    scanned()

    found = staff.get(f"{ROOT}/signals?player_id={ann}").json["items"]
    assert [item["detector"] for item in found] == ["minimal_playthrough"]


def test_bets_that_cover_each_other_are_found_for_all_who_placed_them(player, make_client, staff) -> None:
    key = make_client("api_key", "loyalty.ingest")
    ann, bob = player(), player()
    bets = [
        {"player_id": str(who), "market": f"m-{n}", "selection": side, "stake": 10_000}
        for n in range(3)
        for who, side in ((ann, "red"), (bob, "black"))
    ]

    answer = key.post(f"{ROOT}/signals/bets", json={"window": "2026-01-05", "bets": bets})
    again = key.post(f"{ROOT}/signals/bets", json={"window": "2026-01-05", "bets": bets})

    assert (len(answer.json["signal_ids"]), again.json["signal_ids"]) == (2, [])
    found = staff.get(f"{ROOT}/signals?detector=opposite_betting&severity_min=9").json["items"]
    assert {item["player_id"] for item in found} == {str(ann), str(bob)}


def test_losses_that_go_one_way_are_found(player, make_client, staff) -> None:
    key = make_client("api_key", "loyalty.ingest")
    ann, bob = str(player()), str(player())
    lost = [{"loser_id": ann, "winner_id": bob, "amount": 5_000} for _ in range(12)]

    answer = key.post(f"{ROOT}/signals/transfers", json={"window": "w", "transfers": lost})

    assert len(answer.json["signal_ids"]) == 2
    (first, _) = staff.get(f"{ROOT}/signals?detector=chip_dumping").json["items"]
    assert first["evidence"]["given"] == 60_000


def test_three_accounts_on_one_device_and_card_raise_one_signal_about_the_newest(
    player, make_client, worker, staff, known
) -> None:
    key = make_client("api_key", "loyalty.ingest")
    people = [player() for _ in range(3)]
    for who in people[:2]:
        key.post(f"{ROOT}/players/{who}/traits", json={"device": ["d"]})
    key.post(f"{ROOT}/players/{people[2]}/traits", json={"device": ["d"], "card": ["c"]})
    key.post(f"{ROOT}/players/{people[0]}/traits", json={"card": ["c"]})
    worker()

    (signal,) = staff.get(f"{ROOT}/signals?severity_min=8").json["items"]

    assert (signal["player_id"], signal["severity"]) == (str(people[2]), 8)
    assert [known(who, "accounts_on_device") for who in people] == [3, 3, 3]
    assert [known(who, "accounts_on_card") for who in people] == [2, 1, 2]


def test_a_network_alone_is_no_signal(player, make_client, worker, staff) -> None:
    key = make_client("api_key", "loyalty.ingest")
    for _ in range(5):
        key.post(f"{ROOT}/players/{player()}/traits", json={"ip": ["203.0.113.7"]})
    worker()

    assert staff.get(f"{ROOT}/signals").json["items"] == []


def test_a_rule_can_raise_a_signal(kernel, tenant, player, staff) -> None:
    ann = player()
    with kernel.context(tenant.id) as ctx:
        ctx.of(ann).act("loyalty.raise_signal", detector="shared-device", severity=7, reason="3 accounts")

    assert staff.get(f"{ROOT}/signals?player_id={ann}").json["items"][0]["severity"] == 7


def test_signals_of_another_tenant_are_not_seen_nor_decided(
    player, raised, make_client, other_tenant
) -> None:
    signal_id = raised(player())
    stranger = make_client("operator", "loyalty.*", of=other_tenant)

    assert stranger.get(f"{ROOT}/signals").json["items"] == []
    path = f"{ROOT}/signals/{signal_id}/resolve"
    assert stranger.post(path, json={"state": "dismissed", "reason": "no"}).status_code in (404, 422)
    assert stranger.get(f"{ROOT}/signals/report").json["items"] == []


def test_the_past_before_the_window_is_not_looked_at(kernel, tenant, player, send, clock) -> None:
    ann = player()
    send(ann, "wager", "10.00", bonus_amount="10.00")
    with kernel.context(tenant.id) as ctx:
        since = clock.now() + timedelta(seconds=1)
        assert list(detectors._bonus_hunters(ctx, since, bonuses_min=1)) == []
