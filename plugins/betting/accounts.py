"""The accounts that a bet's money moves between, and the keys of its journals."""

from __future__ import annotations

from uuid import UUID

from pitboss.core.ledger import Account, house, player

OP_PLACE = "betting.place"
OP_REJECT = "betting.reject"
OP_SETTLE = "betting.settle"
OP_VOID = "betting.void"
OP_CASH_OUT = "betting.cash_out"


def wallet(player_id: UUID, currency: str) -> Account:
    """Name the player's cash."""
    return player(player_id, "wallet", currency)


def hold(player_id: UUID, currency: str, *, is_free: bool = False) -> Account:
    """Name where the stake of an open bet waits; the house holds that of a free bet."""
    return house("free_bet_hold", currency) if is_free else player(player_id, "hold", currency)


def source(player_id: UUID, currency: str, *, is_free: bool = False) -> Account:
    """Name who pays the stake: the player's cash, or the house's free bets."""
    return house("free_bets", currency) if is_free else wallet(player_id, currency)


def book(currency: str) -> Account:
    """Name the house's account of betting: lost stakes come in, winnings go out."""
    return house("betting", currency)


def place_key(bet_id: UUID) -> str:
    """Return the key of the journal that set the stake aside."""
    return f"bet:{bet_id}:place"


def reject_key(bet_id: UUID) -> str:
    """Return the key of the journal that gave the stake of a rejected bet back."""
    return f"bet:{bet_id}:reject"


def settle_key(bet_id: UUID, version: int) -> str:
    """Return the key of the journal of one settlement."""
    return f"bet:{bet_id}:settle:{version}"


def cash_out_key(bet_id: UUID, number: int) -> str:
    """Return the key of the journal of one cash-out."""
    return f"bet:{bet_id}:cash_out:{number}"
