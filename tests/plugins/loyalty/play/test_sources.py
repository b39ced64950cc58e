"""Events of other plugins are transactions, where the tenant says so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.core.tenancy import toggle
from tests.plugins.loyalty.play import bookmaker

PLACED = {
    "event": "bookmaker.bet_placed",
    "kind": "wager",
    "id": "slip",
    "amount": "stake",
    "round": "slip",
    "category": "sport",
    "odds": "price",
    "is_settled": False,
}
SETTLED = {"event": "bookmaker.bet_settled", "kind": "win", "id": "slip", "amount": "payout", "round": "slip"}
VOIDED = {"event": "bookmaker.bet_voided", "kind": "rollback", "id": "slip"}


@pytest.fixture(autouse=True)
def _bookmaker(kernel) -> None:
    """Have a bookmaker beside loyalty."""
    kernel.registry.add(bookmaker.CANDIDATE)


@pytest.fixture
def tenant(kernel, make_tenant, _bookmaker) -> Any:
    """A tenant that takes the bookmaker's events as transactions."""
    made = make_tenant("loyalty", "bookmaker")
    configure(kernel, made, PLACED, SETTLED, VOIDED)
    return kernel.tenants.get(made.id)


@pytest.fixture
def tell(kernel, tenant, worker) -> Any:
    """Have the bookmaker say something of a player."""

    def emit(player_id: UUID | None, noun: str, **payload: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            ctx.emit(f"bookmaker.{noun}", payload, player_id=player_id)
        worker()

    return emit


def configure(kernel: Any, tenant: Any, *sources: dict[str, Any]) -> None:
    with kernel.context(tenant.id) as ctx:
        toggle.configure(ctx, "loyalty", {"sources": list(sources)})
    kernel.tenants.forget(tenant.id)


def test_a_bet_is_a_wager_until_it_settles(player, tell, known) -> None:
    ann = player()

    tell(ann, "bet_placed", slip="s-1", stake=1000)
    assert known(ann, "total_wagered", "net_loss") == [1000, 0]

    tell(ann, "bet_settled", slip="s-1", stake=1000, payout="18.50")
    assert known(ann, "total_won", "net_loss") == [1850, -850]


def test_a_voided_bet_never_was(player, tell, known) -> None:
    ann = player()

    tell(ann, "bet_placed", slip="s-1", stake=1000)
    tell(ann, "bet_voided", slip="s-1")
    tell(ann, "bet_voided", slip="s-2")
    tell(ann, "bet_placed", slip="s-2", stake=1000)

    assert known(ann, "total_wagered", "total_bets") == [0, 0]


def test_what_is_told_twice_is_taken_once(player, tell, known) -> None:
    ann = player()

    tell(ann, "bet_settled", slip="s-1", payout=500)
    tell(ann, "bet_settled", slip="s-1", payout=500)

    assert known(ann, "total_won") == 500


def test_rules_hear_of_it_as_of_any_transaction(player, tell, events) -> None:
    tell(player(), "bet_placed", slip="s-1", stake=1000)

    (told,) = events("loyalty.wager_placed")
    assert (told.payload["stake"], told.payload["category"], told.payload["odds"]) == (
        1000,
        "football",
        "1.85",
    )


def test_other_events_are_none(kernel, tenant, player, tell, known) -> None:
    ann = player()
    configure(kernel, tenant, SETTLED)

    tell(ann, "bet_placed", slip="s-1", stake=1000)

    assert known(ann, "total_wagered") == 0


CANNOT_BE_TAKEN: list[tuple[dict[str, Any], str]] = [
    ({"payout": 12.5}, "'payout' is 12.5, and must be whole minor units"),
    ({"payout": "much"}, "'much' is not an amount"),
    ({"payout": -1}, "'payout' is -1, and must be whole minor units from 0"),
]


def test_an_event_that_cannot_be_taken_waits_with_its_reason(kernel, tenant, player, known) -> None:
    from pitboss.plugins.loyalty.play import sources

    ann = player()
    for payload, said in CANNOT_BE_TAKEN:
        with kernel.context(tenant.id) as ctx:
            event = ctx.emit("bookmaker.bet_settled", {"slip": "s-1", **payload}, player_id=ann)
            with pytest.raises(InvalidInput, match=said):
                sources.listen(ctx, event)

    assert known(ann, "total_won") == 0


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({**PLACED, "event": "loyalty.wager_placed"}, "event", "come from transactions already"),
    ({**PLACED, "event": "bets"}, "event", "does not match"),
    ({**PLACED, "kind": "bet"}, "kind", "Must be one of"),
    ({**PLACED, "amount": None}, "amount", "name the field of the event that holds it"),
    ({**PLACED, "round": None}, "round", "needs the field of its round"),
    ({**PLACED, "seconds": "stake"}, "seconds", "A wager has none"),
    ({**VOIDED, "id": None}, "id", "A rollback needs it"),
    ({**PLACED, "gane": "sport"}, "gane", "Unknown field"),
]


def test_a_wrong_mapping_is_refused_when_it_is_set(kernel, tenant) -> None:
    for source, field, said in WRONG:
        with kernel.context(tenant.id) as ctx, pytest.raises(InvalidInput) as refused:
            toggle.configure(ctx, "loyalty", {"sources": [source]})

        assert field in str(refused.value)
        assert said in str(refused.value)
