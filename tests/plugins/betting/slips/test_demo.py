"""The demo has bets of each kind, and loading it twice adds none; and words that other plugins use."""

from __future__ import annotations

from pitboss.plugins.betting.slips import demo, history, limitbook

MATCH = {"home": "2.00", "draw": "3.40", "away": "3.75"}


def test_the_demo_places_each_kind_once(kernel, tenant, player, offer):
    for _ in range(3):
        offer(MATCH)

    for _ in range(2):
        with kernel.context(tenant.id) as ctx:
            demo.load_demo(ctx)

    with kernel.context(tenant.id) as ctx:
        bets = history.search(ctx, {"player_id": player})
        assert sorted(bet.kind for bet in bets) == ["multiple", "single", "system"]
        assert len(limitbook.every(ctx)) == 1


def test_a_rule_limits_a_player(kernel, tenant, player, offer, place, pay_in):
    pay_in(100_00)
    with kernel.context(tenant.id) as ctx:
        ctx.of(player).act("betting.set_player_limit", measure="stake_max", amount=5_00)

    answer = place(offer(MATCH).leg("home"))

    assert "stake at most 5.00 EUR" in answer.json["reasons"][0]
