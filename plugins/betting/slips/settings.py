"""What a tenant can set about slips: sizes, delays, limits of the platform, cash-out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

MONEY_MAX = 10**12
"""The highest limit that a tenant can set, in minor units."""
LEGS_MAX = 30
"""The most legs of a slip, whatever a tenant sets."""
DELAY_SECONDS_MAX = 60


def _money(default: int) -> fields.Field[Any]:
    return fields.Integer(load_default=default, validate=validate.Range(1, MONEY_MAX))


class SlipSettings(Schema):
    """Bets from the quote to the cash-out; money in whole minor units of the tenant's currency."""

    legs_max = fields.Integer(load_default=20, validate=validate.Range(1, LEGS_MAX))
    price_policy = fields.String(load_default="none", validate=validate.OneOf(["none", "higher_only", "any"]))
    """What happens when a price moved, where the slip does not say: refuse, take a better one, take any."""
    live_delay_seconds = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Integer(validate=validate.Range(0, DELAY_SECONDS_MAX)),
        load_default={"*": 0},
    )
    """How long a bet in play waits before it is accepted, by sport: `{"tennis": 5, "*": 3}`."""
    stake_min = _money(10)
    stake_max = _money(10_000_00)
    payout_max = _money(1_000_000_00)
    exposure_max = _money(250_000_00)
    """What any answer of one market may cost the house."""
    has_cash_out = fields.Boolean(load_default=True)
    cash_out_margin = fields.Decimal(
        places=4,
        as_string=True,
        load_default=Decimal("0.05"),
        validate=validate.Range(0, 1, max_inclusive=False),
    )
    """What the house keeps of the fair value of a bet that is cashed out."""
    cash_out_offer_seconds = fields.Integer(load_default=15, validate=validate.Range(1, 300))
    """How long an offer holds."""
    free_bet_valid_hours = fields.Integer(load_default=168, validate=validate.Range(1, 87_600))
    """How long a free bet is valid that says nothing else."""
    free_bet_by_hand_max = _money(1_000_00)
    """The largest free bet that an operator gives; what rules give has budgets of its own."""
