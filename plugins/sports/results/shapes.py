"""The shape of a result: between two by periods, or of a field by positions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from pitboss.plugins.sports.catalogue.documents import PERIODS_MAX, STATISTICS_MAX
from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX
from pitboss.plugins.sports.fixtures.new import PARTICIPANTS_MAX

SIDES = ("home", "away")
SCORE_MAX = 100_000
SCORERS_MAX = 200
MINUTES_MAX = 10_000
SCORER_KINDS = ("goal", "penalty", "own_goal", "try", "touchdown", "point")

_side = validate.OneOf(SIDES)
_count = validate.Range(0, SCORE_MAX)


class Shape(Schema):
    """A part of a result: what was not said is left out."""

    @post_load
    def _said(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class PairShape(Shape):
    """A figure of both sides."""

    home = fields.Integer(required=True, strict=True, validate=_count)
    away = fields.Integer(required=True, strict=True, validate=_count)


class PeriodShape(PairShape):
    """The score of one period alone, not the running one."""

    code = fields.String(required=True, validate=validate.Length(1, 20))


class ScorerShape(Shape):
    """Who scored, for which side it counted, and when."""

    side = fields.String(required=True, validate=_side)
    name = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH_MAX))
    athlete_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 36))
    minute = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MINUTES_MAX)
    )
    kind = fields.String(load_default="goal", validate=validate.OneOf(SCORER_KINDS))


class EndShape(Shape):
    """How it ended before its time."""

    abandoned_at = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MINUTES_MAX)
    )
    """The minute in which it was broken off; 0 where nobody counts minutes."""


class MatchShape(EndShape):
    """How a match between two ended."""

    periods = fields.List(
        fields.Nested(PeriodShape()), load_default=list, validate=validate.Length(max=PERIODS_MAX)
    )
    statistics = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 20)),
        values=fields.Nested(PairShape()),
        load_default=dict,
        validate=validate.Length(max=STATISTICS_MAX),
    )
    scorers = fields.List(
        fields.Nested(ScorerShape()), load_default=list, validate=validate.Length(max=SCORERS_MAX)
    )
    """In the order in which they scored."""
    retired = fields.String(load_default=None, allow_none=True, validate=_side)
    """The side that gave up: the other one has won."""
    walkover = fields.String(load_default=None, allow_none=True, validate=_side)
    """The side that won without playing."""
    winner = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((*SIDES, "draw")))
    """Where the score alone does not say it: points of judges, runs by a method, a match that was awarded."""


class PositionShape(Shape):
    """Where a runner came in; equal positions are a dead heat."""

    participant = fields.String(required=True, validate=validate.Length(1, 36))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(1, PARTICIPANTS_MAX))
    starting_price = fields.Decimal(
        load_default=None, allow_none=True, as_string=True, validate=validate.Range(1, 10_000)
    )
    figures = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 20)),
        values=fields.String(validate=validate.Length(1, 40)),
        load_default=None,
        allow_none=True,
    )
    """Times, distances, strokes: as they are written."""


def _runners() -> fields.Field[Any]:
    of_one = fields.String(validate=validate.Length(1, 36))
    return fields.List(of_one, load_default=list, validate=validate.Length(max=PARTICIPANTS_MAX))


class FieldShape(EndShape):
    """How a race of many ended."""

    positions = fields.List(
        fields.Nested(PositionShape()), load_default=list, validate=validate.Length(max=PARTICIPANTS_MAX)
    )
    unplaced = _runners()
    did_not_finish = _runners()
    disqualified = _runners()
