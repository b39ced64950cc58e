"""Write bets down and read them: Core statements that are built once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from pitboss.core.context import Context
from pitboss.core.database.rows import Piece, insert_rows
from pitboss.core.errors import NotFound
from pitboss.plugins.betting.slips.tables import Bet, BetLeg

BET, LEG = Bet.__table__, BetLeg.__table__

_INSERT, _INSERT_LEGS = insert(BET), insert(LEG)
_BY_REFERENCE = select(BET).where(
    BET.c.tenant_id == bindparam("tenant"),
    BET.c.player_id == bindparam("player"),
    BET.c.reference == bindparam("reference"),
)
_BY_ID = select(BET).where(BET.c.tenant_id == bindparam("tenant"), BET.c.id == bindparam("bet"))
_LOCK = _BY_ID.with_for_update()
_LEGS = (
    select(LEG)
    .where(LEG.c.tenant_id == bindparam("tenant"), LEG.c.bet_id.in_(bindparam("bets", expanding=True)))
    .order_by(LEG.c.bet_id, LEG.c.number)
)


def write(connection: Connection, bet: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> None:
    """Write a bet with its legs; a reference that is taken `is_taken`."""
    insert_rows(connection, Piece(_INSERT, [bet]), Piece(_INSERT_LEGS, legs))


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a bet was not written because another one of its player has its reference."""
    return BET.name in str(error.orig) and "reference" in str(error.orig)


def by_reference(ctx: Context, player_id: UUID, reference: str) -> Row[Any] | None:
    """Return the bet that a player placed under a reference."""
    at = {"tenant": ctx.tenant.id, "player": player_id, "reference": reference}
    return ctx.connection.execute(_BY_REFERENCE, at).first()


def find(ctx: Context, bet_id: UUID, *, of_player: UUID | None = None) -> Row[Any]:
    """Return a bet, a player's own where one is named."""
    row = ctx.connection.execute(_BY_ID, {"tenant": ctx.tenant.id, "bet": bet_id}).first()
    return _seen(row, bet_id, of_player)


def lock(ctx: Context, bet_id: UUID, *, of_player: UUID | None = None) -> Row[Any]:
    """Return a bet and hold it until the transaction ends."""
    row = ctx.connection.execute(_LOCK, {"tenant": ctx.tenant.id, "bet": bet_id}).first()
    return _seen(row, bet_id, of_player)


def legs_of(ctx: Context, bet_ids: Iterable[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Return the legs of bets, in their order."""
    wanted = sorted(bet_ids)
    found: dict[UUID, list[Row[Any]]] = {bet_id: [] for bet_id in wanted}
    if wanted:
        for row in ctx.connection.execute(_LEGS, {"tenant": ctx.tenant.id, "bets": wanted}):
            found[row.bet_id].append(row)
    return found


def change(ctx: Context, bet_id: UUID, **values: Any) -> Row[Any]:
    """Set columns of a bet that the caller holds; return it."""
    changed = update(BET).where(BET.c.tenant_id == ctx.tenant.id, BET.c.id == bet_id).values(**values)
    return ctx.connection.execute(changed.returning(BET)).one()


def change_leg(ctx: Context, bet_id: UUID, number: int, **values: Any) -> None:
    """Set columns of a leg of a bet that the caller holds."""
    of_leg = (LEG.c.tenant_id == ctx.tenant.id, LEG.c.bet_id == bet_id, LEG.c.number == number)
    ctx.connection.execute(update(LEG).where(*of_leg).values(**values))


def _seen(row: Row[Any] | None, bet_id: UUID, of_player: UUID | None) -> Row[Any]:
    if row is None or of_player not in (None, row.player_id):
        raise NotFound(f"no bet {bet_id}")
    return row


def plain(row: Row[Any]) -> dict[str, Any]:
    """Return a row as a mapping of its columns by name."""
    return dict(row._mapping)


def plain_all(rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    """Return rows as mappings."""
    return [plain(row) for row in rows]
