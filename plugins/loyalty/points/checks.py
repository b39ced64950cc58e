"""The laws of points: queries that find where lots, wallets and what rules read of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all

from pitboss.core.ledger.accounts import PLAYER_PREFIX
from pitboss.core.ledger.tables import ACCOUNT
from pitboss.plugins.loyalty.laws import TENANT, Law
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.points.lots import FACTS, LOT, MOVEMENT, UNITS

_PLAYER = LoyaltyPlayer.__table__


def lots_stay_within_what_was_earned() -> Select[Any]:
    """Find lots that hold less than nothing, or more than came."""
    wrong = or_(LOT.c.left < 0, LOT.c.held < 0, LOT.c.held > LOT.c.left, LOT.c.left > LOT.c.earned)
    return select(LOT.c.id).where(LOT.c.tenant_id == TENANT, wrong)


def free_lots_are_the_wallet() -> Select[Any]:
    """Find players whose lots and wallet differ."""
    return _unequal(_lots(LOT.c.left - LOT.c.held), _accounts("wallet"))


def held_lots_are_the_hold() -> Select[Any]:
    """Find players of whom the ledger holds other points than their lots do."""
    return _unequal(_lots(LOT.c.held), _accounts("hold"))


def rules_read_the_wallet() -> Select[Any]:
    """Find players of whom rules read another balance than the wallet's."""
    return _unequal(_facts(), _accounts("wallet"))


def tiers_are_judged_by_the_balance() -> Select[Any]:
    """Find players whose movements do not come to their points."""
    return _unequal(_points(MOVEMENT, MOVEMENT.c.points), _points(_PLAYER, _PLAYER.c.points))


LAWS: Mapping[str, Law] = {
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


def _lots(amount: ColumnElement[int]) -> Select[Any]:
    query = select(_player(LOT.c.player_id), LOT.c.unit.label("unit"), _amount(amount))
    return query.where(LOT.c.tenant_id == TENANT)


def _accounts(kind: str) -> Select[Any]:
    owner = func.replace(func.replace(ACCOUNT.c.owner, PLAYER_PREFIX, ""), "-", "").label("player")
    return select(owner, ACCOUNT.c.currency.label("unit"), _amount(ACCOUNT.c.balance)).where(
        ACCOUNT.c.tenant_id == TENANT,
        ACCOUNT.c.kind == kind,
        ACCOUNT.c.currency.in_(UNITS),
        ACCOUNT.c.owner.startswith(PLAYER_PREFIX, autoescape=True),
    )


def _facts() -> Select[Any]:
    each = [
        select(
            _player(_PLAYER.c.player_id),
            literal(unit).label("unit"),
            _amount(_PLAYER.c[FACTS[unit]]),
        ).where(_PLAYER.c.tenant_id == TENANT)
        for unit in UNITS
    ]
    facts = union_all(*each).subquery()
    return select(facts)


def _points(table: Any, amount: ColumnElement[int]) -> Any:
    query = select(_player(table.c.player_id), literal(UNITS[0]).label("unit"), _amount(amount))
    return query.where(table.c.tenant_id == TENANT)


def _player(column: ColumnElement[Any]) -> ColumnElement[str]:
    # A UUID is text without dashes in one database, and with them in the other.
    return func.replace(cast(column, String), "-", "").label("player")


def _amount(column: ColumnElement[int]) -> ColumnElement[int]:
    return column.label("amount")
