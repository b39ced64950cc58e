"""Settle the wagers of a round by its first win, in whatever order they come and go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from pitboss.core.context import Context
from pitboss.plugins.loyalty.play.tables import Transaction

_TX = Transaction.__table__
_ROUND = select(_TX).where(
    _TX.c.tenant_id == bindparam("tenant"),
    _TX.c.sender == bindparam("of_sender"),
    _TX.c.round_id == bindparam("of_round"),
    _TX.c.player_id == bindparam("of_player"),
    _TX.c.rolled_back_at.is_(None),
)
_SETTLE = (
    update(_TX)
    .where(_TX.c.tenant_id == bindparam("tenant"), _TX.c.id == bindparam("of_id"))
    .values(settled_at=bindparam("since"))
)


@dataclass(frozen=True, slots=True)
class Settled:
    """A wager that counts from another instant than it did; None is not at all."""

    amount: int
    before: datetime | None
    after: datetime | None


def is_of_round(tx: Transaction) -> bool:
    """Tell whether a transaction may settle wagers, or waits to be settled."""
    return tx.round_id is not None and (tx.kind == "win" or (tx.kind == "wager" and not tx.is_settled))


def settled_since(wager: Any, first_win: datetime | None) -> datetime | None:
    """Return from when on a wager counts: since the first win of its round, but not before itself."""
    if wager.is_settled:
        at: datetime = wager.at
        return at
    return None if first_win is None else max(first_win, wager.at)


def settle_round(ctx: Context, tx: Transaction) -> list[Settled]:
    """Settle what waits in the round of a transaction that came or went; return what changed."""
    rows = ctx.connection.execute(
        _ROUND,
        {
            "tenant": ctx.tenant.id,
            "of_sender": tx.sender,
            "of_round": tx.round_id,
            "of_player": tx.player_id,
        },
    ).all()
    first_win = min((row.at for row in rows if row.kind == "win"), default=None)
    changes = []
    for row in rows:
        if row.kind == "wager" and not row.is_settled:
            after = settled_since(row, first_win)
            if after != row.settled_at:
                ctx.connection.execute(_SETTLE, {"tenant": ctx.tenant.id, "of_id": row.id, "since": after})
                changes.append(Settled(row.amount, row.settled_at, after))
    return changes
