"""The words of the catalogue."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term

_ID = "0195f2d0-0000-7000-8000-000000000001"


class ItemRedeemed(Schema):
    """Payload of `loyalty.item_redeemed`."""

    redemption_id = fields.UUID(required=True)
    item = fields.String(required=True)
    price = fields.Integer(required=True)
    unit = fields.String(required=True)


TERMS: tuple[Term, ...] = (
    Event(
        name="loyalty.item_redeemed",
        title="Item redeemed",
        doc="A player took an item of the catalogue for points.",
        example={"redemption_id": _ID, "item": "mug", "price": 120, "unit": "PTS"},
        schema=ItemRedeemed,
    ),
)
