"""The laws of play: queries that find players whose totals are not those of their transactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from pitboss.plugins.loyalty.laws import TENANT, Law
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer

_PLAYER, _TX = LoyaltyPlayer.__table__, Transaction.__table__
_TOTALS: Mapping[str, tuple[str, Any]] = {
    "deposited": ("deposit", _TX.c.amount),
    "withdrawn": ("withdrawal", _TX.c.amount),
    "wagered": ("wager", _TX.c.amount),
    "won": ("win", _TX.c.amount),
    "bonus_wagered": ("wager", _TX.c.bonus_amount),
    "play_seconds": ("session", _TX.c.seconds),
    "deposit_count": ("deposit", 1),
    "bet_count": ("wager", 1),
    "session_count": ("session", 1),
}


def totals_are_those_of_the_transactions() -> Select[Any]:
    """Find players whose totals do not sum what stands."""
    sums = {name: func.sum(case((_TX.c.kind == kind, of), else_=0)) for name, (kind, of) in _TOTALS.items()}
    return _differing(sums)


def net_losses_are_of_settled_play() -> Select[Any]:
    """Find players whose net loss is not what they staked and settled, less what they won."""
    is_settled = and_(_TX.c.kind == "wager", _TX.c.settled_at.is_not(None))
    loss = case((is_settled, _TX.c.amount), (_TX.c.kind == "win", -_TX.c.amount), else_=0)
    return _differing({"net_loss": func.sum(loss)})


def _differing(sums: Mapping[str, Any]) -> Select[Any]:
    stands = (
        select(_TX.c.player_id, *(value.label(name) for name, value in sums.items()))
        .where(_TX.c.tenant_id == TENANT, _TX.c.rolled_back_at.is_(None))
        .group_by(_TX.c.player_id)
        .subquery()
    )
    wrong = or_(*(_PLAYER.c[name] != func.coalesce(stands.c[name], 0) for name in sums))
    return (
        select(_PLAYER.c.player_id)
        .outerjoin(stands, stands.c.player_id == _PLAYER.c.player_id)
        .where(_PLAYER.c.tenant_id == TENANT, wrong)
    )


LAWS: Mapping[str, Law] = {
    "totals are those of the transactions": totals_are_those_of_the_transactions,
    "net losses are of settled play": net_losses_are_of_settled_play,
}
