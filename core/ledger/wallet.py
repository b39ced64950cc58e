"""What a player sees: purses apart, what can be withdrawn, what happened; and the operator's hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Connection

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.ledger.accounts import PLAYER_PREFIX, Account, house, player
from pitboss.core.ledger.balances import balances
from pitboss.core.ledger.book import post
from pitboss.core.ledger.history import Page, history_of
from pitboss.core.ledger.posting import Leg, Posted

POINTS = "PTS"
REWARD_POINTS = "RWD"
TICKETS = "TKT"
OP_ADJUST = "wallet.adjust"

PURSES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "cash": ("wallet", None),
        "locked": ("hold", None),
        "bonus": ("bonus", None),
        "bonus_locked": ("bonus_hold", None),
        "points": ("wallet", POINTS),
        "reward_points": ("wallet", REWARD_POINTS),
        "tickets": ("wallet", TICKETS),
    }
)
"""The account behind each purse: its kind, and its unit where that is not the player's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """Everything a player has in one currency, and the units that have no currency; minor units."""

    currency: str
    cash: int
    locked: int
    """Set aside for what is not decided yet, such as open bets."""
    bonus: int
    bonus_locked: int
    points: int
    reward_points: int
    tickets: int
    owed: int
    """What a reversal could not take back, because it was spent."""

    @property
    def withdrawable(self) -> int:
        """Return what may leave: cash that is neither locked, nor bonus, nor owed."""
        return max(0, self.cash - self.owed)


def read_wallet(connection: Connection, player_id: UUID | str, currency: str) -> Wallet:
    """Return a player's purses, in one query."""
    held: dict[tuple[str, str], int] = {}
    for account, balance in balances(connection, f"{PLAYER_PREFIX}{player_id}").items():
        place = (account.kind.partition(":")[0], account.currency)
        held[place] = held.get(place, 0) + balance
    purses = {name: held.get((kind, unit or currency), 0) for name, (kind, unit) in PURSES.items()}
    return Wallet(currency=currency, owed=-held.get(("receivable", currency), 0), **purses)


def read_history(
    connection: Connection, player_id: UUID | str, *, cursor: str | None = None, limit: int = 50
) -> Page:
    """Return a page of what happened to all purses of a player, newest first."""
    return history_of(connection, f"{PLAYER_PREFIX}{player_id}", cursor=cursor, limit=limit)


def purse(player_id: UUID | str, name: str, currency: str) -> Account:
    """Name the account behind a purse.

    >>> purse("7f", "points", "EUR")
    Account(owner='player:7f', kind='wallet', currency='PTS')
    """
    if name not in PURSES:
        raise InvalidInput(f"unknown purse {name!r}: {nearest(name, list(PURSES))}")
    kind, unit = PURSES[name]
    return player(player_id, kind, unit or currency)


def purse_name(account: Account) -> str:
    """Return what the player calls an account; its kind where it has no purse."""
    head = account.kind.partition(":")[0]
    unit = account.currency if account.currency in (POINTS, REWARD_POINTS, TICKETS) else None
    return next((name for name, behind in PURSES.items() if behind == (head, unit)), head)


def adjust(
    connection: Connection,
    player_id: UUID | str,
    *,
    key: str,
    purse_named: str,
    amount: int,
    currency: str,
    actor: str,
    reason: str,
) -> Posted:
    """Add to a purse, or take from it with a negative amount, against the house; a reason is needed.

    The caller writes the audit entry.
    """
    if not reason.strip():
        raise InvalidInput("an adjustment needs a reason: say why, for whoever reads it later")
    if type(amount) is not int or amount == 0:
        raise InvalidInput(f"an adjustment is a whole number of minor units but 0, not {amount!r}")
    account = purse(player_id, purse_named, currency)
    against = house("adjustment", account.currency)
    leg = Leg(against, account, amount) if amount > 0 else Leg(account, against, -amount)
    return post(connection, key=key, op=OP_ADJUST, legs=[leg], actor=actor, reason=reason)
