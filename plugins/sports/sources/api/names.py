"""The field by which a sender's names become ours."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import Length

from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX

NAMES_MAX = 500


def names_field(**options: Any) -> fields.Dict:
    """Return a field for our names of competitions and teams that a sender calls otherwise."""
    name = Length(1, NAME_LENGTH_MAX)
    return fields.Dict(
        keys=fields.String(validate=name),
        values=fields.String(validate=name),
        validate=Length(max=NAMES_MAX),
        metadata={
            "description": "Our names for competitions and teams that the sender calls otherwise.",
            "example": {"EPL": "Premier League"},
        },
        **options,
    )
