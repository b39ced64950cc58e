"""Several workers at once: a mission pays once, a budget is never exceeded, a referral pays once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pitboss.core.clock import uuid7
from pitboss.plugins.loyalty.abuse import watch
from pitboss.plugins.loyalty.campaigns import runs as campaignruns
from pitboss.plugins.loyalty.play import ingestion
from pitboss.plugins.loyalty.play.incoming import read
from pitboss.plugins.loyalty.referrals import book as referralbook
from pitboss.plugins.loyalty.referrals import referring
from tests.plugins.loyalty.quests.conftest import CASH, ROOT

WORKERS = 8


@pytest.fixture
def race(kernel, tenant, backend) -> Callable[..., list[Any]]:
    """Do something several times at once, each in a transaction of its own."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: there is no race")

    def alone(work: Callable[[Any, int], Any], n: int) -> Any:
        with kernel.context(tenant.id) as ctx:
            return work(ctx, n)

    def run(work: Callable[[Any, int], Any], times: int = WORKERS) -> list[Any]:
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda n: alone(work, n), range(times)))

    return run


def test_two_workers_complete_one_mission_once(race, player, mission, cash, progress) -> None:
    mission(reward=CASH)
    ann = player()

    def bet(ctx: Any, n: int) -> Any:
        item = {"id": f"t-{n}", "kind": "wager", "player": str(ann), "amount": "10.00"}
        return ingestion.take(ctx, [read(ctx, "feed", item)])

    race(bet)

    assert progress(ann)["is_complete"]
    assert cash(ann) == 500


def test_parallel_runs_of_a_campaign_stay_within_its_budget(
    race,
    player,
    send,
    staff,
    make_client,
    live,
    cash,
) -> None:
    live({"kind": "segment", "key": "regulars", "when": "total_wagered >= 5"})
    people = [player() for _ in range(10)]
    for who in people:
        send(who, amount="5.00")
    boss = make_client("operator", "loyalty.*")
    object.__setattr__(boss.principal, "name", "boss@tenant.test")
    body = {"key": "spring", "title": "Spring", "segment": "regulars", "offer": CASH}
    staff.post(f"{ROOT}/campaigns", json={**body, "budget": {"amount": "22.00", "currency": "EUR"}})
    staff.post(f"{ROOT}/campaigns/spring/submit", json={})
    boss.post(f"{ROOT}/campaigns/spring/approve", json={})

    race(lambda ctx, _: campaignruns.run(ctx, {"key": "spring"}))

    assert sum(cash(who) for who in people) == 2000
    assert staff.get(f"{ROOT}/campaigns/spring").json["spent"]["amount"] == "20.00"


def test_a_referral_that_is_looked_at_by_many_pays_once(
    race, kernel, tenant, player, acting, make_client, events
) -> None:
    ann, bob = player(), player()
    code = acting(ann).post(f"{ROOT}/me/referral").json["code"]
    acting(bob).post(f"{ROOT}/me/referral/claim", json={"code": code})
    key = make_client("api_key", "loyalty.ingest")
    items = [
        {"id": uuid7().hex, "kind": kind, "player": str(bob), "amount": "50.00"}
        for kind in ("deposit", "wager")
    ]
    assert key.post(f"{ROOT}/transactions", json=items).status_code == 200

    race(lambda ctx, _: referring.reconsider(ctx, bob))

    assert len(events("loyalty.referral_qualified")) == 1
    with kernel.context(tenant.id) as ctx:
        row = referralbook.of_friend(ctx, bob)
        assert row is not None
        assert [given["to"] for given in row.rewards] == ["friend", "referrer"]


def test_one_sign_that_is_seen_by_many_is_raised_once(race, player, events) -> None:
    ann = player()

    def see(ctx: Any, _n: int) -> Any:
        return watch.raise_signal(
            ctx, key="k", player_id=ann, detector="acme", severity=8, reason="it looks so"
        )

    found = race(see)

    assert len([signal_id for signal_id in found if signal_id]) == 1
    assert len(events("loyalty.signal_raised")) == 1
