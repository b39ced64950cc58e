"""What a tenant can set of referrals."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

AMOUNT = validate.Range(0, 10**12)


def _bonus() -> dict[str, Any]:
    return {"action": "loyalty.grant_bonus", "amount": "10.00", "wagering_requirement": 1}


class ReferralSettings(Schema):
    """What a friend has to do, and what both sides get; money in whole minor units."""

    referrer_offer = fields.Dict(keys=fields.String(), load_default=_bonus)
    """The action and its parameters, as in the `then` of a rule."""
    friend_offer = fields.Dict(keys=fields.String(), load_default=_bonus)
    deposit_min = fields.Integer(load_default=20_00, validate=AMOUNT)
    wagered_min = fields.Integer(load_default=50_00, validate=AMOUNT)
    valid_days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))
    """How long after registering the friend may qualify."""
    claim_days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))
    """How old an account may be that enters a friend's code."""
    rewards_max = fields.Integer(load_default=10, allow_none=True, validate=validate.Range(0, 100_000))
    """The most friends that one referrer is rewarded for in a period; None sets no cap."""
    amount_max = fields.Integer(load_default=None, allow_none=True, validate=AMOUNT)
    """The most that one referrer is paid in a period."""
    period = fields.String(
        load_default="lifetime", validate=validate.OneOf(["day", "week", "month", "lifetime"])
    )
    hold_score = fields.Integer(load_default=8, validate=validate.Range(1, 10))
    """From this likeness on, 0 to 10, a referral waits until a person has looked."""
