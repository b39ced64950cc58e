"""What a tenant can set."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate

from pitboss.plugins.loyalty.abuse.settings import SignalSettings
from pitboss.plugins.loyalty.play.settings import sources_field
from pitboss.plugins.loyalty.referrals.settings import ReferralSettings


def _nested(schema: type[Schema]) -> fields.Nested:
    """Return a field whose default is all the defaults of its schema."""
    return fields.Nested(schema(), load_default=lambda: schema().load({}))


class LoyaltySettings(Schema):
    """Settings of each tenant; money in whole minor units of its currency."""

    amount_per_point = fields.Integer(load_default=10_00, validate=validate.Range(1, 10**9))
    points_valid_days = fields.Integer(load_default=365, validate=validate.Range(0, 3650))
    """0 keeps them for ever."""
    points_pending_days = fields.Integer(load_default=0, validate=validate.Range(0, 365))
    """How long points wait before they can be spent."""
    points_warning_days = fields.Integer(load_default=14, validate=validate.Range(0, 365))
    """How long before they expire the player is told; 0 tells nobody."""
    point_contributions = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Decimal(places=4, as_string=True, validate=validate.Range(0, 100)),
        load_default=dict,
    )
    """How much of a stake counts for points, by game or by category; 1 where none is named."""
    has_points_for_bonus_stakes = fields.Boolean(load_default=False)
    """Whether the part of a stake that bonus money paid earns points too."""
    contributions = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Decimal(places=4, as_string=True, validate=validate.Range(0, 1)),
        load_default=dict,
    )
    """How much of a stake counts towards bonuses, by game or by category: `{"blackjack": "0.05"}`."""
    contribution_default = fields.Decimal(
        places=4, as_string=True, load_default=Decimal(1), validate=validate.Range(0, 1)
    )
    """The same for what is not named."""
    bonus_bet_max = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 10**12))
    """The highest bet while a bonus is wagered, unless the bonus says another."""
    bonus_valid_hours = fields.Integer(load_default=720, validate=validate.Range(0, 87_600))
    """How long a bonus is valid that says nothing else; 0 is for ever."""
    breach_policy = fields.String(load_default="flag", validate=validate.OneOf(["flag", "forfeit"]))
    """What a bet above the maximum does to a bonus: it counts as nothing, or ends the bonus."""
    claim_hours = fields.Integer(load_default=168, validate=validate.Range(1, 87_600))
    """How long a reward waits for its player to claim it."""
    referral = _nested(ReferralSettings)
    signals = _nested(SignalSettings)
    sources = sources_field()
    """Which events of other plugins are transactions."""
