"""The laws of loyalty's books: each is a query that finds what breaks it, and finds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select

from pitboss.core.context import Context
from pitboss.core.ledger.tables import AccountRow
from pitboss.plugins.loyalty.bonuses.tables import BonusRow
from pitboss.plugins.loyalty.freeplay.tables import FreePlayRow
from pitboss.plugins.loyalty.laws import TENANT, Law, broken_of
from pitboss.plugins.loyalty.play import checks as play_checks
from pitboss.plugins.loyalty.points import checks as point_checks
from pitboss.plugins.loyalty.rewards.tables import RewardRow

_ACCOUNT, _BONUS = AccountRow.__table__, BonusRow.__table__
_PLAY, _REWARD = FreePlayRow.__table__, RewardRow.__table__


def broken(ctx: Context) -> dict[str, int]:
    """Return the laws that are broken, each with how often; empty where all is well."""
    return broken_of(ctx, LAWS)


def ended_bonuses_hold_nothing() -> Select[Any]:
    """Find purses that hold money although their bonus has ended."""
    # A UUID is text without dashes in one database, and with them in the other.
    purse = literal("bonus:") + func.replace(cast(_BONUS.c.id, String), "-", "")
    return (
        select(_ACCOUNT.c.kind)
        .join(_BONUS, func.replace(_ACCOUNT.c.kind, "-", "") == purse)
        .where(
            _ACCOUNT.c.tenant_id == TENANT,
            _BONUS.c.tenant_id == TENANT,
            _BONUS.c.state != "active",
            _ACCOUNT.c.balance != 0,
            _ACCOUNT.c.owner.startswith("player:"),
        )
    )


def bonuses_stand_as_their_rewards() -> Select[Any]:
    """Find bonuses whose reward says otherwise."""
    says = func.replace(_BONUS.c.state, "lost", "forfeited")
    return (
        select(_BONUS.c.id)
        .join(_REWARD, (_REWARD.c.id == _BONUS.c.id) & (_REWARD.c.tenant_id == _BONUS.c.tenant_id))
        .where(_BONUS.c.tenant_id == TENANT, _REWARD.c.status != says)
    )


def ended_free_play_is_used_up() -> Select[Any]:
    """Find free play that could be used although it has ended."""
    return (
        select(_PLAY.c.id)
        .join(_REWARD, (_REWARD.c.id == _PLAY.c.id) & (_REWARD.c.tenant_id == _PLAY.c.tenant_id))
        .where(
            _PLAY.c.tenant_id == TENANT,
            (_PLAY.c.left < 0) | ((_PLAY.c.left > 0) & (_REWARD.c.status != "active")),
        )
    )


LAWS: Mapping[str, Law] = {
    "an ended bonus holds nothing": ended_bonuses_hold_nothing,
    "a bonus stands as its reward does": bonuses_stand_as_their_rewards,
    "ended free play is used up": ended_free_play_is_used_up,
    **play_checks.LAWS,
    **point_checks.LAWS,
}
