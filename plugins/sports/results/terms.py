"""The words about results."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from pitboss.core.contracts import Event, Function, Term
from pitboss.plugins.sports.fixtures.terms import EXAMPLE_ID
from pitboss.plugins.sports.results import book

STATES = ("provisional", "official", "corrected")


class ResultRecordedPayload(Schema):
    """A version of a result."""

    fixture_id = fields.UUID(required=True)
    version = fields.Integer(required=True, strict=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    corrects = fields.Integer(load_default=None, allow_none=True, strict=True)
    """The official version that stood before."""


TERMS: tuple[Term, ...] = (
    Event(
        name="sports.result_recorded",
        title="Result recorded",
        doc="A version of a result was written: provisional, or confirmed as official or as a correction.",
        schema=ResultRecordedPayload,
        is_public=True,
        example={"fixture_id": EXAMPLE_ID, "version": 2, "state": "official", "corrects": None},
    ),
    Function(
        name="sports.result",
        title="Result",
        doc="A version of a fixture's result with its source and who confirmed it; 0 is the newest.",
        arguments={"fixture_id": "text", "version": "number"},
        returns="any",
        call=book.result,
        example=(EXAMPLE_ID, 0),
    ),
)
