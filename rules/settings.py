"""What each tenant decides about its rulebook."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Range

APPROVALS_MAX = 2
JUDGEMENT_DAYS_MAX = 4_000


class RulebookSettings(Schema):
    """The settings of the part `rules`."""

    simulation_required = fields.Boolean(
        load_default=False,
        metadata={
            "title": "Simulation required",
            "description": "Refuse to submit a version that was not simulated over real history.",
        },
    )
    approvals_required = fields.Integer(
        load_default=1,
        validate=Range(min=1, max=APPROVALS_MAX),
        metadata={
            "title": "Approvals required",
            "description": "How many people besides the author and who submitted it approve a version.",
        },
    )
    judgement_days_kept = fields.Integer(
        load_default=400,
        validate=Range(min=1, max=JUDGEMENT_DAYS_MAX),
        metadata={
            "title": "Days that judgements are kept",
            "description": "For so long the facts of each judgement are kept, to explain and to simulate.",
        },
    )
