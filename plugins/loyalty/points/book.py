"""Points for stakes: earned exactly, in lots, given by rules and operators, and taken back when a bet is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row, select

from pitboss.core import audit, facts, ledger
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.ledger.wallet import POINTS, REWARD_POINTS
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.points import arithmetic, boosts
from pitboss.plugins.loyalty.points.lots import ADJUSTED, HOLDS_SOME, ISSUED, LOT, Earning, Lots
from pitboss.plugins.loyalty.tiers import standings

WAGER = "wager"
METRIC = "loyalty.points_earned"
_ADJUSTMENTS = UUID("3b1f5a52-9d0c-4b62-8f0d-5a3d7a1c9e24")
CARRY_LENGTH_MAX = 80
_CARRY_GRAIN = 10**30
"""What a carry is cut to when its fraction would outgrow its column: a rate was changed many times."""

UNIT_NAMES: Mapping[str, str] = {
    "LP": POINTS,
    "PTS": POINTS,
    "LOYALTY_POINTS": POINTS,
    "RP": REWARD_POINTS,
    "RWD": REWARD_POINTS,
    "REWARD_POINTS": REWARD_POINTS,
}
"""How rules and people name the two units."""


# -- the effect ------------------------------------------------------------------------------------


def taken(ctx: Context, tx: Transaction) -> None:
    """Earn points on a wager; less than a point is carried on."""
    amount, contribution = _counted(ctx, tx), _contribution(ctx, tx)
    if tx.kind != WAGER or not amount or not contribution:
        return
    player = players.lock(ctx, tx.player_id)
    if player.is_blocked:
        return
    if player.tier is None:
        player = standings.join_ladder(ctx, tx.player_id)
    earned = arithmetic.earn(
        amount,
        per=ctx.settings("loyalty")["amount_per_point"],
        contribution=contribution,
        # Few decimals, so the text of the number is the number.
        multiplier=Decimal(repr(player.tier_multiplier)) * boosts.multiplier(ctx, tx.player_id, tx.at),
        carry=Fraction(player.points_carry),
    )
    _carry_on(ctx, tx.player_id, earned.carry)
    at = min(tx.at, ctx.clock.now())
    _book(ctx, player, POINTS, _earning(ctx, earned.points, earned.value, cause_id=tx.id, at=at))


def rolled_back(ctx: Context, tx: Transaction) -> None:
    """Take back what a wager earned, as if it had never been."""
    if tx.kind == WAGER:
        take_back(ctx, tx.id)


def _counted(ctx: Context, tx: Transaction) -> int:
    is_bonus_counted = ctx.settings("loyalty")["has_points_for_bonus_stakes"]
    return tx.amount if is_bonus_counted else tx.amount - tx.bonus_amount


def _contribution(ctx: Context, tx: Transaction) -> Decimal:
    known: Mapping[str, Decimal] = ctx.settings("loyalty")["point_contributions"]
    for name in (tx.game, tx.category):
        if name is not None and name in known:
            return known[name]
    return Decimal(1)


# -- giving ----------------------------------------------------------------------------------------


def give(
    ctx: Context,
    player_id: UUID,
    points: int,
    *,
    unit: str,
    cause_id: UUID,
    expiry_hours: int | None = None,
    reason: str | None = None,
) -> UUID:
    """Give points as a lot of their own; `take_back` with the same cause undoes it."""
    player, now = players.lock(ctx, player_id), ctx.clock.now()
    expires_at = now + timedelta(hours=expiry_hours) if expiry_hours else None
    earning = _earning(
        ctx, points, Fraction(points), cause_id=cause_id, at=now, expires_at=expires_at, reason=reason
    )
    return _book(ctx, player, unit, earning)


def adjust(
    ctx: Context, player_id: UUID, points: int, *, unit: str, key: str, reason: str, counts: bool
) -> None:
    """Add points by hand, or take them with a negative number; the same key does it once.

    Who did it and why stays on record.
    """
    player, book = players.lock(ctx, player_id), Lots(ctx, player_id, unit_of(unit))
    cause_id, posting = _adjustment(ctx, player_id, key)
    if _is_adjusted(ctx, cause_id, posting):
        return
    if points > 0:
        _add(ctx, player, book.unit, points, cause_id=cause_id, reason=reason, counts=counts)
    else:
        _take(ctx, book, -points, key=posting, reason=reason, counts=counts)
    new = {"points": points, "unit": book.unit}
    audit.record(ctx, "loyalty.points_adjusted", f"player:{player_id}", new=new, reason=reason)


def _adjustment(ctx: Context, player_id: UUID, key: str) -> tuple[UUID, str]:
    posting = f"points:{player_id}:{key}:adjust"
    return uuid5(_ADJUSTMENTS, f"{ctx.tenant.id}:{posting}"), posting


def _is_adjusted(ctx: Context, cause_id: UUID, posting: str) -> bool:
    lot = select(LOT.c.id).where(LOT.c.tenant_id == ctx.tenant.id, LOT.c.cause_id == cause_id)
    if ctx.connection.execute(lot).first() is not None:
        return True
    try:
        ledger.find_journal(ctx.connection, posting)
    except NotFound:
        return False
    return True


def _add(
    ctx: Context, player: Row[Any], unit: str, points: int, *, cause_id: UUID, reason: str, counts: bool
) -> None:
    earning = _earning(
        ctx,
        points,
        Fraction(points),
        cause_id=cause_id,
        at=ctx.clock.now(),
        source=ADJUSTED,
        actor=ctx.actor.label,
        reason=reason,
    )
    _book(ctx, player, unit, earning, counts=counts)


def _take(ctx: Context, book: Lots, points: int, *, key: str, reason: str, counts: bool) -> None:
    actor = ctx.actor.label
    book.spend(points, key=key, op="points.adjust", to=ADJUSTED, actor=actor, reason=reason, counts=counts)
    if book.unit == POINTS:
        if counts:
            facts.record(ctx, book.player_id, METRIC, -points)
        standings.follow(ctx, book.player_id, -points, counts=counts)


def unit_of(name: str) -> str:
    """Return the unit that a name means.

    >>> unit_of("RP"), unit_of("LOYALTY_POINTS")
    ('RWD', 'PTS')
    """
    if name not in UNIT_NAMES:
        raise InvalidInput(f"unknown points {name!r}: {nearest(name, list(UNIT_NAMES))}")
    return UNIT_NAMES[name]


# -- taking back -----------------------------------------------------------------------------------


def take_back(ctx: Context, cause_id: UUID) -> int:
    """Take back every lot of a cause, once; return how many points that were."""
    of_cause = (LOT.c.tenant_id == ctx.tenant.id, LOT.c.cause_id == cause_id)
    player_id = ctx.connection.scalar(select(LOT.c.player_id).where(*of_cause).limit(1))
    if player_id is None:
        return 0
    players.lock(ctx, player_id)
    # Read under the lock: whoever was faster has marked them.
    standing = select(LOT).where(*of_cause, LOT.c.is_taken_back.is_(False)).order_by(LOT.c.id.desc())
    return sum(_take_back(ctx, lot) for lot in ctx.connection.execute(standing).all())


def _take_back(ctx: Context, lot: Row[Any]) -> int:
    player = players.find(ctx, lot.player_id)
    assert player is not None, "the caller holds the row"
    earned = arithmetic.Earned(points=lot.earned, carry=Fraction(0), value=Fraction(lot.value))
    back = arithmetic.take_back(earned, carry=Fraction(player.points_carry))
    points = -back.points
    Lots(ctx, lot.player_id, lot.unit).take_back(lot, points)
    if lot.unit == POINTS:
        _carry_on(ctx, lot.player_id, back.carry)
        if points:
            facts.record(ctx, lot.player_id, METRIC, -points, at=lot.earned_at)
            standings.void(ctx, lot.player_id, since=lot.earned_at)
            standings.follow(ctx, lot.player_id, -points, counts=True)
    return points


# -- helpers ---------------------------------------------------------------------------------------


def _earning(
    ctx: Context,
    points: int,
    value: Fraction,
    *,
    cause_id: UUID | None,
    at: datetime,
    expires_at: datetime | None = None,
    source: str = ISSUED,
    actor: str | None = None,
    reason: str | None = None,
) -> Earning:
    settings = ctx.settings("loyalty")
    valid, pending = settings["points_valid_days"], settings["points_pending_days"]
    if expires_at is None and valid:
        expires_at = at + timedelta(days=valid)
    return Earning(
        points=points,
        value=value,
        cause_id=cause_id,
        earned_at=at,
        expires_at=expires_at,
        usable_from=at + timedelta(days=pending) if pending else None,
        source=source,
        actor=actor,
        reason=reason,
    )


def _book(ctx: Context, player: Row[Any], unit: str, earning: Earning, *, counts: bool = True) -> UUID:
    book = Lots(ctx, player.player_id, unit)
    lot_id = book.earn(earning, counts=counts)
    if not earning.points:
        return lot_id
    if player.has_points_owed:
        book.repay(f"lot:{lot_id}")
    payload = {"points": earning.points, "unit": unit, "lot_id": str(lot_id)}
    ctx.emit("loyalty.points_earned", payload, player_id=player.player_id)
    if unit == POINTS:
        if counts:
            facts.record(ctx, player.player_id, METRIC, earning.points, at=earning.earned_at)
        standings.follow(ctx, player.player_id, earning.points, counts=counts)
    return lot_id


def _carry_on(ctx: Context, player_id: UUID, carry: Fraction) -> None:
    if len(str(carry)) > CARRY_LENGTH_MAX:
        carry = Fraction(carry * _CARRY_GRAIN // 1, _CARRY_GRAIN)
    players.change(ctx, player_id, points_carry=str(carry), points_part=float(carry))


def lots_of(ctx: Context, player_id: UUID, units: Sequence[str]) -> list[Row[Any]]:
    """Return a player's lots that hold anything, the one that is used first leading."""
    query = select(LOT).where(
        LOT.c.tenant_id == ctx.tenant.id,
        LOT.c.player_id == player_id,
        LOT.c.unit.in_(units),
        HOLDS_SOME,
    )
    return list(ctx.connection.execute(query.order_by(LOT.c.expires_at.nulls_last(), LOT.c.earned_at)))
