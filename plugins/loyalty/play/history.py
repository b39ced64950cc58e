"""What a player's transactions come to: totals, instants and windows, exact after any rollback."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, case, delete, func, select, update

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.facts import Entry, FactBucket
from pitboss.plugins.loyalty.play import rounds
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.play.totals import COUNTS, INSTANTS, SUMS, added, of_everything, seen
from pitboss.plugins.loyalty.players import profiles
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer

DEPOSIT, WITHDRAWAL = "loyalty.deposit", "loyalty.withdrawal"
WAGER, WIN, BONUS_WAGER = "loyalty.wager", "loyalty.win", "loyalty.bonus_wager"
NET_LOSS, SESSION = "loyalty.net_loss", "loyalty.session"
METRICS = (DEPOSIT, WITHDRAWAL, WAGER, WIN, BONUS_WAGER, NET_LOSS, SESSION)
ENTRIES_MAX = 1000
"""Entries of a rebuilt history that are recorded at once."""

_TX, _PLAYER, _BUCKET = Transaction.__table__, LoyaltyPlayer.__table__, FactBucket.__table__
_METRIC_OF = {"deposit": DEPOSIT, "withdrawal": WITHDRAWAL, "wager": WAGER, "win": WIN}


# -- the effect ------------------------------------------------------------------------------------


def taken(ctx: Context, tx: Transaction) -> None:
    """Add a transaction to what is known of its player."""
    settled = rounds.settle_round(ctx, tx) if rounds.is_of_round(tx) else []
    _add(ctx, tx, sign=1, net_loss=_net_loss(tx) + sum(_change(s) for s in settled))
    if tx.kind == "deposit":
        _recount(ctx, tx.player_id, "wagered_since_deposit")
    facts.record_many(ctx, [*_entries(tx), *_settled_entries(tx.player_id, settled)])


def rolled_back(ctx: Context, tx: Transaction) -> None:
    """Take a transaction away again; first and last instants are those of what remains."""
    settled = rounds.settle_round(ctx, tx) if rounds.is_of_round(tx) else []
    _add(ctx, tx, sign=-1, net_loss=-_net_loss(tx) + sum(_change(s) for s in settled))
    _recount(ctx, tx.player_id, *INSTANTS)
    # Where wagers count from depends on the last deposit: after it is known.
    _recount(ctx, tx.player_id, "wagered_since_deposit")
    undone = [Entry(e.player_id, e.metric, e.value, e.at, undo=True) for e in _entries(tx)]
    facts.record_many(ctx, [*undone, *_settled_entries(tx.player_id, settled)])


def nth(ctx: Context, tx: Transaction) -> int:
    """Return the how manieth of its kind a transaction is, of those that stand."""
    column = _PLAYER.c[COUNTS[tx.kind]]
    of_player = (_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.player_id == tx.player_id)
    return int(ctx.connection.execute(select(column).where(*of_player)).scalar_one())


def last_deposit(ctx: Context, player_id: UUID) -> int | None:
    """Return the amount of the last deposit that stands, in minor units."""
    query = (
        select(_TX.c.amount)
        .where(
            _TX.c.tenant_id == ctx.tenant.id,
            _TX.c.player_id == player_id,
            _TX.c.kind == "deposit",
            _TX.c.rolled_back_at.is_(None),
        )
        .order_by(_TX.c.at.desc(), _TX.c.id.desc())
        .limit(1)
    )
    amount: int | None = ctx.connection.scalar(query)
    return amount


def rebuild(ctx: Context, player_id: UUID) -> None:
    """Work out all of it again from the transactions: totals, instants, rounds and windows."""
    profiles.lock(ctx, [player_id])
    rows = ctx.connection.execute(_standing(ctx, player_id)).all()
    _settle_all(ctx, rows)
    rows = ctx.connection.execute(_standing(ctx, player_id)).all()
    of_player = (_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.player_id == player_id)
    ctx.connection.execute(update(_PLAYER).where(*of_player).values(**of_everything(rows)))
    ctx.connection.execute(
        delete(_BUCKET).where(
            _BUCKET.c.tenant_id == ctx.tenant.id,
            _BUCKET.c.player_id == player_id,
            _BUCKET.c.metric.in_(METRICS),
        )
    )
    entries = [entry for row in rows for entry in _entries(row)]
    for start in range(0, len(entries), ENTRIES_MAX):
        facts.record_many(ctx, entries[start : start + ENTRIES_MAX])


# -- totals in the database ------------------------------------------------------------------------


def _add(ctx: Context, tx: Transaction, *, sign: int, net_loss: int) -> None:
    values: dict[str, Any] = dict.fromkeys((f"add_{name}" for name in SUMS), 0)
    values |= {f"add_{name}": sign * value for name, value in added(tx).items()}
    values |= {f"seen_{name}": None for name in INSTANTS}
    if sign > 0:
        values |= {f"seen_{name}": tx.at for name in seen(tx)}
    key = {"tenant": ctx.tenant.id, "player": tx.player_id}
    ctx.connection.execute(_adding(), values | key | {"add_net_loss": net_loss})


@lru_cache(maxsize=1)
def _adding() -> Any:
    """Add to all totals in the database itself: no two additions are lost, and nothing is read first."""
    p = _PLAYER.c
    changes: dict[str, Any] = {name: p[name] + bindparam(f"add_{name}", type_=p[name].type) for name in SUMS}
    for name in INSTANTS:
        at = bindparam(f"seen_{name}", type_=p[name].type)
        is_nearer = at < p[name] if name.startswith("first") else at > p[name]
        changes[name] = case((at.is_(None), p[name]), (p[name].is_(None) | is_nearer, at), else_=p[name])
    wagered_at = bindparam("seen_last_wager_at", type_=p.last_wager_at.type)
    counts = p.last_deposit_at.is_(None) | (wagered_at >= p.last_deposit_at)
    changes["wagered_since_deposit"] = p.wagered_since_deposit + case(
        (counts, bindparam("add_wagered", type_=p.wagered.type)), else_=0
    )
    return update(_PLAYER).where(_is_player()).values(changes)


def _recount(ctx: Context, player_id: UUID, *names: str) -> None:
    """Work out columns again from the transactions that stand."""
    statement = update(_PLAYER).where(_is_player()).values({name: _counting(name) for name in names})
    ctx.connection.execute(statement, {"tenant": ctx.tenant.id, "player": player_id})


def _counting(name: str) -> Any:
    query = select(_AGGREGATES[name]).where(
        _TX.c.tenant_id == bindparam("tenant"),
        _TX.c.player_id == bindparam("player"),
        _TX.c.rolled_back_at.is_(None),
        _TX.c.kind != "rollback",
    )
    if "deposit_at" in name:
        query = query.where(_TX.c.kind == "deposit")
    elif name in ("last_wager_at", "wagered_since_deposit"):
        query = query.where(_TX.c.kind == "wager")
    if name == "wagered_since_deposit":
        query = query.where(_PLAYER.c.last_deposit_at.is_(None) | (_TX.c.at >= _PLAYER.c.last_deposit_at))
    return query.scalar_subquery().correlate(_PLAYER)


_AGGREGATES: dict[str, Any] = {
    "first_deposit_at": func.min(_TX.c.at),
    "last_deposit_at": func.max(_TX.c.at),
    "last_wager_at": func.max(_TX.c.at),
    "last_active_at": func.max(_TX.c.at),
    "wagered_since_deposit": func.coalesce(func.sum(_TX.c.amount), 0),
}


def _is_player() -> Any:
    return (_PLAYER.c.tenant_id == bindparam("tenant")) & (_PLAYER.c.player_id == bindparam("player"))


# -- net loss: on settled play alone ---------------------------------------------------------------


def _net_loss(tx: Any) -> int:
    """Return what a transaction adds to the net loss by itself."""
    if tx.kind == "win":
        return -int(tx.amount)
    return int(tx.amount) if tx.kind == "wager" and tx.settled_at is not None else 0


def _change(settled: rounds.Settled) -> int:
    return settled.amount * ((settled.after is not None) - (settled.before is not None))


def _settle_all(ctx: Context, rows: Any) -> None:
    done = set()
    for row in rows:
        if row.round_id is not None and (row.sender, row.round_id) not in done:
            done.add((row.sender, row.round_id))
            rounds.settle_round(ctx, row)


# -- windows ---------------------------------------------------------------------------------------


def _entries(tx: Any) -> Iterator[Entry]:
    """Yield what a transaction is in the windows."""
    if tx.kind == "session":
        yield Entry(tx.player_id, SESSION, tx.seconds, tx.at)
        return
    if tx.amount or tx.kind != "win":
        yield Entry(tx.player_id, _METRIC_OF[tx.kind], tx.amount, tx.at)
    if tx.kind == "wager" and tx.bonus_amount:
        yield Entry(tx.player_id, BONUS_WAGER, tx.bonus_amount, tx.at)
    if tx.kind == "win" and tx.amount:
        yield Entry(tx.player_id, NET_LOSS, -tx.amount, tx.at)
    elif tx.kind == "wager" and tx.settled_at is not None:
        yield Entry(tx.player_id, NET_LOSS, tx.amount, tx.settled_at)


def _settled_entries(player_id: UUID, settled: list[rounds.Settled]) -> Iterator[Entry]:
    for one in settled:
        if one.before is not None:
            yield Entry(player_id, NET_LOSS, one.amount, one.before, undo=True)
        if one.after is not None:
            yield Entry(player_id, NET_LOSS, one.amount, one.after)


def _standing(ctx: Context, player_id: UUID) -> Select[Any]:
    return (
        select(_TX)
        .where(
            _TX.c.tenant_id == ctx.tenant.id,
            _TX.c.player_id == player_id,
            _TX.c.rolled_back_at.is_(None),
            _TX.c.kind != "rollback",
        )
        .order_by(_TX.c.at, _TX.c.id)
    )
