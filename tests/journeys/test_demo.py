"""The demo of the whole platform: bets of yesterday are settled, and what they lost earns a cashback."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.core import ledger
from pitboss.core.demo import load_demo
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty import demo as loyalty
from pitboss.plugins.sports import demo as sports
from pitboss.rules.runtime.holdout import is_held_out

BETTING, RULES = "/api/v1/betting", "/api/v1/rules"
CASHBACK, HELD_OUT_PERCENT = "weekly-cashback", 10
LOSERS = {"demo-loses-most", "demo-loses-much", "demo-loses-too"}


@pytest.fixture
def tenant(kernel, clock, worker, monkeypatch) -> Any:
    """The demo tenant as its file describes it, loaded twice; its results come after a minute."""
    # The same walk with fewer players and matches around it: most of the time goes into those.
    monkeypatch.setattr(loyalty, "PLAYERS_MAX", 5)
    monkeypatch.setattr(sports, "DAYS", range(-1, 1))
    kernel.apply_tenant_files()
    for _ in range(2):
        load_demo(kernel)
    worker()
    clock.advance(seconds=sports.RESULT_DELAY_SECONDS)
    worker()
    return kernel.tenants.by_code("demo")


def test_the_demo_shows_a_bet_from_its_placing_to_the_cashback(tenant, kernel, make_client, clock):
    operator = make_client("operator", "*", of=tenant)
    bets = {bet["reference"]: bet for bet in _bets(operator)}

    # Bets of each kind, placed yesterday and settled by the official results.
    shown = {name: (bet["state"], _explained(operator, bet)["kinds"]) for name, bet in bets.items()}
    assert shown == {
        **dict.fromkeys(("demo-single", "demo-treble", "demo-trixie"), ("accepted", [])),
        **dict.fromkeys(LOSERS, ("settled", ["lost"])),
        **dict.fromkeys(("demo-wins", "demo-free", "demo-has-a-void-leg"), ("settled", ["won"])),
        "demo-each-way": ("settled", ["part"]),
        "demo-cashed-out": ("cashed_out", []),
    }
    assert bets["demo-wins"]["placed_at"] < clock.now().date().isoformat()
    assert _explained(operator, bets["demo-has-a-void-leg"])["legs"] == ["won", "void"]
    assert _explained(operator, bets["demo-each-way"])["reasons"] == ["position 2, shared by 2"]

    # What players lost pays a cashback, unless they are held out of it on purpose.
    losers = {bets[name]["player_id"] for name in LOSERS}
    decisions = operator.get(f"{RULES}/decisions?rule={CASHBACK}&limit=100").json["items"]
    paid = {one["player_id"]: one for one in decisions if one["outcome"] == "done"}
    due = {one for one in losers if not is_held_out(CASHBACK, one, HELD_OUT_PERCENT)}
    assert losers & set(paid) == due
    for player_id in due:
        rewards = operator.get(f"/api/v1/loyalty/players/{player_id}/rewards").json["items"]
        reward = next(one for one in rewards if one["decision_id"] == paid[player_id]["id"])
        assert (reward["rule"], reward["amount"]["amount"]) == (CASHBACK, paid[player_id]["amount"])
        detail = operator.get(f"{RULES}/decisions/{reward['decision_id']}").json
        assert detail["event"] == "loyalty.wager_placed"

    with kernel.context(tenant.id) as ctx:
        assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}
        assert checks.broken(ctx) == {}


def _bets(operator: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operator.get(f"{BETTING}/bets?limit=100").json["items"]
    return found


def _explained(operator: Any, bet: dict[str, Any]) -> dict[str, Any]:
    """Return what a bet was settled as; its sum was done again, and its money balances."""
    said = operator.get(f"{BETTING}/bets/{bet['id']}/explanation").json
    assert all(one["replay"]["is_same"] for one in said["settlements"])
    assert said["balance"]["sum"]["amount"] == "0.00"
    outcomes = [leg["outcome"] for one in said["settlements"] for leg in one["legs"]]
    return {
        "kinds": [one["kind"] for one in said["settlements"]],
        "legs": [one["state"] for one in outcomes],
        "reasons": [one["reason"] for one in outcomes],
    }
