"""The words about live fixtures."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Function, Term
from pitboss.plugins.sports.fixtures.terms import EXAMPLE_AT, EXAMPLE_ID
from pitboss.plugins.sports.live import views


class LiveUpdatedPayload(Schema):
    """How a fixture stands."""

    fixture_id = fields.UUID(required=True)
    sequence = fields.Integer(required=True, strict=True)
    score = fields.Dict(keys=fields.String(), required=True)
    minute = fields.Integer(required=True, allow_none=True, strict=True)
    period = fields.String(required=True)


class FeedStalledPayload(Schema):
    """A live feed that is no longer believed."""

    fixture_id = fields.UUID(required=True)
    source = fields.String(required=True)
    cause = fields.String(required=True)
    """silence, gap, delay or quality."""
    sequence = fields.Integer(required=True, strict=True)
    heard_at = fields.AwareDateTime(required=True)


class FeedResumedPayload(Schema):
    """A live feed that is believed again."""

    fixture_id = fields.UUID(required=True)
    source = fields.String(required=True)
    cause = fields.String(required=True)
    """Why it was not."""
    sequence = fields.Integer(required=True, strict=True)


TERMS: tuple[Term, ...] = (
    Event(
        name="sports.live_updated",
        title="Live update",
        doc="A live fixture stands differently: score, minute or period.",
        schema=LiveUpdatedPayload,
        is_public=True,
        example={
            "fixture_id": EXAMPLE_ID,
            "sequence": 17,
            "score": {"home": 1, "away": 0},
            "minute": 23,
            "period": "1h",
        },
    ),
    Event(
        name="sports.feed_stalled",
        title="Feed stalled",
        doc="A live feed is silent, has a gap, lags or proved bad: what depends on it is suspended.",
        schema=FeedStalledPayload,
        is_public=True,
        example={
            "fixture_id": EXAMPLE_ID,
            "source": "acme",
            "cause": "silence",
            "sequence": 17,
            "heard_at": EXAMPLE_AT,
        },
    ),
    Event(
        name="sports.feed_resumed",
        title="Feed resumed",
        doc="A live feed that had stalled is believed again.",
        schema=FeedResumedPayload,
        is_public=True,
        example={"fixture_id": EXAMPLE_ID, "source": "acme", "cause": "silence", "sequence": 18},
    ),
    Function(
        name="sports.live",
        title="Live standing",
        doc="How a live fixture stands, how old that is, and whether its feed has stalled; or nothing.",
        arguments={"fixture_id": "text"},
        returns="any",
        call=views.live,
        example=(EXAMPLE_ID,),
    ),
)
