"""Items that players take for points: held, delivered by an action or by hand, or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Cause
from pitboss.core.errors import Conflict, Forbidden, KeyReused, NotFound
from pitboss.core.ledger.wallet import POINTS
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import offers, players
from pitboss.plugins.loyalty.catalogue import items
from pitboss.plugins.loyalty.catalogue.tables import RedemptionRow
from pitboss.plugins.loyalty.points.arithmetic import Take
from pitboss.plugins.loyalty.points.lots import FACTS, Lots
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import standings

OPERATION = "loyalty.redeem"
"""What guards are asked before points buy anything; they get a `Wish`."""
HELD, SENT, DELIVERED, CANCELLED = "held", "sent", "delivered", "cancelled"
OPEN = (HELD, SENT)
BLOCKED = marked("this account gets no rewards")
STATES = (HELD, SENT, DELIVERED, CANCELLED)

REDEMPTION = RedemptionRow.__table__


@dataclass(frozen=True, slots=True)
class Wish:
    """What a guard of `loyalty.redeem` is asked about."""

    player_id: UUID
    item: str
    price: int
    unit: str


# -- by the player ---------------------------------------------------------------------------------


def redeem(ctx: Context, player_id: UUID, item_key: str, *, key: str, note: str = "") -> Row[Any]:
    """Take an item for points; the same key gives the same answer."""
    player = players.lock(ctx, player_id)
    earlier = _by_key(ctx, player_id, key)
    if earlier is not None:
        return _same(earlier, item_key)
    if player.is_blocked:
        raise Forbidden(BLOCKED)
    item = items.find(ctx, item_key)
    if (reason := why_not(ctx, player, item, taken_by(ctx, player_id))) is not None:
        raise Conflict(reason)
    ctx.guard(OPERATION, Wish(player_id, item.key, item.price, item.unit))
    # The stock is taken last before the ledger: one order of locks for all.
    if not items.take_one(ctx, item_key):
        raise Conflict(f"{item.title} is sold out")
    row = _hold(ctx, player_id, item, key=key, note=note)
    payload = {"redemption_id": str(row.id), "item": item.key, "price": item.price, "unit": item.unit}
    ctx.emit("loyalty.item_redeemed", payload, player_id=player_id)
    return row if items.BY_HAND in item.offer else _deliver_now(ctx, row, item)


def why_not(ctx: Context, player: Row[Any] | None, item: Row[Any], taken: dict[str, int]) -> str | None:
    """Return why a player cannot take an item, or None when they can."""
    if player is not None and player.is_blocked:
        return BLOCKED
    if not item.is_active:
        return marked(f"{item.title} is not offered now")
    if item.stock == 0:
        return f"{item.title} is sold out"
    if item.per_player_max is not None and taken.get(item.key, 0) >= item.per_player_max:
        return marked(f"{item.title} is given {item.per_player_max} times to each player, not more")
    if not _is_in_tier(ctx, player, item.tier_min):
        return marked(f"{item.title} is for {item.tier_min} and above")
    held = getattr(player, FACTS[item.unit]) if player is not None else 0
    missing = item.price - held
    return (
        marked(f"{missing} point{' is' if missing == 1 else 's are'} missing for {item.title}")
        if missing > 0
        else None
    )


def taken_by(ctx: Context, player_id: UUID) -> dict[str, int]:
    """Return how many of each item a player has taken."""
    query = (
        select(REDEMPTION.c.item, func.count().label("taken"))
        .where(
            REDEMPTION.c.tenant_id == ctx.tenant.id,
            REDEMPTION.c.player_id == player_id,
            REDEMPTION.c.state != CANCELLED,
        )
        .group_by(REDEMPTION.c.item)
    )
    return {row.item: row.taken for row in ctx.connection.execute(query)}


def _same(earlier: Row[Any], item_key: str) -> Row[Any]:
    if earlier.item != item_key:
        raise KeyReused(f"this key has taken {earlier.item!r} already: use another key for another item")
    return earlier


def _is_in_tier(ctx: Context, player: Row[Any] | None, least: str | None) -> bool:
    if least is None:
        return True
    saved = ladders.current(ctx)
    if player is None or not (saved.has(player.tier) and saved.has(least)):
        return False
    return saved.ladder.place(player.tier) >= saved.ladder.place(least)


def _hold(ctx: Context, player_id: UUID, item: Row[Any], *, key: str, note: str) -> Row[Any]:
    redemption_id = uuid7()
    takes = Lots(ctx, player_id, item.unit).hold(item.price, key=_hold_key(redemption_id))
    row = ctx.connection.execute(
        insert(REDEMPTION)
        .values(
            tenant_id=ctx.tenant.id,
            id=redemption_id,
            key=key,
            player_id=player_id,
            item=item.key,
            price=item.price,
            unit=item.unit,
            takes=[{"lot": take.lot, "points": take.points} for take in takes],
            state=HELD,
            note=note,
            at=ctx.clock.now(),
        )
        .returning(REDEMPTION)
    ).one()
    if item.unit == POINTS:
        standings.follow(ctx, player_id, -item.price, counts=False)
    return row


def _deliver_now(ctx: Context, row: Row[Any], item: Row[Any]) -> Row[Any]:
    cause = Cause(row.id, f"item:{item.key}", item.revision)
    answer = offers.do(ctx, row.player_id, item.offer, cause)
    return _captured(ctx, row, reward_id=answer if isinstance(answer, UUID) else None)


# -- by operators ----------------------------------------------------------------------------------


def send(ctx: Context, redemption_id: UUID, *, note: str) -> Row[Any]:
    """Note that something is on its way; the points stay held until it has arrived."""
    row = _open(ctx, redemption_id, HELD)
    return _audited(ctx, row, _write(ctx, row, state=SENT, note=note or row.note), note)


def deliver(ctx: Context, redemption_id: UUID, *, note: str) -> Row[Any]:
    """Note that something has arrived: its points are spent."""
    row = _open(ctx, redemption_id, *OPEN)
    return _audited(ctx, row, _captured(ctx, row, note=note or row.note), note)


def cancel(ctx: Context, redemption_id: UUID, *, reason: str) -> Row[Any]:
    """Give the points back to their lots, and the item to the stock."""
    row = _open(ctx, redemption_id, *OPEN)
    items.put_back(ctx, row.item)
    book = Lots(ctx, row.player_id, row.unit)
    book.release(_takes(row), key=_hold_key(row.id), reason=reason)
    player = players.find(ctx, row.player_id)
    if player is not None and player.has_points_owed:
        book.repay(f"redemption:{row.id}:cancel")
    if row.unit == POINTS:
        standings.follow(ctx, row.player_id, row.price, counts=False)
    after = _write(ctx, row, state=CANCELLED, note=reason, ended_at=ctx.clock.now())
    return _audited(ctx, row, after, reason)


def list_redemptions(
    ctx: Context,
    *,
    player_id: UUID | None = None,
    item: str | None = None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return redemptions, the newest first."""
    query = select(REDEMPTION).where(REDEMPTION.c.tenant_id == ctx.tenant.id)
    for column, value in (("player_id", player_id), ("item", item), ("state", state)):
        if value is not None:
            query = query.where(REDEMPTION.c[column] == value)
    if before is not None:
        query = query.where(REDEMPTION.c.id < before)
    return list(ctx.connection.execute(query.order_by(REDEMPTION.c.id.desc()).limit(limit)))


def find(ctx: Context, redemption_id: UUID) -> Row[Any]:
    """Return one redemption."""
    row = ctx.connection.execute(select(REDEMPTION).where(*_named(ctx, redemption_id))).first()
    if row is None:
        raise NotFound(f"no redemption {redemption_id}")
    return row


# -- helpers ---------------------------------------------------------------------------------------


def _open(ctx: Context, redemption_id: UUID, *states: str) -> Row[Any]:
    players.lock(ctx, find(ctx, redemption_id).player_id)
    row = find(ctx, redemption_id)
    if row.state not in states:
        raise Conflict(f"redemption {redemption_id} is {row.state} already: look at it again")
    return row


def _captured(ctx: Context, row: Row[Any], **values: Any) -> Row[Any]:
    Lots(ctx, row.player_id, row.unit).capture(_takes(row), key=_hold_key(row.id))
    return _write(ctx, row, state=DELIVERED, ended_at=ctx.clock.now(), **values)


def _takes(row: Row[Any]) -> list[Take]:
    return [Take(take["lot"], take["points"]) for take in row.takes]


def _hold_key(redemption_id: UUID) -> str:
    return f"redemption:{redemption_id}"


def _write(ctx: Context, row: Row[Any], **values: Any) -> Row[Any]:
    changed = update(REDEMPTION).where(*_named(ctx, row.id)).values(**values).returning(REDEMPTION)
    return ctx.connection.execute(changed).one()


def _audited(ctx: Context, before: Row[Any], after: Row[Any], reason: str) -> Row[Any]:
    audit.record(
        ctx,
        f"loyalty.redemption_{after.state}",
        f"loyalty_redemption:{after.id}",
        old={"state": before.state},
        new={"state": after.state},
        reason=reason or None,
    )
    return after


def _by_key(ctx: Context, player_id: UUID, key: str) -> Row[Any] | None:
    return ctx.connection.execute(
        select(REDEMPTION).where(
            REDEMPTION.c.tenant_id == ctx.tenant.id,
            REDEMPTION.c.player_id == player_id,
            REDEMPTION.c.key == key,
        )
    ).first()


def _named(ctx: Context, redemption_id: UUID) -> tuple[Any, ...]:
    return REDEMPTION.c.tenant_id == ctx.tenant.id, REDEMPTION.c.id == redemption_id
