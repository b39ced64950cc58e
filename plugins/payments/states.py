"""The states of deposits and withdrawals, as tables: what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEPOSIT, WITHDRAWAL = "deposit", "withdrawal"
KINDS = (DEPOSIT, WITHDRAWAL)

_WAITING = ("pending", "action_required", "completed", "failed", "expired")

DEPOSITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "created": _WAITING,
        "pending": ("action_required", "completed", "failed", "expired"),
        "action_required": ("pending", "completed", "failed", "expired"),
        # Money that arrives late has arrived: it is the player's.
        "failed": ("completed",),
        "expired": ("completed",),
        "completed": ("reversed",),
        # A dispute that is won gives the money back.
        "reversed": ("completed",),
    }
)
WITHDRAWALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "requested": ("reviewed", "approved", "rejected", "cancelled"),
        "reviewed": ("approved", "rejected", "cancelled"),
        "approved": ("sent", "rejected"),
        # From here on the provider may have paid: only the provider says how it ended.
        "sent": ("completed", "failed"),
        "completed": (),
        "failed": (),
        "rejected": (),
        "cancelled": (),
    }
)
TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {DEPOSIT: DEPOSITS, WITHDRAWAL: WITHDRAWALS}
STATES = tuple(dict.fromkeys((*DEPOSITS, *WITHDRAWALS)))

IN_FLIGHT = ("created", "pending", "action_required")
"""Deposits that may still bring money."""
UNDECIDED = ("requested", "reviewed")
"""Withdrawals that wait for an operator."""
RETURNED = ("rejected", "failed", "cancelled")
"""Withdrawals whose money went back to the wallet."""
OPEN = (*IN_FLIGHT, *UNDECIDED, "approved", "sent")


def may_follow(kind: str, state: str, wanted: str) -> bool:
    """Tell whether a payment of that kind may go from a state to another."""
    return wanted in TABLES[kind][state]


def contradicts(kind: str, state: str, said: str) -> bool:
    """Tell whether a provider says the opposite of what the books hold, so that a person must look."""
    if kind == DEPOSIT:
        return False
    return said in ("completed", "failed") and state != said and state != "sent"
