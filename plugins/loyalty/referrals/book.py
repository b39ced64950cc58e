"""Referrals as they are stored: codes, who referred whom, and what both sides got."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.errors import Conflict, NotFound
from pitboss.plugins.loyalty import giving, rulebook
from pitboss.plugins.loyalty.abuse.links import SCORE_MAX
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.referrals.law import Figures, Paid, Referral, Terms
from pitboss.plugins.loyalty.referrals.tables import CodeRow, ReferralRow

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and digits that look alike."""
CODE_CHARACTERS = 8
CODE_TRIES = 5
SIDES = ("referrer", "friend")

_REFERRAL, _CODE, _TX = ReferralRow.__table__, CodeRow.__table__, Transaction.__table__


@dataclass(frozen=True, slots=True)
class Cap:
    """What a referrer may still be rewarded for, in the present period."""

    rewarded: int
    rewards_max: int | None
    paid: int
    amount_max: int | None
    period: str

    @property
    def is_reached(self) -> bool:
        """Tell whether the next friend brings the referrer nothing."""
        is_full = self.rewards_max is not None and self.rewarded >= self.rewards_max
        return is_full or (self.amount_max is not None and self.paid >= self.amount_max)


# -- codes -----------------------------------------------------------------------------------------


def code_of(ctx: Context, player_id: UUID) -> str | None:
    """Return a player's code, or None before there is one."""
    found: str | None = ctx.connection.scalar(
        select(_CODE.c.code).where(_CODE.c.tenant_id == ctx.tenant.id, _CODE.c.player_id == player_id)
    )
    return found


def make_code(ctx: Context, player_id: UUID) -> str:
    """Return a player's code, made if there is none yet."""
    for _ in range(CODE_TRIES):
        known = code_of(ctx, player_id)
        if known is not None:
            return known
        row = {
            "tenant_id": ctx.tenant.id,
            "player_id": player_id,
            "code": "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS)),
            "created_at": ctx.clock.now(),
        }
        ctx.connection.execute(_insert(ctx, _CODE).on_conflict_do_nothing(), row)
    raise Conflict("no free code was found: try again")


def owner_of(ctx: Context, code: str) -> UUID:
    """Return whose code it is."""
    query = select(_CODE.c.player_id).where(
        _CODE.c.tenant_id == ctx.tenant.id, _CODE.c.code == code.strip().upper()
    )
    found: UUID | None = ctx.connection.scalar(query)
    if found is None:
        raise NotFound(f"no player has the code {code.strip()[:24]!r}: check how it is written")
    return found


# -- rows ------------------------------------------------------------------------------------------


def of_friend(ctx: Context, friend_id: UUID) -> Row[Any] | None:
    """Return the referral that a player came by."""
    return ctx.connection.execute(_mine(ctx).where(_REFERRAL.c.friend_id == friend_id)).first()


def find(ctx: Context, referral_id: UUID) -> Row[Any]:
    """Return one referral."""
    row = ctx.connection.execute(_mine(ctx).where(_REFERRAL.c.id == referral_id)).first()
    if row is None:
        raise NotFound(f"no referral {referral_id}")
    return row


def list_referrals(
    ctx: Context,
    *,
    referrer_id: UUID | None = None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return referrals, the newest first."""
    query = _mine(ctx)
    for column, wanted in ((_REFERRAL.c.referrer_id, referrer_id), (_REFERRAL.c.state, state)):
        query = query if wanted is None else query.where(column == wanted)
    if before is not None:
        query = query.where(_REFERRAL.c.id < before)
    return list(ctx.connection.execute(query.order_by(_REFERRAL.c.id.desc()).limit(limit)))


def insert(ctx: Context, referral: Referral, friend_id: UUID) -> bool:
    """Write a new referral down; False where the friend has come by a code already."""
    row = {
        "tenant_id": ctx.tenant.id,
        "id": UUID(referral.id),
        "referrer_id": UUID(referral.referrer),
        "friend_id": friend_id,
        "state": referral.state,
        "score": referral.score,
        "reasons": list(referral.reasons),
        "rewards": [],
        "registered_at": referral.registered_at,
    }
    made = _insert(ctx, _REFERRAL).on_conflict_do_nothing().returning(_REFERRAL.c.id)
    return ctx.connection.execute(made, row).first() is not None


def save(ctx: Context, referral: Referral, **more: Any) -> None:
    """Write down where a referral stands."""
    values = {
        "state": referral.state,
        "score": referral.score,
        "reasons": list(referral.reasons),
        **more,
    }
    if referral.state in ("rejected", "clawed_back"):
        values["ended_at"] = ctx.clock.now()
    ctx.connection.execute(
        update(_REFERRAL)
        .where(_REFERRAL.c.tenant_id == ctx.tenant.id, _REFERRAL.c.id == UUID(referral.id))
        .values(**values)
    )


def read(row: Row[Any]) -> Referral:
    """Return a stored referral as the rules of referrals know it."""
    return Referral(
        id=str(row.id),
        referrer=str(row.referrer_id),
        friend=str(row.friend_id),
        state=row.state,
        registered_at=row.registered_at,
        score=row.score,
        reasons=tuple(row.reasons),
        is_rewarded=any(is_standing(given) for given in row.rewards),
    )


def is_standing(given: Mapping[str, Any]) -> bool:
    """Tell whether a reward was given and not taken back."""
    return not given["refused"] and not given["is_undone"]


# -- terms and figures -----------------------------------------------------------------------------


def terms(ctx: Context) -> Terms:
    """Return what the tenant asks and pays. Nobody is rejected for a likeness alone: a person decides."""
    said = ctx.settings("loyalty")["referral"]
    referrer, friend = (giving.amount_of(ctx, said[f"{side}_offer"]) for side in SIDES)
    return Terms(
        referrer_reward=referrer.minor if referrer else 0,
        friend_reward=friend.minor if friend else 0,
        deposit_min=said["deposit_min"],
        wagered_min=said["wagered_min"],
        valid_for=timedelta(days=said["valid_days"]),
        rewards_max=said["rewards_max"],
        amount_max=said["amount_max"],
        hold_score=said["hold_score"],
        reject_score=SCORE_MAX + 1,
    )


def figures(ctx: Context, friend_id: UUID, since: datetime) -> Figures:
    """Return what a friend deposited and, on settled play, wagered; what was rolled back is not counted."""
    query = (
        select(_TX.c.kind, func.sum(_TX.c.amount))
        .where(
            _TX.c.tenant_id == ctx.tenant.id,
            _TX.c.player_id == friend_id,
            _TX.c.at >= since,
            _TX.c.rolled_back_at.is_(None),
            (_TX.c.kind == "deposit") | ((_TX.c.kind == "wager") & _TX.c.settled_at.is_not(None)),
        )
        .group_by(_TX.c.kind)
    )
    sums = {kind: int(total) for kind, total in ctx.connection.execute(query)}
    return Figures(deposited=sums.get("deposit", 0), wagered=sums.get("wager", 0))


def paid(ctx: Context, referrer_id: UUID) -> Paid:
    """Return what a referrer was rewarded for in the present period."""
    said = ctx.settings("loyalty")["referral"]
    since = rulebook.period_start(ctx, said["period"], ctx.clock.now())
    query = select(_REFERRAL.c.rewards).where(
        _REFERRAL.c.tenant_id == ctx.tenant.id,
        _REFERRAL.c.referrer_id == referrer_id,
        _REFERRAL.c.qualified_at >= since,
    )
    given = [one for rewards in ctx.connection.scalars(query) for one in rewards]
    theirs = [one for one in given if one["to"] == "referrer" and is_standing(one)]
    return Paid(count=len(theirs), amount=sum(one["amount"] for one in theirs))


def cap(ctx: Context, referrer_id: UUID) -> Cap:
    """Return a referrer's cap, as the player sees it."""
    said, done = ctx.settings("loyalty")["referral"], paid(ctx, referrer_id)
    return Cap(done.count, said["rewards_max"], done.amount, said["amount_max"], said["period"])


def _insert(ctx: Context, table: Any) -> Any:
    return (sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert)(table)


def _mine(ctx: Context) -> Any:
    return select(_REFERRAL).where(_REFERRAL.c.tenant_id == ctx.tenant.id)
