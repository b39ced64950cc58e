"""Keep a player's figures current, in the transaction of what changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.database.rows import Piece, insert_rows
from pitboss.core.facts import Entry
from pitboss.plugins.betting.facts.tables import BettingPlayer

STAKE = "betting.stake"
"""Own stakes, when they were accepted."""
NET_LOSS = "betting.net_loss"
"""Stakes less returns, when they were settled or cashed out."""

_PLAYER = BettingPlayer.__table__
_KEY = ("tenant_id", "player_id")
_SUMS = (
    "staked",
    "returned",
    "net_loss",
    "open_stake",
    "bet_count",
    "settled_count",
    "win_count",
    "in_play_count",
    "cash_out_count",
    "odds_sum",
)
_NOTHING: Mapping[str, Any] = {**dict.fromkeys((*_SUMS, "biggest_win"), 0), "last_bet_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one settlement changed for a player: against nothing before, or against the one before."""

    player_id: UUID
    stake: int
    """The own stake that is not at risk any more: 0 for a free bet, and when it is settled again."""
    returned: int
    """What more it returned; negative when a correction took back."""
    net_loss: int
    is_first: bool
    wins: int
    """1: it has won now, -1: it has not won after all."""
    profit: int
    at: datetime
    """When it was first settled: where the windows count it."""


def bet_accepted(
    ctx: Context, player_id: UUID, *, stake: int, odds: Decimal, is_in_play: bool = False
) -> None:
    """Count a bet that was accepted; `stake` is the player's own, 0 for a free bet."""
    sums = {
        "staked": stake,
        "open_stake": stake,
        "bet_count": 1,
        "in_play_count": int(is_in_play),
        "odds_sum": odds,
    }
    entries = [Entry(player_id, STAKE, stake)] if stake else []
    _write(ctx, [_row(ctx, player_id, sums, last_bet_at=ctx.clock.now())], entries)


def pool_entered(ctx: Context, player_id: UUID, *, stake: int) -> None:
    """Count the stake of an entry in a pool: it is no bet at odds."""
    row = _row(ctx, player_id, {"staked": stake, "open_stake": stake})
    _write(ctx, [row], [Entry(player_id, STAKE, stake)])


def cashed_out(ctx: Context, player_id: UUID, *, stake: int, amount: int) -> None:
    """Count a cash-out: the part of the own stake that ended with it, and what it paid."""
    sums = {
        "open_stake": -stake,
        "returned": amount,
        "net_loss": stake - amount,
        "cash_out_count": 1,
    }
    _write(ctx, [_row(ctx, player_id, sums)], [Entry(player_id, NET_LOSS, stake - amount)])


def settled(ctx: Context, changes: Sequence[Settled]) -> None:
    """Count settlements of many players, in one message."""
    insert_rows(ctx.connection, *settled_rows(ctx, changes))


def settled_rows(ctx: Context, changes: Sequence[Settled]) -> tuple[Piece, ...]:
    """Return what counts settlements of many players."""
    players: dict[UUID, dict[str, Any]] = {}
    losses: dict[tuple[UUID, datetime], int] = {}
    for change in changes:
        sums = players.get(change.player_id)
        if sums is None:
            sums = players[change.player_id] = dict(_NOTHING)
        _add(sums, change)
        place = (change.player_id, change.at)
        losses[place] = losses.get(place, 0) + change.net_loss
    # By number: two ids are compared in C, and in the order of the database.
    ordered = sorted(players, key=lambda player_id: player_id.int)
    rows = [_row(ctx, player_id, players[player_id]) for player_id in ordered]
    return _pieces(ctx, rows, list(_entries(losses)))


def _add(sums: dict[str, Any], change: Settled) -> None:
    sums["open_stake"] -= change.stake
    sums["returned"] += change.returned
    sums["net_loss"] += change.net_loss
    sums["settled_count"] += int(change.is_first)
    sums["win_count"] += change.wins
    sums["biggest_win"] = max(sums["biggest_win"], change.profit)


def _entries(losses: Mapping[tuple[UUID, datetime], int]) -> Iterable[Entry]:
    return (Entry(player_id, NET_LOSS, loss, at) for (player_id, at), loss in losses.items() if loss)


def _row(ctx: Context, player_id: UUID, sums: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    return {"tenant_id": ctx.tenant.id, "player_id": player_id, **_NOTHING, **sums, **others}


def _write(ctx: Context, rows: Sequence[Mapping[str, Any]], entries: Sequence[Entry]) -> None:
    insert_rows(ctx.connection, *_pieces(ctx, rows, entries))


def _pieces(ctx: Context, rows: Sequence[Mapping[str, Any]], entries: Sequence[Entry]) -> tuple[Piece, ...]:
    players = Piece(_upsert(ctx.connection.dialect.name), rows, _KEY)
    return players, facts.recorded(ctx, entries)


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    is_sqlite = dialect == "sqlite"
    statement = (sqlite_insert if is_sqlite else postgres_insert)(_PLAYER)
    greatest = func.max if is_sqlite else func.greatest
    old, new = _PLAYER.c, statement.excluded
    changes: dict[str, Any] = {name: old[name] + new[name] for name in _SUMS}
    changes["biggest_win"] = greatest(old.biggest_win, new.biggest_win)
    changes["last_bet_at"] = func.coalesce(new.last_bet_at, old.last_bet_at)
    return statement.on_conflict_do_update(index_elements=_KEY, set_=changes)
