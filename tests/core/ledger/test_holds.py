"""Money set aside, and money taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pitboss.core.database import Database
from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, NotFound
from pitboss.core.ledger import (
    Account,
    Leg,
    authorise,
    balance,
    balance_at,
    balances,
    capture,
    house,
    player,
    post,
    read_wallet,
    release,
    reverse,
    with_debt,
)

CLEARING = house("clearing", "EUR")
PNL = house("pnl", "EUR")
ANN = player("ann", "wallet", "EUR")
BONUS = player("ann", "bonus:7", "EUR")

ORACLES = Path(__file__).parents[2] / "data" / "oracles_core.json"

pytestmark = pytest.mark.usefixtures("books", "funded")


@pytest.fixture
def funded(database: Database, tenant_id: int) -> None:
    """Ann has 1000 in cash and 500 of bonus."""
    with database.transaction(tenant_id) as connection:
        post(connection, key="fund", op="x", legs=[Leg(CLEARING, ANN, 1000), Leg(CLEARING, BONUS, 500)])


def held(database: Database, tenant_id: int) -> dict[str, int]:
    with database.transaction(tenant_id) as connection:
        return {account.kind: amount for account, amount in balances(connection, "player:ann").items()}


def test_what_is_authorised_is_apart_and_not_spendable(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        authorise(connection, key="bet:1", amounts={ANN: 800, BONUS: 100})
        with pytest.raises(InsufficientFunds):
            post(connection, key="x", op="x", legs=[Leg(ANN, PNL, 300)])
    assert held(database, tenant_id) == {"wallet": 200, "hold": 800, "bonus:7": 400, "bonus_hold:7": 100}


def test_a_capture_takes_all_of_it(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        authorise(connection, key="bet:1", amounts={ANN: 800, BONUS: 100})
        capture(connection, key="bet:1", target=PNL)
        assert balance(connection, PNL) == 900
    assert held(database, tenant_id) == {"wallet": 200, "hold": 0, "bonus:7": 400, "bonus_hold:7": 0}


def test_a_part_is_taken_purse_by_purse_and_the_rest_given_back(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        authorise(connection, key="bet:1", amounts={ANN: 800, BONUS: 100})
        winnings = [Leg(PNL, ANN, 50)]
        capture(connection, key="bet:1", target=PNL, amount=850, also=winnings)
        assert balance(connection, PNL) == 800
    assert held(database, tenant_id) == {"wallet": 250, "hold": 0, "bonus:7": 450, "bonus_hold:7": 0}


def test_a_release_gives_all_of_it_back(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        authorise(connection, key="bet:1", amounts={ANN: 800, BONUS: 100})
        assert [release(connection, key="bet:1").replayed for _ in range(2)] == [False, True]
    assert held(database, tenant_id) == {"wallet": 1000, "hold": 0, "bonus:7": 500, "bonus_hold:7": 0}


def test_a_hold_is_closed_once_and_takes_from_no_other_hold(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        for key in ("bet:1", "bet:2"):
            authorise(connection, key=key, amounts={ANN: 300})
        capture(connection, key="bet:1", target=PNL)
        with pytest.raises(Conflict, match="closed in another way"):
            release(connection, key="bet:1")
        with pytest.raises(InvalidInput, match="capture 1 to 300"):
            capture(connection, key="bet:2", target=PNL, amount=301)
    assert held(database, tenant_id)["hold"] == 300


def test_only_a_hold_can_be_captured(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        with pytest.raises(NotFound, match="no journal has the key"):
            capture(connection, key="nothing", target=PNL)
        with pytest.raises(InvalidInput, match="not a hold"):
            capture(connection, key="fund", target=PNL)


def test_a_reversal_undoes_a_journal_once(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        first = reverse(connection, key="fund", reason="wrong player")
        again = reverse(connection, key="fund", reason="wrong player")
        assert (again.journal_id, again.replayed) == (first.journal_id, True)
        with pytest.raises(Conflict, match="itself a reversal"):
            reverse(connection, key="reverse:fund")
        with pytest.raises(NotFound):
            reverse(connection, key="nothing")
    assert held(database, tenant_id) == {"wallet": 0, "bonus:7": 0}


def test_a_reversal_of_spent_money_is_refused_by_default(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="spend", op="x", legs=[Leg(ANN, PNL, 900)])
        with pytest.raises(InsufficientFunds):
            reverse(connection, key="fund")
    assert held(database, tenant_id) == {"wallet": 100, "bonus:7": 500}


def test_spent_money_may_be_booked_as_owed(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="spend", op="x", legs=[Leg(ANN, PNL, 900)])
        first = reverse(connection, key="fund", shortfall="receivable")
        post(connection, key="more", op="x", legs=[Leg(CLEARING, ANN, 500)])
        again = reverse(connection, key="fund", shortfall="receivable")
        assert (again.journal_id, again.replayed) == (first.journal_id, True)
        wallet = read_wallet(connection, "ann", "EUR")
    assert held(database, tenant_id) == {"wallet": 500, "bonus:7": 0, "receivable": -900}
    assert (wallet.owed, wallet.withdrawable) == (900, 0)


def test_a_part_that_was_spent_is_booked_as_owed(database: Database, tenant_id: int) -> None:
    with database.transaction(tenant_id) as connection:
        post(connection, key="spend", op="x", legs=[Leg(ANN, PNL, 900)])
        legs = with_debt(connection, [Leg(ANN, CLEARING, 60), Leg(ANN, CLEARING, 70), Leg(PNL, CLEARING, 5)])
        post(connection, key="part", op="x", legs=legs)
    assert sum(leg.amount for leg in legs) == 135
    assert held(database, tenant_id) == {"wallet": 0, "bonus:7": 500, "receivable": -30}


def test_what_is_held_and_closed_stands_at_the_instant_given(database: Database, tenant_id: int) -> None:
    first, second = (datetime(2026, 1, day, tzinfo=UTC) for day in (5, 6))
    with database.transaction(tenant_id) as connection:
        authorise(connection, key="bet:1", amounts={ANN: 800}, at=first)
        release(connection, key="bet:1", at=second)
        authorise(connection, key="bet:2", amounts={ANN: 100}, at=first)
        capture(connection, key="bet:2", target=PNL, at=second)
        hold = ANN.sibling("hold")
        assert [balance_at(connection, hold, at) for at in (first, second)] == [900, 0]
        reverse(connection, key="close:bet:2", at=second)
        assert balance_at(connection, PNL, second) == 0


def oracle() -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(ORACLES.read_text("utf-8"))["oracles"]
    return next(one for one in found if one["id"] == "ledger.resettlement")


NAMED = {"player:cash": ANN, "bets:open": player("ann", "hold", "EUR"), "house:pnl": PNL}


def legs_of(lines: list[tuple[str, str]]) -> list[Leg]:
    """Pair those who give with those who get."""
    minor = {NAMED[name]: int(Decimal(amount) * 100) for name, amount in lines}
    givers = [[account, -gain] for account, gain in minor.items() if gain < 0]
    getters = [[account, gain] for account, gain in minor.items() if gain > 0]
    legs: list[Leg] = []
    while givers:
        amount = min(givers[0][1], getters[0][1])  # type: ignore[type-var]  # account and amount in one list
        legs.append(Leg(givers[0][0], getters[0][0], amount))  # type: ignore[arg-type]  # as above
        for side in (givers, getters):
            side[0][1] -= amount  # type: ignore[operator]  # as above
            if not side[0][1]:
                side.pop(0)
    return legs


def test_a_resettlement_gives_the_oracles_balances(database: Database, tenant_id: int) -> None:
    wanted = oracle()
    with database.transaction(tenant_id) as connection:
        before = {name: balance(connection, account) for name, account in NAMED.items()}
        for key, lines in wanted["inputs"]["postings"]:
            if key == "resettle_void:reverse":
                reverse(connection, key="settle_won_2.50")
            else:
                post(connection, key=key, op="bet", legs=legs_of(lines))
        for name, account in NAMED.items():
            delta = Decimal(balance(connection, account) - before[name]) / 100
            assert delta == Decimal(wanted["expected"]["final_balances_delta"][name])


def test_a_resettlement_of_spent_winnings_follows_the_rule(database: Database, tenant_id: int) -> None:
    """The player of the oracle spent the 25: refused by default, owed where the tenant allows it."""
    postings = dict(oracle()["inputs"]["postings"])
    with database.transaction(tenant_id) as connection:
        for key in ("place", "settle_won_2.50"):
            post(connection, key=key, op="bet", legs=legs_of(postings[key]))
        everything = balance(connection, ANN)
        post(connection, key="spend", op="x", legs=[Leg(ANN, CLEARING, everything)])
        with pytest.raises(InsufficientFunds):
            reverse(connection, key="settle_won_2.50")
        reverse(connection, key="settle_won_2.50", shortfall="receivable")
        assert balance(connection, Account("player:ann", "receivable", "EUR")) == -2500
        assert (balance(connection, ANN), balance(connection, PNL)) == (0, 0)
