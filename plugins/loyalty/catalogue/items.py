"""The catalogue: what points buy, as operators edit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.loyalty import offers
from pitboss.plugins.loyalty.catalogue.tables import ItemRow, RedemptionRow
from pitboss.plugins.loyalty.points.book import unit_of
from pitboss.plugins.loyalty.tiers import ladder as ladders

BY_HAND = "by_hand"
"""The key of an offer that somebody sends, with what it is."""
EDITED = (
    "title",
    "text",
    "price",
    "unit",
    "offer",
    "stock",
    "per_player_max",
    "tier_min",
    "is_active",
)
ITEM, _REDEMPTION = ItemRow.__table__, RedemptionRow.__table__


def find(ctx: Context, key: str, *, is_locked: bool = False) -> Row[Any]:
    """Return one item; locked, nobody redeems it meanwhile."""
    query = select(ITEM).where(*_named(ctx, key))
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no item {key!r} in the catalogue")
    return row


def list_items(
    ctx: Context, *, after: str = "", limit: int = 50, is_active: bool | None = None
) -> list[Row[Any]]:
    """Return items by key."""
    query = select(ITEM).where(ITEM.c.tenant_id == ctx.tenant.id, ITEM.c.key > after)
    if is_active is not None:
        query = query.where(ITEM.c.is_active.is_(is_active))
    return list(ctx.connection.execute(query.order_by(ITEM.c.key).limit(limit)))


def create(ctx: Context, key: str, document: Mapping[str, Any]) -> Row[Any]:
    """Put an item into the catalogue."""
    values = _checked(ctx, document)
    if ctx.connection.execute(select(ITEM.c.key).where(*_named(ctx, key))).first() is not None:
        raise Conflict(f"there is an item {key!r} already: change that one, or choose another key")
    ctx.connection.execute(insert(ITEM).values(tenant_id=ctx.tenant.id, key=key, revision=1, **values))
    audit.record(ctx, "loyalty.item_created", f"loyalty_item:{key}", new=values)
    return find(ctx, key)


def save(ctx: Context, before: Row[Any], document: Mapping[str, Any]) -> Row[Any]:
    """Write an item anew; the caller holds the row."""
    values = _checked(ctx, document)
    changed = update(ITEM).where(*_named(ctx, before.key)).values(revision=before.revision + 1, **values)
    ctx.connection.execute(changed)
    audit.record(
        ctx, "loyalty.item_changed", f"loyalty_item:{before.key}", old=document_of(before), new=values
    )
    return find(ctx, before.key)


def remove(ctx: Context, before: Row[Any]) -> None:
    """Remove an item that nobody ever took; others are switched off instead."""
    taken = select(func.count()).where(
        _REDEMPTION.c.tenant_id == ctx.tenant.id, _REDEMPTION.c.item == before.key
    )
    if ctx.connection.scalar(taken):
        raise Conflict(f"players have taken {before.key!r}: switch it off with is_active instead")
    ctx.connection.execute(delete(ITEM).where(*_named(ctx, before.key)))
    audit.record(ctx, "loyalty.item_removed", f"loyalty_item:{before.key}", old=document_of(before))


def take_one(ctx: Context, key: str) -> bool:
    """Take one from the stock, where there is one; tell whether it did."""
    has_some = ITEM.c.stock.is_(None) | (ITEM.c.stock > 0)
    taken = (
        update(ITEM)
        .where(*_named(ctx, key), ITEM.c.is_active.is_(True), has_some)
        .values(stock=ITEM.c.stock - 1)
    )
    return ctx.connection.execute(taken).rowcount == 1


def put_back(ctx: Context, key: str) -> None:
    """Put one back into the stock, where it is counted."""
    ctx.connection.execute(update(ITEM).where(*_named(ctx, key)).values(stock=ITEM.c.stock + 1))


def document_of(row: Row[Any]) -> dict[str, Any]:
    """Return an item as it is edited."""
    return {name: getattr(row, name) for name in EDITED}


def _checked(ctx: Context, document: Mapping[str, Any]) -> dict[str, Any]:
    values = {**document, "unit": unit_of(document["unit"])}
    if set(values["offer"]) != {BY_HAND}:
        try:
            offers.check(ctx, values["offer"])
        except InvalidInput as error:
            raise InvalidInput(f"offer: {error}", {"offer": [str(error)]}) from error
    if values["tier_min"] is not None:
        ladders.current(ctx).ladder.place(values["tier_min"])
    return values


def _named(ctx: Context, key: str) -> tuple[Any, ...]:
    return ITEM.c.tenant_id == ctx.tenant.id, ITEM.c.key == key
