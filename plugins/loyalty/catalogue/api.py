"""The catalogue over HTTP: what players may take for points, and what operators offer and deliver."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range, Regexp

from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    check_match,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_cursor,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.catalogue import items, redemptions
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.points.lots import UNITS

PRICE_MAX = 10**12
STOCK_MAX = 10**9
TITLE_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 4_000
NOTE_CHARACTERS_MAX = 1_000
OFFER_KEYS_MAX = 50

blueprint = Blueprint("loyalty_items", __name__, url_prefix="", description="What points buy")
ROUTES = Routes(blueprint=blueprint)


class ItemArguments(ma.Schema):
    """An item as operators edit it."""

    title = ma.fields.Str(required=True, validate=Length(1, TITLE_CHARACTERS_MAX))
    text = ma.fields.Str(load_default="", validate=Length(max=TEXT_CHARACTERS_MAX))
    price = ma.fields.Int(required=True, strict=True, validate=Range(1, PRICE_MAX))
    unit = ma.fields.Str(load_default=POINTS, validate=OneOf(UNITS))
    offer = ma.fields.Dict(
        required=True,
        validate=Length(1, OFFER_KEYS_MAX),
        metadata={
            "description": "An action as in the `then` of a rule, or `by_hand` with what is sent.",
            "example": {"action": "loyalty.grant_cash", "amount": "5.00"},
        },
    )
    stock = ma.fields.Int(load_default=None, allow_none=True, strict=True, validate=Range(0, STOCK_MAX))
    per_player_max = ma.fields.Int(
        load_default=None, allow_none=True, strict=True, validate=Range(1, STOCK_MAX)
    )
    tier_min = ma.fields.Str(load_default=None, allow_none=True, validate=Length(1, CODE_LENGTH_MAX))
    is_active = ma.fields.Bool(load_default=True)


class NewItemArguments(ItemArguments):
    """A new item, and what it is called in addresses."""

    key = ma.fields.Str(required=True, validate=Regexp(rf"[a-z0-9][a-z0-9-]{{0,{CODE_LENGTH_MAX - 1}}}\Z"))


class ItemSchema(ItemArguments):
    """An item of the catalogue."""

    key = ma.fields.Str(required=True)
    revision = ma.fields.Int(required=True)


class ItemFilter(PageArguments):
    """Which items."""

    is_active = ma.fields.Bool()


class OfferedItemSchema(ma.Schema):
    """An item as a player sees it."""

    key = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    text = ma.fields.Str(required=True)
    price = ma.fields.Int(required=True)
    unit = ma.fields.Str(required=True)
    stock = ma.fields.Int(required=True, allow_none=True)
    tier_min = ma.fields.Str(required=True, allow_none=True)
    is_by_hand = ma.fields.Bool(required=True, metadata={"description": "Whether somebody sends it."})
    why_not = ma.fields.Str(
        required=True, allow_none=True, metadata={"description": "Null when I can take it now."}
    )


class RedeemArguments(ma.Schema):
    """Which item is taken, and where to send it."""

    item = ma.fields.Str(required=True, validate=Length(1, CODE_LENGTH_MAX))
    note = ma.fields.Str(load_default="", validate=Length(max=NOTE_CHARACTERS_MAX))


class RedemptionSchema(ma.Schema):
    """An item that a player took for points."""

    id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)
    item = ma.fields.Str(required=True)
    price = ma.fields.Int(required=True)
    unit = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    note = ma.fields.Str(required=True)
    reward_id = ma.fields.UUID(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class RedemptionFilter(PageArguments):
    """Which redemptions."""

    player_id = ma.fields.UUID()
    item = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    state = ma.fields.Str(validate=OneOf(redemptions.STATES))


class DeliveryNoteArguments(ma.Schema):
    """How something was sent."""

    note = ma.fields.Str(load_default="", validate=Length(max=NOTE_CHARACTERS_MAX))


class RedemptionReasonArguments(ma.Schema):
    """Why a redemption is cancelled."""

    reason = ma.fields.Str(required=True, validate=Length(3, NOTE_CHARACTERS_MAX))


# -- players ---------------------------------------------------------------------------------------


@blueprint.route("/me/catalogue")
class MyCatalogue(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(OfferedItemSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what I can take for points, and why not yet."""
        ctx, limit = current(), asked["limit"]
        after = read_cursor(asked.get("cursor")) or ""
        found = items.list_items(ctx, after=after, limit=limit + 1, is_active=True)
        player_id = ctx.actor.player_id
        player, taken = players.find(ctx, player_id), redemptions.taken_by(ctx, player_id)
        offered = [
            {
                **item._mapping,
                "is_by_hand": items.BY_HAND in item.offer,
                "why_not": redemptions.why_not(ctx, player, item, taken),
            }
            for item in found[:limit]
        ]
        return page(offered, found[limit - 1].key if len(found) > limit else None)


@blueprint.route("/me/redemptions")
class MyRedemptions(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(RedemptionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what I took, newest first."""
        return _listed({**asked, "player_id": current().actor.player_id})

    @player_only
    @keyed
    @blueprint.arguments(RedeemArguments())
    @blueprint.response(201, RedemptionSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Take an item for points; the same Idempotency-Key takes it once."""
        ctx, key = current(), request.headers["Idempotency-Key"]
        return redemptions.redeem(ctx, ctx.actor.player_id, sent["item"], key=key, note=sent["note"])


# -- operators -------------------------------------------------------------------------------------


@blueprint.route("/items")
class Items(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(ItemFilter(), location="query")
    @blueprint.response(200, page_schema(ItemSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the catalogue."""
        limit, after = asked.pop("limit"), read_cursor(asked.pop("cursor", None)) or ""
        found = items.list_items(current(), after=after, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1].key if len(found) > limit else None)

    @requires("loyalty.edit")
    @blueprint.arguments(NewItemArguments())
    @blueprint.response(201, ItemSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Put an item into the catalogue."""
        return _sent(items.create(current(), sent.pop("key"), sent))


@blueprint.route("/items/<key>")
class Item(MethodView):
    @requires("loyalty.read")
    @blueprint.response(200, ItemSchema())
    def get(self, key: str) -> Any:
        """Show an item, with its ETag."""
        return _sent(items.find(current(), key))

    @requires("loyalty.edit")
    @blueprint.arguments(ItemArguments())
    @blueprint.response(200, ItemSchema())
    def put(self, sent: dict[str, Any], key: str) -> Any:
        """Write an item anew; If-Match must name it as it was read, stock included."""
        return _sent(items.save(current(), _matched(key), sent))

    @requires("loyalty.edit")
    @blueprint.response(204)
    def delete(self, key: str) -> None:
        """Remove an item that nobody ever took."""
        items.remove(current(), _matched(key))


@blueprint.route("/redemptions")
class ListRedemptions(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(RedemptionFilter(), location="query")
    @blueprint.response(200, page_schema(RedemptionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List redemptions, newest first."""
        return _listed(asked)


@blueprint.route("/redemptions/<uuid:redemption_id>/send")
class SendRedemption(MethodView):
    @requires("loyalty.grant")
    @blueprint.arguments(DeliveryNoteArguments())
    @blueprint.response(200, RedemptionSchema())
    def post(self, sent: dict[str, Any], redemption_id: UUID) -> Any:
        """Note that something is on its way."""
        return redemptions.send(current(), redemption_id, note=sent["note"])


@blueprint.route("/redemptions/<uuid:redemption_id>/deliver")
class DeliverRedemption(MethodView):
    @requires("loyalty.grant")
    @blueprint.arguments(DeliveryNoteArguments())
    @blueprint.response(200, RedemptionSchema())
    def post(self, sent: dict[str, Any], redemption_id: UUID) -> Any:
        """Note that something has arrived: its points are spent."""
        return redemptions.deliver(current(), redemption_id, note=sent["note"])


@blueprint.route("/redemptions/<uuid:redemption_id>/cancel")
class CancelRedemption(MethodView):
    @requires("loyalty.grant")
    @blueprint.arguments(RedemptionReasonArguments())
    @blueprint.response(200, RedemptionSchema())
    def post(self, sent: dict[str, Any], redemption_id: UUID) -> Any:
        """Give the points back to the lots they came from, and the item to the stock."""
        return redemptions.cancel(current(), redemption_id, reason=sent["reason"])


def _listed(asked: dict[str, Any]) -> dict[str, Any]:
    limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
    found = redemptions.list_redemptions(current(), before=before, limit=limit + 1, **asked)
    return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _sent(item: Any) -> Any:
    send_etag(_version(item))
    return item


def _matched(key: str) -> Any:
    item = items.find(current(), key, is_locked=True)
    check_match(_version(item))
    return item


def _version(item: Any) -> Any:
    return {"revision": item.revision, **items.document_of(item)}
