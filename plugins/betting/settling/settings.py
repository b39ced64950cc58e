"""What a tenant can set about settlement."""

from __future__ import annotations

from marshmallow import Schema, fields


class SettlingSettings(Schema):
    """When a result settles."""

    settles_on_provisional = fields.Boolean(load_default=False)
    """Whether a result that nobody confirmed yet settles; what differs from it later is a correction."""
