"""Rules speak of play: the events that transactions become, and the facts that they come to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import read_rule
from pitboss.rules.vocabulary import compiled
from tests.plugins.loyalty.play import bookmaker
from tests.plugins.loyalty.play.conftest import item, rollback
from tests.rules.publishing import put_to_work

PACKS = Path(__file__).parents[4] / "rules/packs"
ON = {
    "deposit-match": "loyalty.deposit_made",
    "welcome-free-bet": "loyalty.deposit_made",
    "raffle-tickets": "loyalty.wager_placed",
    "pass-through": "loyalty.withdrawal_made",
}
"""Rules that read fields of an event, and which event that is here."""
NOT_OURS = {
    "cash-cashback": "harm_flagged",
    "daily-visit-spin": "visits_today",
    "vip-perks": "harm_flagged",
    "flow-net-loss": "balance_start",
}
"""Rules with a word that only others can know."""


@pytest.fixture(autouse=True)
def _bookmaker(kernel) -> None:
    """Have a bookmaker beside loyalty, whose action shows what rules paid."""
    kernel.registry.add(bookmaker.CANDIDATE)


@pytest.fixture
def tenant(kernel, make_tenant, _bookmaker) -> Any:
    """A tenant with both."""
    return make_tenant("loyalty", "bookmaker")


@pytest.fixture
def live(kernel, tenant) -> Any:
    """Have a rule at work that pays 5.00, without the way through approval."""

    def publish(on: str, when: Any, *, key: str = "welcome", pays: int = 5) -> None:
        document = {
            "kind": "reward",
            "key": key,
            "on": [on],
            "when": when,
            "then": [{"action": "bookmaker.pay", "amount": pays}],
        }
        with kernel.context(tenant.id) as ctx:
            put_to_work(ctx, document)

    return publish


def rules_of(pack: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((PACKS / f"{pack}.json").read_text("utf-8"))["rules"]
    return found


def test_the_starter_rules_find_their_words(ctx) -> None:
    missing = {}
    for rule in [rule for pack in ("rewards", "segments", "tiers") for rule in rules_of(pack)]:
        on = {"on": [ON[rule["key"]]]} if rule["key"] in ON else {}
        try:
            compiled(ctx, read_rule({**rule, **on}))
        except Refused as error:
            missing[rule["key"]] = str(error)

    # Words of friends are those of referrals, and consent is told by identity: not of play.
    assert missing.keys() <= NOT_OURS.keys() | {"referral", "close-to-gold"}
    assert all(NOT_OURS[key] in missing[key] for key in missing if key in NOT_OURS)


def test_the_abuse_rules_about_play_find_their_words(ctx) -> None:
    abuse = {rule["key"]: rule for rule in rules_of("abuse")}
    for key in ("bonus-only", "bonus-abuse-score", "pass-through"):
        compiled(ctx, read_rule({**abuse[key], "on": [ON.get(key, "loyalty.wager_placed")]}))


def test_a_first_deposit_is_rewarded_and_a_second_is_not(player, send, live, worker, events) -> None:
    ann = player()
    live("loyalty.deposit_made", "event.deposit_number == 1 and deposit_amount >= 10")

    send(item(ann, "deposit", "20.00", "d-1"), item(ann, "deposit", "30.00", "d-2"))
    worker()

    assert [event.payload["amount"] for event in events("bookmaker.paid")] == [500]


def test_a_rollback_takes_the_reward_back(player, send, live, worker, events) -> None:
    ann = player()
    live("loyalty.deposit_made", "deposit_number == 1")
    send(item(ann, "deposit", "20.00", "d-1"))
    worker()

    send(rollback(ann, "d-1"))
    worker()

    assert [len(events(f"bookmaker.{name}")) for name in ("paid", "taken_back")] == [1, 1]


def test_what_was_rolled_back_before_rules_judged_it_is_not_rewarded(
    player, send, live, worker, events
) -> None:
    ann = player()
    live("loyalty.deposit_made", "deposit_number == 1")

    send(item(ann, "deposit", "20.00", "d-1"), rollback(ann, "d-1"))
    worker()

    assert not events("bookmaker.paid")


KNOWN: list[tuple[str, str]] = [
    ("wager_placed", "game == 'dice' and stake == 12.5 and odds >= 1.85 and game_contribution == 1"),
    ("wager_placed", "net_loss_7d == 12.5 and total_bets == 1 and days_since_last_deposit < 1"),
    ("wager_placed", "account_age_days < 1 and country == 'GB' and average_bet == 12.5"),
    ("wager_placed", "wagered_since_deposit == 12.5 and volatility == 0 and win_loss_ratio == 0"),
    ("withdrawal_made", "withdrawal_amount == 5 and event.deposit_amount == 20 and nth == 1"),
    ("session_ended", "seconds == 1800 and session_count == 1 and playtime_1d == minutes(30)"),
]


def test_rules_know_what_was_played(player, send, live, worker, events) -> None:
    ann = player(country="GB")
    for number, (event, when) in enumerate(KNOWN):
        live(f"loyalty.{event}", when, key=f"rule-{number}", pays=number + 1)

    send(
        item(ann, "deposit", "20.00", "d-1"),
        item(ann, "wager", "12.50", "w-1", game="dice", odds="1.85"),
        item(ann, "withdrawal", "5.00", "o-1"),
        item(ann, "session", None, "s-1", seconds=1800),
    )
    worker()

    paid = sorted(event.payload["amount"] // 100 for event in events("bookmaker.paid"))
    assert [KNOWN[number - 1] for number in paid] == KNOWN


def test_a_new_player_is_known_before_playing(player, worker, known) -> None:
    ann = player(country="GB")

    worker()

    assert known(ann, "country", "account_age_days", "total_bets") == ["GB", 0.0, 0]


def test_who_registered_before_loyalty_is_known_too(kernel, make_tenant, player, enable, known) -> None:
    from pitboss.core.tenancy import toggle

    plain = make_tenant()
    ann = player(of=plain, country="GB")

    with kernel.context(plain.id) as ctx:
        toggle.enable(ctx, "loyalty")
    kernel.tenants.forget(plain.id)

    assert known(ann, "country", "account_age_days", of=kernel.tenants.get(plain.id)) == ["GB", 0.0]
