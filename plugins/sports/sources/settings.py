"""What a tenant can set of its sources."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate


class SourceSettings(Schema):
    """How sources are matched and judged."""

    same_fixture_hours = fields.Integer(load_default=36, validate=validate.Range(1, 240))
    """A match of the same sides that begins within so many hours of a known one is that one, moved."""
    score_min = fields.Integer(load_default=50, validate=validate.Range(0, 100))
    """A source whose score falls below this suspends what depends on it; 0 never does."""
    price_move_percent_min = fields.Decimal(
        load_default=Decimal(2), places=2, as_string=True, validate=validate.Range(0, 1000)
    )
    """A price that moves by this much or more is told; 0 tells every move."""
    prices_kept_days = fields.Integer(load_default=400, validate=validate.Range(0, 3650))
    """Older prices are deleted; 0 keeps them for ever."""
    calls_kept_days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))
    """The record of calls that is kept, and judged by."""
