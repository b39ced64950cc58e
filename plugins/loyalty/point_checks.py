"""The laws of points: queries that find where lots, wallets and what rules read of them differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all

from pitboss.core.context import Context
from pitboss.core.ledger.accounts import PLAYER_PREFIX
from pitboss.core.ledger.tables import ACCOUNT
from pitboss.plugins.loyalty.lots import FACTS, LOT, MOVEMENT, UNITS
from pitboss.plugins.loyalty.models import LoyaltyPlayer

_PLAYER = LoyaltyPlayer.__table__


def lots_stay_within_what_was_earned(ctx: Context) -> Select[Any]:
    """Find lots that hold less than nothing, or more than came."""
    wrong = or_(LOT.c.left < 0, LOT.c.held < 0, LOT.c.held > LOT.c.left, LOT.c.left > LOT.c.earned)
    return select(LOT.c.id).where(LOT.c.tenant_id == ctx.tenant.id, wrong)


def free_lots_are_the_wallet(ctx: Context) -> Select[Any]:
    """Find players whose lots and wallet differ."""
    return _unequal(_lots(ctx, LOT.c.left - LOT.c.held), _accounts(ctx, "wallet"))


def held_lots_are_the_hold(ctx: Context) -> Select[Any]:
    """Find players of whom the ledger holds other points than their lots do."""
    return _unequal(_lots(ctx, LOT.c.held), _accounts(ctx, "hold"))


def rules_read_the_wallet(ctx: Context) -> Select[Any]:
    """Find players of whom rules read another balance than the wallet's."""
    return _unequal(_facts(ctx), _accounts(ctx, "wallet"))


def tiers_are_judged_by_the_balance(ctx: Context) -> Select[Any]:
    """Find players whose movements do not come to their points."""
    return _unequal(_points(ctx, MOVEMENT, MOVEMENT.c.points), _points(ctx, _PLAYER, _PLAYER.c.points))


LAWS: Mapping[str, Callable[[Context], Select[Any]]] = {
    law.__name__.replace("_", " "): law
    for law in (
        lots_stay_within_what_was_earned,
        free_lots_are_the_wallet,
        held_lots_are_the_hold,
        rules_read_the_wallet,
        tiers_are_judged_by_the_balance,
    )
}


def _unequal(left: Select[Any], right: Select[Any]) -> Select[Any]:
    """Return the players and units for which two sums differ; where one has no row, it is 0."""
    gains, losses = left.subquery(), right.subquery()
    both = union_all(
        select(gains.c.player, gains.c.unit, gains.c.amount),
        select(losses.c.player, losses.c.unit, -losses.c.amount),
    ).subquery()
    grouped = select(both.c.player, both.c.unit).group_by(both.c.player, both.c.unit)
    return grouped.having(func.sum(both.c.amount) != 0)


def _lots(ctx: Context, amount: ColumnElement[int]) -> Select[Any]:
    query = select(_player(LOT.c.player_id), LOT.c.unit.label("unit"), _amount(amount))
    return query.where(LOT.c.tenant_id == ctx.tenant.id)


def _accounts(ctx: Context, kind: str) -> Select[Any]:
    owner = func.replace(func.replace(ACCOUNT.c.owner, PLAYER_PREFIX, ""), "-", "").label("player")
    return select(owner, ACCOUNT.c.currency.label("unit"), _amount(ACCOUNT.c.balance)).where(
        ACCOUNT.c.tenant_id == ctx.tenant.id,
        ACCOUNT.c.kind == kind,
        ACCOUNT.c.currency.in_(UNITS),
        ACCOUNT.c.owner.startswith(PLAYER_PREFIX, autoescape=True),
    )


def _facts(ctx: Context) -> Select[Any]:
    each = [
        select(
            _player(_PLAYER.c.player_id),
            literal(unit).label("unit"),
            _amount(_PLAYER.c[FACTS[unit]]),
        ).where(_PLAYER.c.tenant_id == ctx.tenant.id)
        for unit in UNITS
    ]
    facts = union_all(*each).subquery()
    return select(facts)


def _points(ctx: Context, table: Any, amount: ColumnElement[int]) -> Any:
    query = select(_player(table.c.player_id), literal(UNITS[0]).label("unit"), _amount(amount))
    return query.where(table.c.tenant_id == ctx.tenant.id)


def _player(column: ColumnElement[Any]) -> ColumnElement[str]:
    # A UUID is text without dashes in one database, and with them in the other.
    return func.replace(cast(column, String), "-", "").label("player")


def _amount(column: ColumnElement[int]) -> ColumnElement[int]:
    return column.label("amount")
