"""What rules can have done with points: give them, and let them be earned faster."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty.points import boosts
from pitboss.plugins.loyalty.points.book import UNIT_NAMES, unit_of
from pitboss.plugins.loyalty.points.rewards import TYPES
from pitboss.plugins.loyalty.rewards import actions
from pitboss.plugins.loyalty.rewards import lifecycle as rewards
from pitboss.plugins.loyalty.rewards.actions import HOURS_MAX, Grant
from pitboss.plugins.loyalty.tiers.ladder import MULTIPLIER_MAX, MULTIPLIER_PLACES


class GrantPoints(Grant):
    """Parameters of `loyalty.grant_points`; the amount is how many."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    type = fields.String(
        load_default="LOYALTY_POINTS", validate=validate.OneOf(["LOYALTY_POINTS", "REWARD_POINTS"])
    )
    currency = fields.String(validate=validate.OneOf(list(UNIT_NAMES)))
    """LP or RP; where it is named it decides, and else the type does."""
    expiry_hours = fields.Integer(validate=validate.Range(1, HOURS_MAX))


class BoostPoints(Schema):
    """Parameters of `loyalty.boost_points`."""

    multiplier = fields.Decimal(
        required=True,
        places=MULTIPLIER_PLACES,
        as_string=True,
        validate=validate.Range(1, MULTIPLIER_MAX),
    )
    hours = fields.Integer(required=True, strict=True, validate=validate.Range(1, HOURS_MAX))


def grant_points(
    ctx: Context, *, amount: int, type: str, currency: str | None = None, **more: Any
) -> UUID | None:
    """Give loyalty points, or reward points; return the reward's id."""
    unit = unit_of(currency or type)
    return actions.give(ctx, TYPES[unit], amount, unit=unit, **more)


ACTIONS: tuple[Action, ...] = (
    Action(
        name="loyalty.grant_points",
        title="Give points",
        doc="Loyalty points, which count for the tier, or reward points, which only buy.",
        example={"amount": 50, "type": "LOYALTY_POINTS"},
        schema=GrantPoints,
        run=grant_points,
        pays=POINTS,
        undo=rewards.undo,
    ),
    Action(
        name="loyalty.boost_points",
        title="Let points be earned faster",
        doc="For some hours a stake earns so many times as many points; of several boosts the best counts.",
        example={"multiplier": "2", "hours": 48},
        schema=BoostPoints,
        run=boosts.give,
        undo=boosts.undo,
    ),
)
