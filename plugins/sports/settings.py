"""What a tenant can set."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from pitboss.plugins.sports.sources.settings import SourceSettings


class ResultSettings(Schema):
    """How results become official."""

    confirmation = fields.String(
        load_default="person", validate=validate.OneOf(["none", "person", "second_source"])
    )
    """none: at once. person: another person confirms. second_source: another source that says the same
    confirms, or another person."""


class LiveSettings(Schema):
    """When a live feed is no longer believed."""

    silence_seconds_max = fields.Integer(load_default=30, validate=validate.Range(5, 3600))
    """Silence of its feed after which a live fixture is suspended."""
    gap_seconds_max = fields.Integer(load_default=10, validate=validate.Range(1, 600))
    """How long a missing update is waited for."""
    delay_seconds_max = fields.Integer(load_default=60, validate=validate.Range(1, 3600))
    """How old an update may be when it arrives."""


class MatchSettings(Schema):
    """What players mean by the filters of matches."""

    big_rank_max = fields.Integer(load_default=5, validate=validate.Range(1, 1000))
    """Competitions up to this rank have the big matches."""
    high_scoring_chance_min = fields.Decimal(
        load_default=Decimal("0.6"), places=4, as_string=True, validate=validate.Range(0, 1)
    )
    """From this chance of many goals on a match is high scoring."""
    value_ratio_min = fields.Decimal(
        load_default=Decimal("1.1"), places=4, as_string=True, validate=validate.Range(1, 10)
    )
    """A price is value when it pays more than this many times what is fair."""


def nested(schema: type[Schema]) -> fields.Nested:
    """Return a field whose default is all the defaults of its schema."""
    return fields.Nested(schema(), load_default=lambda: schema().load({}))


class SportsSettings(Schema):
    """Settings of each tenant."""

    result: Any = nested(ResultSettings)
    live: Any = nested(LiveSettings)
    matches: Any = nested(MatchSettings)
    sources: Any = nested(SourceSettings)
    stream_reports_max = fields.Integer(load_default=3, validate=validate.Range(1, 1000))
    """So many players who say that a stream is dead take it off."""
