"""The words about streams."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term
from pitboss.plugins.sports.fixtures.terms import EXAMPLE_ID, EXAMPLE_OTHER_ID


class StreamReportedPayload(Schema):
    """A stream that a player says is dead."""

    stream_id = fields.UUID(required=True)
    fixture_id = fields.UUID(required=True)
    reports = fields.Integer(required=True, strict=True)
    """How many players say so."""
    is_off = fields.Boolean(required=True)
    """Whether it was taken off for that."""


TERMS: tuple[Term, ...] = (
    Event(
        name="sports.stream_reported",
        title="Stream reported dead",
        doc="A player says that a stream shows nothing; when enough say so it is off.",
        schema=StreamReportedPayload,
        example={"stream_id": EXAMPLE_ID, "fixture_id": EXAMPLE_OTHER_ID, "reports": 3, "is_off": True},
    ),
)
