"""The words of points."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable, Window
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.points.actions import ACTIONS
from pitboss.plugins.loyalty.points.book import METRIC

_ID = "0195f2d0-0000-7000-8000-000000000001"


class PointsEarned(Schema):
    """Payload of `loyalty.points_earned`."""

    points = fields.Integer(required=True)
    unit = fields.String(required=True)
    lot_id = fields.UUID(required=True)


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
)
EARNED = Event(
    name="loyalty.points_earned",
    title="Points earned",
    doc="A player earned loyalty points, or was given points.",
    example={"points": 2, "unit": "PTS", "lot_id": _ID},
    schema=PointsEarned,
)
TERMS: tuple[Term, ...] = (*VARIABLES, EARNED, *ACTIONS)
