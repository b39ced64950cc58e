"""What a tenant can set of signals of abuse."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


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
