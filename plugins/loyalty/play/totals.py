"""What one transaction adds to a player's totals, and what all of them come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SUMS = (
    "deposited",
    "withdrawn",
    "wagered",
    "won",
    "net_loss",
    "bonus_wagered",
    "deposit_count",
    "withdrawal_count",
    "bet_count",
    "win_count",
    "session_count",
    "play_seconds",
    "volatility_sum",
)
"""Columns that each transaction adds to. A rollback takes the same away."""
INSTANTS = ("first_deposit_at", "last_deposit_at", "last_wager_at", "last_active_at")
COUNTS: Mapping[str, str] = {
    "deposit": "deposit_count",
    "withdrawal": "withdrawal_count",
    "wager": "bet_count",
    "win": "win_count",
    "session": "session_count",
}
_AMOUNTS = {"deposit": "deposited", "withdrawal": "withdrawn", "wager": "wagered", "win": "won"}


def added(tx: Any) -> dict[str, int | float]:
    """Return what a transaction adds, without the net loss: that waits until the round is settled."""
    totals: dict[str, int | float] = {COUNTS[tx.kind]: 1}
    if tx.kind in _AMOUNTS:
        totals[_AMOUNTS[tx.kind]] = tx.amount
    if tx.kind == "wager":
        totals |= {"bonus_wagered": tx.bonus_amount, "volatility_sum": float(tx.amount**2)}
    if tx.kind == "win" and tx.amount == 0:
        # It says that the round is over; nothing was won.
        totals["win_count"] = 0
    if tx.kind == "session":
        totals["play_seconds"] = tx.seconds
    return totals


def seen(tx: Any) -> tuple[str, ...]:
    """Return the instants that a transaction may set."""
    if tx.kind == "deposit":
        return ("first_deposit_at", "last_deposit_at", "last_active_at")
    return ("last_wager_at", "last_active_at") if tx.kind == "wager" else ("last_active_at",)


def of_everything(rows: Sequence[Any]) -> dict[str, Any]:
    """Return all totals and instants of the transactions that stand."""
    totals: dict[str, Any] = dict.fromkeys(SUMS, 0) | dict.fromkeys(INSTANTS)
    totals["volatility_sum"] = 0.0
    for row in rows:
        for name, value in added(row).items():
            totals[name] += value
        for name in seen(row):
            nearest = min if name.startswith("first") else max
            totals[name] = row.at if totals[name] is None else nearest(totals[name], row.at)
    wagers = [row for row in rows if row.kind == "wager"]
    settled = sum(row.amount for row in wagers if row.settled_at is not None)
    since = totals["last_deposit_at"]
    totals["net_loss"] = settled - totals["won"]
    totals["wagered_since_deposit"] = sum(row.amount for row in wagers if since is None or row.at >= since)
    return totals
