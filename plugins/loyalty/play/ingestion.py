"""Take transactions: each once by its sender's id, in any order, and no wrong one spoils the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import events
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, KeyReused, PitbossError
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.effects import EFFECTS
from pitboss.plugins.loyalty.play import happenings, reversal
from pitboss.plugins.loyalty.play.incoming import Sent
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players import profiles

Key = tuple[str, str]
"""A sender, and its id of a transaction."""

_TX = Transaction.__table__
_INSERT = {
    "sqlite": sqlite_insert(_TX).on_conflict_do_nothing().returning(_TX.c.id),
    "postgresql": postgres_insert(_TX).on_conflict_do_nothing().returning(_TX.c.id),
}
_SAID = tuple(Sent.__dataclass_fields__.keys() - {"player", "at"})
"""What makes two transactions of one id the same."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one transaction."""

    transaction_id: UUID | None = None
    event_id: UUID | None = None
    is_duplicate: bool = False
    note: str = ""
    error: PitbossError | None = None


@dataclass(slots=True)
class _Batch:
    """What is known of the ids in a batch, and of those that came before."""

    players: dict[UUID | str, UUID]
    rows: dict[Key, Transaction] = field(default_factory=dict)
    rollbacks: dict[tuple[str, str, UUID], Transaction] = field(default_factory=dict)
    """Rollbacks by what they take back, whether that has come or not."""
    told: list[events.Event] = field(default_factory=list)

    def know(self, tx: Transaction) -> None:
        self.rows[tx.sender, tx.sender_id] = tx
        if tx.rolls_back is not None:
            self.rollbacks[tx.sender, tx.rolls_back, tx.player_id] = tx

    def forget(self, one: Sent, player_id: UUID) -> None:
        self.rows.pop((one.sender, one.sender_id), None)
        if one.rolls_back is not None:
            found = self.rollbacks.get((one.sender, one.rolls_back, player_id))
            if found is not None and found.sender_id == one.sender_id:
                del self.rollbacks[one.sender, one.rolls_back, player_id]

    def tell(self, ctx: Context) -> None:
        if self.told:
            events.record(ctx, self.told)
            self.told = []


def take(ctx: Context, sent: Sequence[Sent]) -> list[Taken]:
    """Take what is new, in the caller's transaction; answer for each, in order."""
    batch = _Batch(_players(ctx, sent))
    for tx in _known(ctx, sent):
        batch.know(tx)
    taken = [_take_one(ctx, batch, one) for one in sent]
    batch.tell(ctx)
    return taken


def _players(ctx: Context, sent: Sequence[Sent]) -> dict[UUID | str, UUID]:
    """Return the players that there are, all locked before anything of theirs is read."""
    names = {one.player for one in sent if isinstance(one.player, str)}
    by_name = profiles.by_user_name(ctx, sorted(names))
    ids = {one.player for one in sent if isinstance(one.player, UUID)} | set(by_name.values())
    found = profiles.lock(ctx, list(ids))
    return {**{name: id_ for name, id_ in by_name.items() if id_ in found}, **{id_: id_ for id_ in found}}


def _known(ctx: Context, sent: Sequence[Sent]) -> Iterable[Transaction]:
    ids = {(one.sender, name) for one in sent for name in (one.sender_id, one.rolls_back) if name}
    if not ids:
        return []
    query = select(_TX).where(
        _TX.c.tenant_id == ctx.tenant.id,
        or_(
            tuple_(_TX.c.sender, _TX.c.sender_id).in_(ids),
            tuple_(_TX.c.sender, _TX.c.rolls_back).in_(ids),
        ),
    )
    return [Transaction(**row._mapping) for row in ctx.connection.execute(query)]


def _take_one(ctx: Context, batch: _Batch, one: Sent) -> Taken:
    player_id = batch.players.get(one.player)
    if player_id is None:
        said = marked(f"There is no player {str(one.player)!r}: register the player first.")
        return Taken(error=InvalidInput(f"player: {said}", {"player": [said]}))
    earlier = batch.rows.get((one.sender, one.sender_id))
    if earlier is not None:
        return _again(one, player_id, earlier)
    if one.kind == "rollback":
        # What it takes back is in the log before it, in this batch too.
        batch.tell(ctx)
    try:
        # The session's savepoint, so that what effects left in it goes too; it begins with its connection.
        with ctx.session.begin_nested():
            ctx.session.connection()
            taken, event = _take_new(ctx, batch, one, player_id)
            ctx.flush()
    except PitbossError as error:
        batch.forget(one, player_id)
        return Taken(error=error)
    if event is not None:
        batch.told.append(event)
    return taken


def _again(one: Sent, player_id: UUID, earlier: Transaction) -> Taken:
    """Answer for an id that came before: the same transaction is a duplicate, another one is refused."""
    differing = [name for name in _SAID if getattr(one, name) != getattr(earlier, name)]
    if player_id != earlier.player_id:
        differing.append("player")
    if one.at is not None and one.at != earlier.at:
        differing.append("at")
    if not differing:
        return Taken(earlier.id, earlier.event_id, is_duplicate=True)
    said = marked(f"{one.sender_id!r} was sent before with another {', '.join(sorted(differing))}")
    return Taken(error=KeyReused(f"id: {said}: give each transaction an id of its own."))


def _take_new(ctx: Context, batch: _Batch, one: Sent, player_id: UUID) -> tuple[Taken, events.Event | None]:
    if one.kind == "rollback":
        return _take_rollback(ctx, batch, one, player_id), None
    early = batch.rollbacks.get((one.sender, one.sender_id, player_id))
    tx = _new(ctx, one, player_id, is_standing=early is None)
    _insert(ctx, tx)
    if early is not None:
        # Nothing followed from it yet, and nothing will.
        batch.know(tx)
        return Taken(tx.id, note=marked(f"rolled back by {early.sender_id!r}, which came before it")), None
    for effect in EFFECTS:
        effect.taken(ctx, tx)
    event = happenings.happening(ctx, tx)
    batch.know(tx)
    return Taken(tx.id, tx.event_id), event


def _take_rollback(ctx: Context, batch: _Batch, one: Sent, player_id: UUID) -> Taken:
    assert one.rolls_back is not None
    target = batch.rows.get((one.sender, one.rolls_back))
    other = batch.rollbacks.get((one.sender, one.rolls_back, player_id))
    problem = _problem(one.rolls_back, target, other, player_id)
    if problem:
        raise InvalidInput(f"rolls_back: {problem}", {"rolls_back": [problem]})
    tx = _new(ctx, one, player_id, is_standing=False)
    _insert(ctx, tx)
    batch.know(tx)
    if target is None:
        return Taken(tx.id, note=marked(f"kept until {one.rolls_back!r} comes"))
    batch.know(reversal.roll_back(ctx, target.id))
    return Taken(tx.id)


def _problem(
    wanted: str, target: Transaction | None, other: Transaction | None, player_id: UUID
) -> str | None:
    """Say why a rollback cannot be."""
    if target is not None and target.kind == "rollback":
        return marked(f"{wanted!r} is a rollback, and stays: send what is true under a new id.")
    if target is not None and target.player_id != player_id:
        return marked(f"{wanted!r} is of another player: name the one that it was sent for.")
    if other is not None:
        return marked(f"{wanted!r} is rolled back already, by {other.sender_id!r}: leave this one out.")
    return None


def _new(ctx: Context, one: Sent, player_id: UUID, *, is_standing: bool) -> Transaction:
    id_, now = uuid7(), ctx.clock.now()
    said = {name: value for name, value in asdict(one).items() if name not in ("player", "at")}
    at = one.at or now
    is_void = not is_standing and one.kind != "rollback"
    return Transaction(
        tenant_id=ctx.tenant.id,
        id=id_,
        player_id=player_id,
        at=at,
        received_at=now,
        settled_at=at if one.kind == "wager" and one.is_settled else None,
        event_id=id_ if is_standing else None,
        rolled_back_at=now if is_void else None,
        **said,
    )


def _insert(ctx: Context, tx: Transaction) -> None:
    row: dict[str, Any] = {column.name: getattr(tx, column.name) for column in _TX.columns}
    if ctx.connection.execute(_INSERT[ctx.connection.dialect.name], row).scalar() is None:
        # Its player was locked, so the other one names another player.
        said = marked(f"{tx.sender_id!r} is being sent for another player at this moment")
        raise KeyReused(f"id: {said}: give each transaction an id of its own.")
