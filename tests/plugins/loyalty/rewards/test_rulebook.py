"""The rewards of the packs at work: published rules, real events, real money."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import select

from pitboss.plugins.loyalty.bonuses import purses
from pitboss.rules.book import checks
from pitboss.rules.book.findings import doubts_now
from pitboss.rules.book.starters import fitted
from pitboss.rules.book.words import editor_words
from pitboss.rules.runtime.tables import DecisionRow
from tests.plugins.loyalty.samples import euros
from tests.rules.publishing import put_to_work


def pack(name: str) -> dict[str, dict[str, Any]]:
    """Return the rules of a pack by key."""
    text = files("pitboss.rules.packs").joinpath(f"{name}.json").read_text("utf-8")
    return {rule["key"]: rule for rule in json.loads(text)["rules"]}


REWARDS = {key: rule for key, rule in pack("rewards").items() if rule["kind"] == "reward"}
WEEKLY = {**REWARDS["weekly-cashback"], "on": ["loyalty.session_ended"]}


LISTENS = {
    "deposit-match": {"on": ["loyalty.deposit_made"]},
    "welcome-free-bet": {"on": ["loyalty.deposit_made"]},
    "raffle-tickets": {"on": ["loyalty.wager_placed"]},
}
"""What rules listen to that read the event."""


@pytest.fixture
def live(kernel, tenant):
    """Have rules at work, without the way through approval: `live({...}, {...})`."""

    def publish(*documents: dict[str, Any]) -> None:
        with kernel.context(tenant.id) as ctx:
            put_to_work(ctx, *documents)

    return publish


@pytest.fixture
def decisions(kernel, tenant):
    """Read what was decided: rule, outcome, amount."""

    def read() -> list[tuple[str, str, int | None]]:
        with kernel.context(tenant.id) as ctx:
            rows = ctx.session.scalars(select(DecisionRow).order_by(DecisionRow.id))
            return [(row.rule, row.outcome, row.amount) for row in rows]

    return read


@pytest.fixture
def lose(play, worker):
    """Deposit, lose an amount at slots, and end three sessions: rules listen to the last."""

    def do(amount: str) -> None:
        play.send(kind="deposit", amount="7000.00")
        play.wager("book", amount, category="slots")
        for _ in range(3):
            play.send(kind="session", seconds=600)
            worker()

    return do


def test_the_actions_of_the_pack_fit(kernel, tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        found = [
            problem
            for key, rule in REWARDS.items()
            for problem in checks.check(ctx, {**rule, **LISTENS.get(key, {})}).problems
        ]
    assert [str(problem) for problem in found if problem.path.startswith("then")] == []


def test_a_net_loss_of_6200_pays_500_to_be_wagered_5000(
    live, lose, decisions, kernel, tenant, player, reward, mine, make_client
) -> None:
    """It pays as published, and leads both sides to its explanation."""
    live(pack("segments")["losing"], WEEKLY)
    lose("6200.00")
    assert decisions() == [("weekly-cashback", "done", 500_00)]
    with kernel.context(tenant.id) as ctx:
        [row] = purses.active_of(ctx, player)
        assert (euros(purses.held(ctx, row)), euros(row.requirement)) == ("500.00", "5000.00")
    given = reward(row.id)
    assert (given.rule, given.rule_version, given.type) == ("weekly-cashback", 1, "bonus")
    assert (given.expires_at - given.issued_at).total_seconds() == 48 * 3600
    staff = make_client("operator", "loyalty.read", "rules.read")
    for client, listed in ((mine, "me/rewards"), (staff, f"players/{player}/rewards")):
        [given] = client.get(f"/api/v1/loyalty/{listed}").json["items"]
        assert (given["rule"], given["rule_version"]) == ("weekly-cashback", 1)
        assert client.get(given["explanation"]).json["id"] == given["decision_id"]


def test_a_net_loss_of_99_99_pays_nothing_and_says_why(live, lose, decisions, player, make_client) -> None:
    live({**pack("segments")["losing"], "when": "net_loss > 0"}, WEEKLY)
    lose("99.99")
    assert decisions() == []
    staff = make_client("operator", "rules.read")
    why = staff.get(f"/api/v1/rules/players/{player}/why?event=loyalty.session_ended").json
    assert "net_loss_7d is 99.99 EUR, and at least 100 EUR is wanted" in why["nearest"][0]["sentence"]


def test_a_deposit_that_is_rolled_back_takes_its_bonus_back(
    live, play, worker, decisions, money, reward
) -> None:
    rule = {**REWARDS["deposit-match"], "on": ["loyalty.deposit_made"]}
    live({name: value for name, value in rule.items() if name != "exclusive"})
    sent = play.send(kind="deposit", amount="50.00")
    worker()
    assert decisions() == [("deposit-match", "done", 50_00)]
    play.roll_back(sent)
    worker()
    assert decisions() == [("deposit-match", "undone", 50_00)]
    assert (money.house("bonus_cost"), money("receivable")) == ("0.00", "0.00")


def test_a_blocked_player_gets_nothing(live, lose, decisions, kernel, tenant, player) -> None:
    live(pack("segments")["losing"], WEEKLY)
    from pitboss.core import facts
    from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer

    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, player, LoyaltyPlayer, is_blocked=True)
    lose("6200.00")
    assert decisions() == [("weekly-cashback", "refused", 500_00)]


def test_both_sides_of_a_referral_are_rewarded(
    live, play, worker, kernel, tenant, player, referred_by, decisions
) -> None:
    rule = {**REWARDS["referral"], "when": "stake >= 50", "on": ["loyalty.wager_placed"]}
    live({name: value for name, value in rule.items() if name != "tests"})
    play.wager("book", "50")
    worker()
    assert decisions() == [("referral", "done", 10_00)]
    with kernel.context(tenant.id) as ctx:
        held = [
            [euros(purses.held(ctx, row)) for row in purses.active_of(ctx, who)]
            for who in (player, referred_by)
        ]
    assert held == [["10.00"], ["10.00"]]


@pytest.fixture
def referred_by(kernel, tenant, player):
    """Another player, who referred the player."""
    from pitboss.core.clock import uuid7
    from pitboss.core.identity import register_player
    from pitboss.plugins.loyalty.referrals.tables import ReferralRow

    with kernel.context(tenant.id) as ctx:
        referrer = register_player(ctx, email=f"{uuid7()}@players.test", password=None).id
        ctx.session.add(
            ReferralRow(
                referrer_id=referrer,
                friend_id=player,
                state="registered",
                reasons=[],
                rewards=[],
                registered_at=ctx.clock.now(),
            )
        )
    return referrer


def test_cashback_in_cash_is_capped_at_50(live, lose, decisions, money) -> None:
    rule = {**REWARDS["cash-cashback"], "on": ["loyalty.session_ended"]}
    rule["when"] = "(total_wagered - total_won - bonus_received) * 0.05 >= 1"
    live({name: value for name, value in rule.items() if name != "tests"})
    lose("1200.00")
    assert decisions()[0] == ("cash-cashback", "done", 50_00)
    assert (money("wallet"), money.house("cashback_cost")) == ("50.00", "-50.00")


def test_less_than_the_minimum_of_cashback_is_not_paid(live, lose, decisions, money) -> None:
    rule = {**REWARDS["cash-cashback"], "on": ["loyalty.session_ended"]}
    rule["when"] = "(total_wagered - total_won - bonus_received) * 0.05 >= 1"
    live({name: value for name, value in rule.items() if name != "tests"})
    lose("8.00")
    assert (decisions(), money("wallet")) == ([], "0.00")


def test_a_rule_of_a_pack_is_fitted_with_the_event_that_knows_its_words(kernel, tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        found = fitted(ctx, list(REWARDS.values()))

    assert found.rules["raffle-tickets"]["on"] == ["loyalty.wager_placed"]
    assert found.rules["deposit-match"]["on"] == ["loyalty.deposit_made"]
    assert "on" not in found.rules["weekly-cashback"]
    assert "unknown variable 'harm_flagged'" in found.misfits["vip-perks"][0]


def test_a_tier_that_there_is_not_is_doubted_with_the_nearest(kernel, tenant) -> None:
    def doubts(when: str) -> list[str]:
        document = {**REWARDS["raffle-tickets"], "key": "gold", "on": ["loyalty.wager_placed"], "when": when}
        with kernel.context(tenant.id) as ctx:
            return [one["sentence"] for one in doubts_now(ctx, document)]

    assert "tier is never 'gold' here: known: BRONZE, GOLD" in "; ".join(doubts("tier == 'gold'"))
    assert not [one for one in doubts("tier in ('GOLD', 'SILVER') and stake >= 10") if "is never" in one]


def test_the_editor_is_told_which_tiers_there_are(kernel, tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        [tier] = [one for one in editor_words(ctx)["facts"] if one["name"] == "loyalty.tier"]

    assert {"BRONZE", "GOLD"} <= set(tier["suggested"])
