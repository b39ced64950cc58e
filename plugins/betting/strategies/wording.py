"""What a strategy may say: its document, and the words that its condition is written with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from pitboss.core.errors import InvalidInput
from pitboss.rules.engine.catalogue import Catalogue, Variable
from pitboss.rules.engine.errors import EvaluationError, Refused
from pitboss.rules.engine.language import catalogue_of, evaluate, expression

CONDITION_CHARACTERS_MAX = 2_000
STAKE_MINOR_MAX = 100_000_00
LISTED_MAX = 50

WORDS: tuple[Variable, ...] = (
    Variable(name="odds", title="Odds", doc="The decimal price now.", example=2.1),
    Variable(name="opening_odds", title="Opening odds", doc="Its first price.", example=2.3),
    Variable(
        name="odds_change",
        title="Change of odds",
        doc="The price now over its first one, less 1: -0.1 has shortened by a tenth.",
        example=-0.1,
    ),
    Variable(
        name="probability",
        title="Fair probability",
        doc="Implied by all prices of the market, without the margin.",
        example=0.45,
    ),
    Variable(name="margin", title="Margin", doc="Of the market: 0.06 is six per cent.", example=0.06),
    Variable(name="rank", title="Rank", doc="1 is the favourite of its market.", example=1),
    Variable(name="hours_to_start", title="Hours to the start", doc="With fractions.", example=12.5),
    Variable(name="sport", type="text", title="Sport", doc="Its code.", example="football"),
    Variable(name="competition", type="text", title="Competition", doc="Its name.", example="Cup"),
    Variable(name="template", type="text", title="Market", doc="Its template.", example="match_result"),
    Variable(name="selection", type="text", title="Selection", doc="Its code.", example="home"),
)


class StopsSchema(Schema):
    """When a strategy must not go on, whatever its condition says; minor units."""

    stake_max = fields.Integer(required=True, strict=True, validate=validate.Range(1, STAKE_MINOR_MAX))
    day_loss_max = fields.Integer(required=True, strict=True, validate=validate.Range(1, STAKE_MINOR_MAX))
    """Of the bets of this strategy that were settled today: then it is switched off."""
    day_bets_max = fields.Integer(load_default=20, strict=True, validate=validate.Range(1, 500))


class DocumentSchema(Schema):
    """What a strategy says."""

    sport_codes = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=LISTED_MAX),
    )
    """Empty: all of them."""
    templates = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        required=True,
        validate=validate.Length(1, LISTED_MAX),
    )
    when = fields.String(required=True, validate=validate.Length(1, CONDITION_CHARACTERS_MAX))
    """The condition, in the language of rules."""
    stake = fields.Integer(required=True, strict=True, validate=validate.Range(1, STAKE_MINOR_MAX))
    stops = fields.Nested(StopsSchema(), required=True)


@cache
def words() -> Catalogue:
    """Return the words of conditions, beside the functions of the language."""
    return catalogue_of(WORDS)


@cache
def _schema() -> DocumentSchema:
    return DocumentSchema()


def check(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as it is kept, or say field by field what is wrong."""
    try:
        document: dict[str, Any] = _schema().load(dict(said))
    except ValidationError as error:
        raise InvalidInput.of("strategy", error) from error
    try:
        expression(document["when"], words(), "boolean")
    except Refused as error:
        raise InvalidInput(f"when: {error}", {"when": [str(error)]}) from error
    if document["stake"] > document["stops"]["stake_max"]:
        raise InvalidInput(
            f"stake: {document['stake']} is above its own stop of {document['stops']['stake_max']}",
            {"stake": ["Above stops.stake_max."]},
        )
    return document


def holds(condition: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; one that cannot be told does not."""
    try:
        return evaluate(condition, facts, words()) is True
    except EvaluationError:
        return False
