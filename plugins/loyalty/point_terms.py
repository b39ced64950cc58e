"""The words of points, tiers and the catalogue."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable, Window
from pitboss.plugins.loyalty.models import LoyaltyPlayer
from pitboss.plugins.loyalty.point_actions import ACTIONS
from pitboss.plugins.loyalty.pointbook import METRIC

_ID = "0195f2d0-0000-7000-8000-000000000001"


class PointsEarned(Schema):
    """Payload of `loyalty.points_earned`."""

    points = fields.Integer(required=True)
    unit = fields.String(required=True)
    lot_id = fields.UUID(required=True)


class TierChanged(Schema):
    """Payload of `loyalty.tier_changed`."""

    before = fields.String(required=True)
    after = fields.String(required=True)
    is_upgrade = fields.Boolean(required=True)
    score = fields.Integer(required=True)
    cause = fields.String(required=True)
    """earned, short, ladder_changed, rolled_back, fixed or fix_ended."""
    ladder = fields.Integer(required=True)
    """The version of the ladder that decided."""
    changed_at = fields.AwareDateTime(required=True)
    """The instant that was due, however late it was noticed."""


class ItemRedeemed(Schema):
    """Payload of `loyalty.item_redeemed`."""

    redemption_id = fields.UUID(required=True)
    item = fields.String(required=True)
    price = fields.Integer(required=True)
    unit = fields.String(required=True)


VARIABLES: tuple[Variable, ...] = (
    Variable(
        name="loyalty.lp_earned_90d",
        title="Loyalty points earned in 90 days",
        doc="Points earned in 90 days, in the tenant's time zone; spending takes nothing off.",
        example=350,
        type="number",
        unit="LP",
        window=Window(METRIC, "sum", 90, "days"),
    ),
    Variable(
        name="loyalty.points_carry",
        title="Part of a point carried on",
        doc="What the last stake left of a point, from 0 to below 1; the next one adds to it.",
        example=0.25,
        type="number",
        unit="LP",
        default=0,
        column=LoyaltyPlayer.points_part,
    ),
    Variable(
        name="loyalty.rp_balance",
        title="Reward points",
        doc="Reward points that the player has: they buy, and count for no tier.",
        example=75,
        type="number",
        unit="RP",
        default=0,
        column=LoyaltyPlayer.reward_points,
    ),
    Variable(
        name="loyalty.tier_multiplier",
        title="Multiplier of the tier",
        doc="How many times as many points a stake earns in the player's tier.",
        example=1.25,
        type="number",
        default=1,
        column=LoyaltyPlayer.tier_multiplier,
    ),
)

EVENTS: tuple[Event, ...] = (
    Event(
        name="loyalty.points_earned",
        title="Points earned",
        doc="A player earned loyalty points, or was given points.",
        example={"points": 2, "unit": "PTS", "lot_id": _ID},
        schema=PointsEarned,
    ),
    Event(
        name="loyalty.tier_changed",
        title="Tier changed",
        doc="A player moved up or down the tiers.",
        example={
            "before": "BRONZE",
            "after": "SILVER",
            "is_upgrade": True,
            "score": 100,
            "cause": "earned",
            "ladder": 1,
            "changed_at": "2026-12-01T09:00:00+00:00",
        },
        schema=TierChanged,
    ),
    Event(
        name="loyalty.item_redeemed",
        title="Item redeemed",
        doc="A player took an item of the catalogue for points.",
        example={"redemption_id": _ID, "item": "mug", "price": 120, "unit": "PTS"},
        schema=ItemRedeemed,
    ),
)

TERMS: tuple[Term, ...] = (*VARIABLES, *EVENTS, *ACTIONS)
