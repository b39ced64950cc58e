"""What a tenant can set."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from pitboss.plugins.loyalty.source_settings import sources_field


class LoyaltySettings(Schema):
    """Settings of each tenant; money in whole minor units of its currency."""

    amount_per_point = fields.Integer(load_default=10_00, validate=validate.Range(1, 10**9))
    points_valid_days = fields.Integer(load_default=365, validate=validate.Range(0, 3650))
    """0 keeps them for ever."""
    sources = sources_field()
    """Which events of other plugins are transactions."""
