"""Simulations over HTTP: asked for, done by a worker, kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pitboss.core.clock import uuid7
from pitboss.rules.book import store
from pitboss.rules.replay.tables import ReportRow
from pitboss.rules.runtime.tables import JudgementRow
from tests.rules.runtime.conftest import reward

BASE = "/api/v1/rules"


@pytest.fixture
def staff(make_client):
    return make_client("operator", "rules.read", "rules.simulate")


def test_a_simulation_is_done_by_a_worker_and_kept(kernel, tenant, staff, draft, player, lose, worker, clock):
    draft(reward())
    lose(player(), 5_000)
    clock.advance(days=1)
    asked = staff.post(f"{BASE}/cashback/simulations", json={})
    assert (asked.status_code, asked.json["state"], asked.json["result"]) == (202, "running", None)
    worker()
    found = staff.get(f"{BASE}/simulations/{asked.json['id']}").json
    assert (found["state"], found["totals"]["paid"]) == ("done", "5.00")
    assert found["progress_done"] == found["progress_total"] == 1
    assert found["result"]["projection"]["low"] <= found["result"]["projection"]["cost"]
    with kernel.context(tenant.id) as ctx:
        assert [s.step for s in store.steps(ctx, "cashback")] == ["simulated", "saved"]


def test_simulations_are_listed_the_newest_first(staff, draft, worker):
    draft(reward())
    ids = [staff.post(f"{BASE}/cashback/simulations", json={"sample": 0}).json["id"] for _ in range(3)]
    first = staff.get(f"{BASE}/simulations?limit=2").json
    assert [one["id"] for one in first["items"]] == ids[:0:-1]
    rest = staff.get(f"{BASE}/cashback/simulations?cursor={first['next_cursor']}")
    assert rest.status_code == 422, "a cursor is of one list"


def test_a_simulation_can_be_stopped(staff, draft, worker):
    draft(reward())
    asked = staff.post(f"{BASE}/cashback/simulations", json={}).json
    stopped = staff.post(f"{BASE}/simulations/{asked['id']}/stop")
    assert (stopped.status_code, stopped.json["state"]) == (200, "stopped")
    worker()
    assert staff.get(f"{BASE}/simulations/{asked['id']}").json["result"] is None
    assert staff.post(f"{BASE}/simulations/{asked['id']}/stop").status_code == 409


@pytest.mark.parametrize(
    ("sent", "status", "where"),
    [
        ({"version": 9}, 404, None),
        ({"against": "dead"}, 422, "against"),
        ({"against": 7}, 404, None),
        ({"over": "dreams"}, 422, "over"),
        ({"sample": 201}, 422, "sample"),
        ({"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 422, "from"),
        ({"from": "2001-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 422, "from"),
    ],
)
def test_what_cannot_be_simulated_is_refused(sent, status, where, staff, draft):
    draft(reward())
    answer = staff.post(f"{BASE}/cashback/simulations", json=sent)
    assert answer.status_code == status
    if where is not None:
        assert any(where in error["pointer"] for error in answer.json["errors"])


def test_only_rewards_are_simulated(staff, draft):
    draft({"kind": "segment", "key": "vip", "when": {"net_loss_min": 10}})
    assert staff.post(f"{BASE}/vip/simulations", json={}).status_code == 422


def test_who_may_not_simulate_is_refused(make_client, draft):
    draft(reward())
    reader = make_client("operator", "rules.read")
    assert reader.post(f"{BASE}/cashback/simulations", json={}).status_code == 403
    assert reader.get(f"{BASE}/simulations").status_code == 200


def test_reports_stay_in_their_tenant(kernel, make_client, other_tenant, staff, draft, worker):
    draft(reward())
    made = staff.post(f"{BASE}/cashback/simulations", json={}).json["id"]
    stranger = make_client("operator", "rules.read", of=other_tenant)
    assert stranger.get(f"{BASE}/simulations/{made}").status_code == 404
    assert stranger.get(f"{BASE}/simulations").json["items"] == []
    with kernel.context(other_tenant.id) as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(ReportRow)) == 0


def test_a_version_that_lost_its_words_fails_with_the_cause(staff, draft, disable, worker):
    draft(reward())
    asked = staff.post(f"{BASE}/cashback/simulations", json={}).json
    disable("casino")
    worker()
    found = staff.get(f"{BASE}/simulations/{asked['id']}").json
    assert found["state"] == "failed"
    assert "casino" in found["error"]


def test_old_judgements_are_forgotten_in_pieces(kernel, tenant, other_tenant, clock, worker, monkeypatch):
    from pitboss.rules.replay import tasks

    monkeypatch.setattr(tasks, "PRUNED_ROWS", 2)
    for one in (tenant, other_tenant):
        with kernel.context(one.id) as ctx:
            for days in (500, 450, 420, 401, 399, 1):
                at = clock.now() - timedelta(days=days)
                ctx.session.add(
                    JudgementRow(id=uuid7(), event="casino.round_played", revision=0, facts={}, at=at)
                )
    with kernel.context(tenant.id) as ctx:
        ctx.enqueue("rules.prune_judgements")
    worker()
    left = {}
    for one in (tenant, other_tenant):
        with kernel.context(one.id) as ctx:
            left[one.id] = ctx.session.scalar(select(func.count()).select_from(JudgementRow))
    assert left == {tenant.id: 2, other_tenant.id: 6}
