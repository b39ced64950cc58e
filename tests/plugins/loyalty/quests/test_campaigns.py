"""Campaigns over HTTP: approved by another, run once over a frozen segment, within the budget, measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.campaigns import runs as campaignruns
from pitboss.rules.runtime.holdout import is_held_out
from tests.plugins.loyalty.quests.conftest import CASH, ROOT

PATH = f"{ROOT}/campaigns"
FIVE = {"amount": "5.00", "currency": "EUR"}


@pytest.fixture
def boss(make_client) -> Any:
    """The second person."""
    made = make_client("operator", "loyalty.*")
    object.__setattr__(made.principal, "name", "boss@tenant.test")
    return made


@pytest.fixture
def regulars(live) -> None:
    """A segment of who wagered 5.00 or more, at work."""
    live({"kind": "segment", "key": "regulars", "when": "total_wagered >= 5"})


@pytest.fixture
def members(regulars, player, send) -> list[UUID]:
    """Three players of the segment."""
    people = [player() for _ in range(3)]
    for who in people:
        send(who, amount="5.00")
    return people


@pytest.fixture
def draft(staff) -> Callable[..., Any]:
    """Write a campaign: `draft(budget="10.00")`."""

    def write(key: str = "spring", *, budget: str | None = None, **more: Any) -> Any:
        body = {"key": key, "title": "Spring", "segment": "regulars", "offer": CASH, **more}
        body |= {} if budget is None else {"budget": {"amount": budget, "currency": "EUR"}}
        answer = staff.post(PATH, json=body)
        assert answer.status_code == 201, answer.json
        return answer.json

    return write


@pytest.fixture
def started(draft, staff, boss, worker) -> Callable[..., Any]:
    """Write a campaign, have it approved, and run it."""

    def run(key: str = "spring", **more: Any) -> Any:
        draft(key, **more)
        assert staff.post(f"{PATH}/{key}/submit", json={}).status_code == 200
        assert boss.post(f"{PATH}/{key}/approve", json={}).status_code == 200
        worker()
        return staff.get(f"{PATH}/{key}").json

    return run


def test_each_member_gets_the_offer_once(members, player, started, cash, staff, send) -> None:
    outsider = player()
    campaign = started()

    assert (campaign["state"], campaign["spent"]["amount"]) == ("done", "15.00")
    assert [cash(who) for who in members] == [500, 500, 500]
    assert cash(outsider) == 0
    send(outsider, amount="5.00")
    assert cash(outsider) == 0
    shown = staff.get(f"{PATH}/spring/members").json["items"]
    assert {(item["outcome"], item["amount"]["amount"]) for item in shown} == {("done", "5.00")}
    assert all(item["reward_id"] for item in shown)


def test_a_campaign_never_spends_more_than_its_budget(members, started, cash, staff) -> None:
    campaign = started(budget="12.00")

    assert (campaign["state"], campaign["spent"]["amount"]) == ("done", "10.00")
    assert sorted(cash(who) for who in members) == [0, 500, 500]
    outcomes = staff.get(f"{PATH}/spring/result").json["outcomes"]
    assert (outcomes["done"], outcomes["out_of_budget"]) == (2, 1)


def test_who_is_held_out_gets_nothing_and_is_always_the_same(members, started, cash, staff) -> None:
    started(holdout_percent=50)

    held = {who for who in members if is_held_out("campaign:spring", who, 50)}
    assert {who for who in members if cash(who) == 0} == held
    assert staff.get(f"{PATH}/spring/result").json["outcomes"]["held_out"] == len(held)


def test_who_is_blocked_or_refused_by_a_guard_gets_nothing(
    kernel, tenant, members, started, cash, staff
) -> None:
    with kernel.context(tenant.id) as ctx:
        players.lock(ctx, members[0])
        players.change(ctx, members[0], is_blocked=True)

    campaign = started()

    assert [cash(who) for who in members] == [0, 500, 500]
    assert campaign["spent"]["amount"] == "10.00"
    (refused,) = staff.get(f"{PATH}/spring/members?outcome=refused").json["items"]
    assert "blocked" in refused["reason"]


def test_nobody_approves_what_they_wrote_or_submitted(regulars, draft, staff, boss, make_client) -> None:
    draft()
    staff.post(f"{PATH}/spring/submit", json={})

    own = staff.post(f"{PATH}/spring/approve", json={})
    machine = make_client("api_key", "loyalty.*").post(f"{PATH}/spring/approve", json={})

    assert (own.status_code, machine.status_code) == (403, 403)
    assert boss.post(f"{PATH}/spring/approve", json={}).json["state"] == "running"
    assert boss.post(f"{PATH}/spring/approve", json={}).status_code == 409


def test_a_campaign_starts_when_its_time_has_come(members, started, staff, worker, clock, cash) -> None:
    later = clock.now().replace(hour=13).isoformat()
    assert started(starts_at=later)["state"] == "approved"
    worker.tick(may_fail=True)
    clock.advance(hours=1)

    worker.tick(may_fail=True)

    assert staff.get(f"{PATH}/spring").json["state"] == "done"
    assert cash(members[0]) == 500


def test_a_paused_campaign_meets_nobody_until_it_is_resumed(
    members, draft, staff, boss, worker, cash
) -> None:
    draft()
    staff.post(f"{PATH}/spring/submit", json={})
    boss.post(f"{PATH}/spring/approve", json={})
    staff.post(f"{PATH}/spring/pause", json={"reason": "wrong text"})
    worker()
    assert [cash(who) for who in members] == [0, 0, 0]

    staff.post(f"{PATH}/spring/resume", json={})
    worker()

    assert [cash(who) for who in members] == [500, 500, 500]
    assert staff.post(f"{PATH}/spring/stop", json={}).status_code == 409


def test_a_stopped_campaign_stays_stopped(members, draft, staff, boss, worker, cash) -> None:
    draft()
    staff.post(f"{PATH}/spring/submit", json={})
    boss.post(f"{PATH}/spring/approve", json={})
    staff.post(f"{PATH}/spring/stop", json={})
    worker()

    assert [cash(who) for who in members] == [0, 0, 0]
    assert staff.post(f"{PATH}/spring/resume", json={}).status_code == 409


def test_a_draft_is_changed_only_as_it_was_read(regulars, draft, staff) -> None:
    draft()
    body = {"title": "Summer", "segment": "regulars", "offer": CASH}
    tag = {"If-Match": staff.get(f"{PATH}/spring").headers["ETag"]}

    assert staff.put(f"{PATH}/spring", json=body).status_code == 428
    assert staff.put(f"{PATH}/spring", json=body, headers=tag).json["title"] == "Summer"
    assert staff.put(f"{PATH}/spring", json=body, headers=tag).status_code == 412
    staff.post(f"{PATH}/spring/submit", json={})
    fresh = {"If-Match": staff.get(f"{PATH}/spring").headers["ETag"]}
    assert staff.put(f"{PATH}/spring", json=body, headers=fresh).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"segment": "regular"}, "did you mean 'regulars'?"),
        ({"offer": {"action": "loyalty.grant_cahs"}}, "did you mean 'loyalty.grant_cash'?"),
        ({"offer": {"action": "loyalty.grant_cash"}}, "amount: Missing data"),
        (
            {
                "offer": {"action": "loyalty.grant_perk", "perk": "host"},
                "budget": {"amount": "5", "currency": "EUR"},
            },
            "budget: the offer costs no money",
        ),
        ({"budget": {"amount": "0.00", "currency": "EUR"}}, "budget: Give more than 0 EUR"),
        ({"budget": {"amount": "5.00", "currency": "USD"}}, "budget: Give more than 0 EUR"),
        ({"holdout_percent": 101}, "Must be greater than or equal to 0 and less than or equal to 100."),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at: it ends before it starts"),
    ],
)
def test_a_campaign_that_could_not_work_is_refused(regulars, staff, wrong, told) -> None:
    body = {"key": "broken", "title": "Broken", "segment": "regulars", "offer": CASH, **wrong}

    answer = staff.post(PATH, json=body)

    assert answer.status_code == 422
    assert told in str(answer.json)
    assert staff.get(f"{PATH}/broken").status_code == 404


def test_the_result_compares_those_reached_with_the_holdout(
    regulars, player, send, started, staff, clock
) -> None:
    people = [player() for _ in range(24)]
    held = [who for who in people if is_held_out("campaign:spring", who, 50)][:2]
    treated = [who for who in people if not is_held_out("campaign:spring", who, 50)][:3]
    for who in held + treated:
        send(who, amount="5.00")
    started(holdout_percent=50)
    clock.advance(hours=1)
    for who in treated:
        send(who)

    found = staff.get(f"{PATH}/spring/result").json

    assert found["members"] == 5
    assert found["uplift"]["treated"] == {"players": 3, "converted": 3, "rate": 1.0}
    assert found["uplift"]["held_out"] == {"players": 2, "converted": 0, "rate": 0.0}
    assert found["cost_per_gained"] == pytest.approx(5.0)
    assert not found["uplift"]["is_reliable"]


def test_another_tenant_sees_no_campaign(members, started, make_client, other_tenant) -> None:
    started()
    stranger = make_client("operator", "loyalty.*", of=other_tenant)

    assert stranger.get(PATH).json["items"] == []
    for path in (f"{PATH}/spring", f"{PATH}/spring/members", f"{PATH}/spring/result"):
        assert stranger.get(path).status_code == 404


def test_a_page_is_met_with_the_budget_held(kernel, tenant, members, draft, staff, boss, cash) -> None:
    draft(budget="10.00")
    staff.post(f"{PATH}/spring/submit", json={})
    boss.post(f"{PATH}/spring/approve", json={})

    for _ in range(2):
        with kernel.context(tenant.id) as ctx:
            campaignruns.run(ctx, {"key": "spring"})

    assert sum(cash(who) for who in members) == 1000
