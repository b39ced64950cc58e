"""Missions over HTTP: counted, completed once, rewarded, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.loyalty.quests.conftest import CASH, ROOT


def test_a_mission_counts_and_pays_once_when_it_is_reached(
    player, mission, send, progress, cash, events
) -> None:
    mission(reward=CASH)
    player_id = player()
    for _ in range(2):
        send(player_id)
    assert progress(player_id)["sentence"] == "2 of 3 bets"
    assert cash(player_id) == 0

    for _ in range(3):
        send(player_id)

    card = progress(player_id)
    assert (card["sentence"], card["is_complete"], card["percent"]) == ("3 of 3 bets", True, 100)
    assert cash(player_id) == 500
    assert card["reward_id"]
    assert [event.payload["key"] for event in events("loyalty.mission_completed")] == ["ten-bets"]


def test_a_rollback_takes_progress_and_reward_back(player, mission, send, roll_back, progress, cash) -> None:
    mission(reward=CASH)
    player_id = player()
    first, *_ = [send(player_id) for _ in range(3)]
    assert cash(player_id) == 500

    roll_back(player_id, first)

    assert progress(player_id)["sentence"] == "2 of 3 bets"
    assert not progress(player_id)["is_complete"]
    assert cash(player_id) == 0
    send(player_id)
    assert cash(player_id) == 500


def test_a_mission_that_keeps_its_reward_does_not_pay_again(
    player, mission, send, roll_back, progress, cash
) -> None:
    mission(reward=CASH, keeps_reward=True)
    player_id = player()
    first, *_ = [send(player_id) for _ in range(3)]

    roll_back(player_id, first)
    send(player_id)

    assert progress(player_id)["is_complete"]
    assert cash(player_id) == 500


def test_only_what_passes_the_condition_counts(player, mission, send, progress) -> None:
    mission(when={"stake_min": 10, "game": {"in": ["slots"]}})
    player_id = player()

    send(player_id, amount="9.99", game="slots")
    send(player_id, amount="10.00", game="poker")
    send(player_id, amount="10.00", game="slots")
    send(player_id, "deposit", "10.00")

    assert progress(player_id)["done"] == "1"


GOALS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "sum", "of": "stake", "target": "100.00"}, "35.50 of 100.00 EUR"),
    ({"kind": "distinct", "of": "game", "target": "5", "unit": "games"}, "2 of 5 games"),
    ({"kind": "count", "target": "7", "unit": "bets"}, "3 of 7 bets"),
    ({"kind": "streak", "target": "7", "unit": "days"}, "1 of 7 days"),
]


def test_each_kind_of_goal_says_how_far_it_is(player, mission, send, progress) -> None:
    for goal, _ in GOALS:
        mission(f"by-{goal['kind']}", goal=goal)
    player_id = player()

    for amount, game in (("10.00", "slots"), ("20.00", "slots"), ("5.50", "roulette")):
        send(player_id, amount=amount, game=game)

    for goal, sentence in GOALS:
        assert progress(player_id, f"by-{goal['kind']}")["sentence"] == sentence


def test_a_mission_begins_anew_in_each_period(player, mission, send, progress, cash, clock) -> None:
    mission(period="day", reward=CASH, goal={"kind": "count", "target": "1"})
    player_id = player()

    send(player_id)
    send(player_id)
    clock.advance(days=1)
    assert progress(player_id)["done"] == "0"
    send(player_id)

    assert cash(player_id) == 1000


def test_a_mission_that_does_not_repeat_pays_once_for_ever(player, mission, send, cash, clock) -> None:
    mission(period="day", repeats=False, reward=CASH, goal={"kind": "count", "target": "1"})
    player_id = player()

    send(player_id)
    clock.advance(days=1)
    send(player_id)

    assert cash(player_id) == 500


def test_a_late_transaction_counts_in_the_period_in_which_it_happened(
    player, mission, send, progress, cash, clock
) -> None:
    mission(period="day", reward=CASH, goal={"kind": "count", "target": "1"})
    player_id, yesterday = player(), clock.now().isoformat()
    clock.advance(days=1)

    send(player_id, at=yesterday)

    assert progress(player_id)["done"] == "0"
    assert cash(player_id) == 500


def test_nothing_counts_before_or_after_the_time_of_a_mission(player, mission, send, progress, clock) -> None:
    starts = clock.now().replace(hour=13).isoformat()
    ends = clock.now().replace(hour=14).isoformat()
    mission(starts_at=starts, ends_at=ends)
    player_id = player()

    send(player_id)
    clock.advance(hours=1)
    send(player_id)
    assert progress(player_id)["done"] == "1"
    clock.advance(hours=1)
    send(player_id)

    with pytest.raises(StopIteration):
        progress(player_id)


def test_an_achievement_is_unlocked_once_and_locked_again_by_a_rollback(
    player, mission, send, roll_back, progress, events
) -> None:
    mission("high-roller", "achievement", when="stake >= 100", goal={"kind": "count", "target": "1"})
    player_id = player()
    bet = send(player_id, amount="100.00")
    assert progress(player_id, "high-roller", "achievements")["is_complete"]
    other = send(player_id, amount="100.00")
    assert len(events("loyalty.achievement_unlocked")) == 1

    roll_back(player_id, bet)
    assert progress(player_id, "high-roller", "achievements")["is_complete"]
    roll_back(player_id, other)
    assert not progress(player_id, "high-roller", "achievements")["is_complete"]


def test_a_mission_follows_events_of_any_plugin_once(player, mission, acting, worker, progress) -> None:
    mission(on=["loyalty.visited"], goal={"kind": "count", "target": "2", "unit": "visits"})
    player_id = player()

    for _ in range(3):
        acting(player_id).post(f"{ROOT}/me/visit")
    worker()

    assert progress(player_id)["sentence"] == "1 of 2 visits"


def test_who_is_blocked_completes_a_mission_and_gets_nothing(
    kernel, tenant, player, mission, send, progress, cash
) -> None:
    from pitboss.plugins.loyalty import players

    mission(reward=CASH, goal={"kind": "count", "target": "1"})
    player_id = player()
    with kernel.context(tenant.id) as ctx:
        players.lock(ctx, player_id)
        players.change(ctx, player_id, is_blocked=True)

    send(player_id)

    card = progress(player_id)
    assert card["is_complete"]
    assert "blocked" in card["refused"]
    assert cash(player_id) == 0


def test_a_reward_that_fails_does_not_keep_the_bet_from_being_taken(player, mission, send, progress) -> None:
    mission(reward={"action": "loyalty.grant_bonus", "amount": "5.00", "to": "referrer"})
    player_id = player()

    for _ in range(3):
        send(player_id)

    assert "nobody referred" in progress(player_id)["refused"]


def test_another_tenant_sees_and_counts_nothing(
    kernel, player, mission, make_client, other_tenant, acting
) -> None:
    mission()
    theirs = player(of=other_tenant)
    key = make_client("api_key", "loyalty.ingest", of=other_tenant)
    item = {"id": "t-1", "kind": "wager", "player": str(theirs), "amount": "10.00"}
    assert key.post(f"{ROOT}/transactions", json=[item]).status_code == 200

    assert acting(theirs, of=other_tenant).get(f"{ROOT}/me/missions").json["items"] == []
    operator = make_client("operator", "loyalty.*", of=other_tenant)
    assert operator.get(f"{ROOT}/missions/ten-bets").status_code == 404


# -- operators -------------------------------------------------------------------------------------


BROKEN: list[dict[str, Any]] = [
    {"on": ["wagr"]},
    {"on": ["wager", "loyalty.visited"]},
    {"on": ["loyalty.wager_placed"]},
    {"when": "stak >= 5"},
    {"goal": {"kind": "count", "target": "0"}},
    {"goal": {"kind": "count", "target": "2.5"}},
    {"goal": {"kind": "sum", "of": "colour", "target": "5"}},
    {"reward": {"action": "loyalty.grant_nothing"}},
    {"reward": {"action": "loyalty.grant_cash", "amount": "-5"}},
    {"period": "year"},
    {"surprise": True},
]


def test_a_mission_that_could_not_work_is_refused_and_not_stored(staff) -> None:
    for wrong in BROKEN:
        definition = {"on": ["wager"], "goal": {"kind": "count", "target": "3"}, **wrong}
        body = {"key": "broken", "title": "Broken", "definition": definition}

        answer = staff.post(f"{ROOT}/missions", json=body)

        assert answer.status_code in (404, 422), (wrong, answer.json)
        assert staff.get(f"{ROOT}/missions/broken").status_code == 404


def test_a_mission_is_edited_only_as_it_was_read(staff, mission) -> None:
    mission()
    read = staff.get(f"{ROOT}/missions/ten-bets")
    body = {"title": "More bets", "definition": read.json["definition"]}

    assert staff.put(f"{ROOT}/missions/ten-bets", json=body).status_code == 428
    tag = {"If-Match": read.headers["ETag"]}
    changed = staff.put(f"{ROOT}/missions/ten-bets", json=body, headers=tag)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert staff.put(f"{ROOT}/missions/ten-bets", json=body, headers=tag).status_code == 412


def test_what_decides_the_counting_stays_once_somebody_is_on_the_way(staff, mission, player, send) -> None:
    mission()
    send(player())
    read = staff.get(f"{ROOT}/missions/ten-bets")
    tag = {"If-Match": read.headers["ETag"]}
    definition = {**read.json["definition"], "goal": {"kind": "streak", "target": "3"}}

    answer = staff.put(
        f"{ROOT}/missions/ten-bets", json={"title": "Other", "definition": definition}, headers=tag
    )

    assert answer.status_code == 409
    assert "goal.kind" in answer.json["detail"]
    assert staff.delete(f"{ROOT}/missions/ten-bets", headers=tag).status_code == 409
    assert read.json["figures"] == {"players": 1, "completed": 0, "rewarded": 0}
