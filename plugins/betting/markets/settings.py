"""What a tenant can set about its markets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, validate

from pitboss.plugins.betting.grading.templates import SCORES
from pitboss.plugins.betting.markets.pricing import LADDERS
from pitboss.plugins.betting.markets.templates import ANSWERS_MAX, LineKind, read_templates
from pitboss.plugins.betting.odds.margins import METHODS

CODE = validate.Regexp(r"^[a-z][a-z0-9_]{1,63}$")
TEMPLATES_MAX = 200
NAME_CHARACTERS_MAX = 120


class AnswerSetting(Schema):
    """One answer of a template of the tenant's own."""

    code = fields.String(required=True, validate=validate.Length(1, 64))
    name = fields.String(required=True, validate=validate.Length(1, NAME_CHARACTERS_MAX))


class TemplateSetting(Schema):
    """A template of the tenant's own: data, and the name of a grader."""

    code = fields.String(required=True, validate=CODE)
    title = fields.String(required=True, validate=validate.Length(1, NAME_CHARACTERS_MAX))
    grader = fields.String(required=True, validate=validate.Length(1, 80))
    sport_codes = fields.List(fields.String(), required=True, validate=validate.Length(1, 50))
    selections = fields.List(
        fields.Nested(AnswerSetting()), load_default=list, validate=validate.Length(max=ANSWERS_MAX)
    )
    line = fields.String(load_default="none", validate=validate.OneOf(get_args(LineKind)))
    period = fields.String(load_default="", validate=validate.Length(max=40))
    has_overtime = fields.Boolean(load_default=False)
    counts_from_bet = fields.Boolean(load_default=False)
    statistic = fields.String(load_default="", validate=validate.Length(max=40))
    score = fields.String(load_default="points", validate=validate.OneOf(SCORES))
    winners = fields.Integer(load_default=1, validate=validate.Range(0, ANSWERS_MAX))
    is_field = fields.Boolean(load_default=False)


class SetRow(Schema):
    """A market of a default set."""

    template = fields.String(required=True, validate=CODE)
    line = fields.String(load_default="", validate=validate.Length(max=16))


def _no_two_alike(rows: list[Mapping[str, Any]]) -> None:
    if len(read_templates(rows)) < len(rows):
        raise ValidationError("Give each template a code of its own.")


class MarketSettings(Schema):
    """Prices, their age, and when they suspend by themselves."""

    price_age_seconds_max = fields.Integer(load_default=604_800, validate=validate.Range(0, 31_536_000))
    """How old a price before the event may be and still take bets; 0: any age."""
    live_price_age_seconds_max = fields.Integer(load_default=60, validate=validate.Range(0, 86_400))
    """The same in play."""
    jump_percent_max = fields.Integer(load_default=15, validate=validate.Range(1, 1_000))
    """A rule or feed that moves a price by more than this part of it suspends the market."""
    book_sum = fields.Decimal(
        places=4, as_string=True, load_default=Decimal("1.06"), validate=validate.Range(1, 2)
    )
    """The sum of implied probabilities that prices aim at when nobody says another: 1.06 is 6 % margin."""
    ladder = fields.String(load_default="cents", validate=validate.OneOf(list(LADDERS)))
    """The steps that prices are rounded down to."""
    devig_method = fields.String(load_default="power", validate=validate.OneOf(list(METHODS)))
    """How the margin of other bookmakers is taken out of their prices."""
    withdrawal_policy = fields.String(load_default="suspend", validate=validate.OneOf(["suspend", "scale"]))
    """The other runners of a race wait until somebody prices them, or are scaled to the book sum."""
    has_markets_by_itself = fields.Boolean(load_default=False)
    """Whether a fixture that is scheduled gets the default set of markets at once, as drafts."""
    has_feed_markets_by_itself = fields.Boolean(load_default=False)
    """Whether a fixture that is scheduled gets those of the default set that bookmakers of the feeds price:
    open at once, in play too, and moved by the feeds."""
    market_sets = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(SetRow()), validate=validate.Length(1, TEMPLATES_MAX)),
        load_default=dict,
    )
    """The default markets by sport, where not those that are shipped."""
    templates = fields.List(
        fields.Nested(TemplateSetting()),
        load_default=list,
        validate=[validate.Length(max=TEMPLATES_MAX), _no_two_alike],
    )
    """Templates of the tenant's own."""
