"""Bonuses from grant to end: stakes count towards them, and each ends once, in cash or with the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.bonuses import conditions, purses, wagering
from pitboss.plugins.loyalty.bonuses.tables import CountRow
from pitboss.plugins.loyalty.bonuses.wagering import Bonus, Count, Stake
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.rewards import book as rewardbook
from pitboss.plugins.loyalty.rewards import messages

METRIC = "loyalty.bonus"
"""What was given as bonus, by hour: the windows of it are facts."""
LOST = marked("nothing was left of it")
BREACH = marked("a bet was above the maximum")

_COUNT = CountRow.__table__


# -- given and taken back --------------------------------------------------------------------------


def prepare(ctx: Context, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms that a new bonus is kept with."""
    return conditions.kept(ctx, terms)


def deliver(ctx: Context, reward: Row[Any]) -> None:
    """Pay a bonus into its own purse; one that asks for nothing is cash at once."""
    terms = reward.detail["terms"]
    bonus = wagering.grant(
        str(reward.id),
        terms=conditions.read(terms),
        amount=reward.amount,
        deposit=terms["deposit"],
        at=ctx.clock.now(),
    )
    row = purses.open_purse(ctx, reward, replace(bonus, expires_at=reward.expires_at), terms)
    facts.add(ctx, reward.player_id, LoyaltyPlayer, bonus_count=1)
    facts.record(ctx, reward.player_id, METRIC, reward.amount)
    if bonus.state == "completed":
        _complete(ctx, row)


def expire(ctx: Context, reward: Row[Any]) -> None:
    """End a bonus whose time is over: what is left of it goes back to the house."""
    close(ctx, purses.find(ctx, reward.id), "expired", marked("its time is over"))


def revoke(ctx: Context, reward: Row[Any], reason: str) -> None:
    """Cancel a bonus in use: what is left of it goes back to the house."""
    close(ctx, purses.find(ctx, reward.id), "cancelled", reason)


def take_back(ctx: Context, reward: Row[Any]) -> None:
    """Take a bonus back as if it had never been given: what was spent of it is owed."""
    row = purses.find(ctx, reward.id)
    purses.take_back(ctx, row)
    purses.change(ctx, row.id, state="cancelled")
    facts.add(ctx, reward.player_id, LoyaltyPlayer, bonus_count=-1)
    facts.record(ctx, reward.player_id, METRIC, reward.amount, row.granted_at, undo=True)


def close(ctx: Context, row: Row[Any], state: str, reason: str) -> None:
    """End an active bonus otherwise than by wagering it."""
    purses.forfeit(ctx, row)
    purses.change(ctx, row.id, state=state)
    status: Any = "forfeited" if state == "lost" else state
    rewardbook.end(ctx, rewardbook.find(ctx, row.id), status, reason)


# -- stakes count ----------------------------------------------------------------------------------


def taken(ctx: Context, tx: Transaction) -> None:
    """Count a wager towards the player's bonuses, in their order of use."""
    if tx.kind != "wager" or not tx.amount:
        return
    rows = purses.active_of(ctx, tx.player_id)
    if not rows:
        return
    counts = wagering.count_all([purses.bonus_of(row) for row in rows], _stake(tx))
    _remember(ctx, tx, [count for _, count in counts])
    for bonus, count in counts:
        if count.added or count.outcome == "max_bet_breach":
            _counted(ctx, purses.save(ctx, bonus), bonus)


def rolled_back(ctx: Context, tx: Transaction) -> None:
    """Take back what a wager counted, even from a bonus that it completed."""
    if tx.kind != "wager":
        return
    counts = _forget(ctx, tx)
    rows = {row.id: row for row in purses.find_many(ctx, [count.bonus_id for count in counts])}
    for row in counts:
        before = purses.bonus_of(rows[row.bonus_id])
        after = wagering.roll_back(before, _count_of(row, before))
        saved = purses.save(ctx, after)
        if after.state == "active" and before.state != "active":
            purses.refill(ctx, saved)
            rewardbook.reopen(ctx, saved.id)


def _counted(ctx: Context, row: Row[Any], bonus: Bonus) -> None:
    if bonus.state == "completed":
        _complete(ctx, row)
    elif bonus.state == "forfeited":
        close(ctx, row, "forfeited", BREACH)


def _complete(ctx: Context, row: Row[Any]) -> None:
    done = purses.convert(ctx, row)
    reward = rewardbook.end(ctx, rewardbook.find(ctx, row.id), "completed")
    payload = {"reward_id": row.id, "amount": row.amount, "converted": done.converted}
    ctx.emit("loyalty.bonus_completed", payload, player_id=row.player_id)
    messages.send(ctx, reward, messages.BECAME_CASH, amount=done.converted)


def _stake(tx: Transaction) -> Stake:
    return Stake(
        amount=tx.amount,
        game=tx.game or "",
        category=tx.category or "",
        odds=Decimal(tx.odds) if tx.odds else None,
        from_bonus=tx.bonus_amount or 0,
        at=tx.at,
    )


def _remember(ctx: Context, tx: Transaction, counts: list[Count]) -> None:
    rows = [
        {
            "tenant_id": ctx.tenant.id,
            "bonus_id": UUID(count.bonus),
            "transaction_id": tx.id,
            "outcome": count.outcome,
            "added": str(count.added),
            "used": count.used,
            "at": tx.at,
        }
        for count in counts
    ]
    ctx.connection.execute(insert(_COUNT), rows)


def _forget(ctx: Context, tx: Transaction) -> list[Row[Any]]:
    """Mark what a stake counted as undone, and return it: once."""
    undone = (
        update(_COUNT)
        .where(
            _COUNT.c.tenant_id == ctx.tenant.id,
            _COUNT.c.transaction_id == tx.id,
            _COUNT.c.is_undone.is_(False),
        )
        .values(is_undone=True)
    )
    return list(ctx.connection.execute(undone.returning(_COUNT)))


def _count_of(row: Row[Any], bonus: Bonus) -> Count:
    outcome = row.outcome
    return Count(
        bonus=str(row.bonus_id),
        outcome=outcome,
        added=Fraction(row.added),
        used=row.used,
        forfeits=outcome == "max_bet_breach" and bonus.terms.breach_policy == "forfeit",
    )


# -- shown -----------------------------------------------------------------------------------------


def counted_stakes(ctx: Context, bonus_id: UUID, limit: int) -> list[Row[Any]]:
    """Return what the latest stakes did to a bonus."""
    query = (
        select(_COUNT)
        .where(_COUNT.c.tenant_id == ctx.tenant.id, _COUNT.c.bonus_id == bonus_id)
        .order_by(_COUNT.c.at.desc(), _COUNT.c.transaction_id.desc())
        .limit(limit)
    )
    return list(ctx.connection.execute(query))
