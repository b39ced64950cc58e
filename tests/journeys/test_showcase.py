"""The match that is always on, with a book on it: prices follow it, bets are settled, the next opens."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pitboss.core import ledger
from pitboss.plugins.sports import showcase
from pitboss.plugins.sports.catalogue import competitions

BETTING = "/api/v1/betting"
STEPS_MAX = 40


def test_bets_on_the_match_that_is_always_on_are_settled(kernel, make_tenant, register_in, clock, worker):
    tenant = make_tenant("sports", "betting", country="GB", currency="GBP")
    me = register_in(tenant)
    _configure(kernel, tenant)
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        showcase.begin(ctx, competitions.ensure(ctx, "football", "Showcase Cup", country="GB"))
    worker()

    [first] = me.get(f"{BETTING}/fixtures?is_live=true").json["items"]
    before = [one["odds"] for one in first["main"]["selections"]]
    bets = [_bet(me, first["main"], code) for code in ("home", "draw", "away")]
    moved = False
    for _ in range(STEPS_MAX):
        clock.advance(seconds=showcase.STEP_SECONDS)
        worker()
        market = me.get(f"{BETTING}/markets/{first['main']['id']}").json
        moved = moved or [one["odds"] for one in market["selections"]] != before
        if market["status"] == "settled":
            break

    paid = [me.get(f"{BETTING}/bets/{bet}").json for bet in bets]
    assert moved
    assert [bet["state"] for bet in paid] == ["settled"] * 3
    assert sum(float(bet["payout"]["amount"]) > 0 for bet in paid) == 1
    [following] = me.get(f"{BETTING}/fixtures").json["items"]
    assert following["fixture_id"] != first["fixture_id"]
    assert following["main"]["is_open"]
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())


def _configure(kernel: Any, tenant: Any) -> None:
    from pitboss.core.tenancy import toggle

    with kernel.context(tenant.id) as ctx:
        settings = {"has_feed_markets_by_itself": True, "jump_percent_max": 1_000}
        toggle.configure(ctx, "betting", {**settings, "live_price_age_seconds_max": 3_600})
        toggle.configure(ctx, "sports", {"live": {"silence_seconds_max": 300}})
    kernel.tenants.forget(tenant.id)


def _bet(me: Any, market: dict[str, Any], code: str) -> str:
    selection = next(one for one in market["selections"] if one["code"] == code)
    leg = {"selection_id": selection["id"], "odds": selection["odds"]}
    body = {
        "legs": [{**leg, "odds_version": market["odds_version"]}],
        "stake": {"amount": "2.00", "currency": "GBP"},
        "price_policy": "any",
        "reference": str(uuid4()),
    }
    answer = me.post(f"{BETTING}/bets", json=body)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])
