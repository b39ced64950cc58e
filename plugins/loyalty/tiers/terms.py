"""The words of tiers."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer


class TierChanged(Schema):
    """Payload of `loyalty.tier_changed`."""

    before = fields.String(required=True)
    after = fields.String(required=True)
    is_upgrade = fields.Boolean(required=True)
    score = fields.Integer(required=True)
    cause = fields.String(required=True)
    """earned, short, ladder_changed, rolled_back, fixed or fix_ended."""
    ladder = fields.Integer(required=True)
    """The version of the ladder that decided."""
    changed_at = fields.AwareDateTime(required=True)
    """The instant that was due, however late it was noticed."""


TERMS: tuple[Term, ...] = (
    Variable(
        name="loyalty.tier_multiplier",
        title="Multiplier of the tier",
        doc="How many times as many points a stake earns in the player's tier.",
        example=1.25,
        type="number",
        default=1,
        column=LoyaltyPlayer.tier_multiplier,
    ),
    Event(
        name="loyalty.tier_changed",
        title="Tier changed",
        doc="A player moved up or down the tiers.",
        example={
            "before": "BRONZE",
            "after": "SILVER",
            "is_upgrade": True,
            "score": 100,
            "cause": "earned",
            "ladder": 1,
            "changed_at": "2026-12-01T09:00:00+00:00",
        },
        schema=TierChanged,
    ),
)
