"""The words that sources contribute."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Function, Term
from pitboss.plugins.sports.fixtures.terms import EXAMPLE_AT, EXAMPLE_ID
from pitboss.plugins.sports.sources.prices import reading


class PriceMoveSchema(Schema):
    """One price that moved; null before is a first price, null after one that was taken down."""

    selection = fields.String(required=True)
    bookmaker = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)


class PricesMovedPayload(Schema):
    """Prices of one market that moved far enough to be told."""

    fixture_id = fields.UUID(required=True)
    market = fields.String(required=True)
    line = fields.String(required=True)
    moves = fields.List(fields.Nested(PriceMoveSchema()), required=True)


class SourceSuspendedPayload(Schema):
    """A source that proved bad."""

    source = fields.String(required=True)
    kind = fields.String(required=True)
    score = fields.Integer(required=True)
    cause = fields.String(required=True)


class SourceResumedPayload(Schema):
    """A source that is good again."""

    source = fields.String(required=True)
    kind = fields.String(required=True)
    score = fields.Integer(required=True)


class ImportEndedPayload(Schema):
    """How an import went."""

    import_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    created = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    problems = fields.Integer(required=True)


TERMS: tuple[Term, ...] = (
    Event(
        name="sports.prices_moved",
        title="Prices moved",
        doc="Bookmakers opened, moved or took down prices of one market of a fixture.",
        schema=PricesMovedPayload,
        example={
            "fixture_id": EXAMPLE_ID,
            "market": "match_result",
            "line": "",
            "moves": [
                {
                    "selection": "home",
                    "bookmaker": "pinnacle",
                    "before": "1.95",
                    "after": "1.85",
                    "at": EXAMPLE_AT,
                }
            ],
        },
    ),
    Event(
        name="sports.source_suspended",
        title="Source suspended",
        doc="The score of a source fell below the tenant's limit: what depends on it is suspended.",
        schema=SourceSuspendedPayload,
        example={
            "source": "acme-live",
            "kind": "live",
            "score": 41,
            "cause": "score 41 is below 50: answered 503",
        },
    ),
    Event(
        name="sports.source_resumed",
        title="Source resumed",
        doc="A source that was suspended has proved good again.",
        schema=SourceResumedPayload,
        example={"source": "acme-live", "kind": "live", "score": 87},
    ),
    Event(
        name="sports.import_ended",
        title="Import ended",
        doc="A file was imported, or refused as a whole.",
        schema=ImportEndedPayload,
        example={
            "import_id": EXAMPLE_ID,
            "kind": "fixtures",
            "state": "done",
            "created": 3,
            "changed": 0,
            "problems": 0,
        },
    ),
    Function(
        name="sports.prices",
        title="Bookmaker prices",
        doc="The newest prices of a fixture by market and line, with the best and the fair chances.",
        arguments={"fixture_id": "text"},
        returns="any",
        call=reading.prices,
        example=(EXAMPLE_ID,),
    ),
    Function(
        name="sports.prices_at",
        title="Bookmaker prices at an instant",
        doc="The same as they stood at an instant: nothing that came later.",
        arguments={"fixture_id": "text", "at": "text"},
        returns="any",
        call=reading.prices_at,
        example=(EXAMPLE_ID, EXAMPLE_AT),
    ),
)
