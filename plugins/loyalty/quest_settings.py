"""What a tenant can set of referrals and of signals of abuse."""

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


class SignalSettings(Schema):
    """What signals of abuse do at once, by their severity from 1 to 10."""

    hold_severity = fields.Integer(load_default=8, validate=validate.Range(1, 11))
    """From here on the player gets no rewards until a person has looked; 11 holds nobody."""
    case_severity = fields.Integer(load_default=8, validate=validate.Range(1, 11))
    """From here on compliance is asked to open a case."""
    window_days = fields.Integer(load_default=30, validate=validate.Range(1, 365))
    """How much of a player's past the detectors look at."""
    alike_score_min = fields.Integer(load_default=5, validate=validate.Range(1, 10))
    """From this likeness on two accounts are a signal."""
    bonuses_min = fields.Integer(load_default=3, validate=validate.Range(1, 100))
    """With fewer bonuses in the window nobody is taken for a hunter of them."""


def nested(schema: type[Schema]) -> fields.Nested:
    """Return a field whose default is all the defaults of its schema."""
    return fields.Nested(schema(), load_default=lambda: schema().load({}))
