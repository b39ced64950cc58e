"""What is sent about markets, and what is answered."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.http import MoneyField, PageArguments
from pitboss.plugins.betting.markets.dynamic import RULES
from pitboss.plugins.betting.markets.reading import SHOWN_TO_PLAYERS
from pitboss.plugins.betting.markets.states import REASON_CHARACTERS_MAX
from pitboss.plugins.betting.markets.templates import ANSWERS_MAX
from pitboss.plugins.betting.odds.formats import FORMATS

STATUSES = ("draft", *SHOWN_TO_PLAYERS)
CODE_CHARACTERS_MAX = 64


def odds_field(**more: Any) -> ma.fields.Field[Any]:
    """Return a field of exact decimal odds."""
    return ma.fields.Decimal(as_string=True, allow_nan=False, validate=Range(0, 10**6), **more)


def _by_code(value: ma.fields.Field[Any]) -> ma.fields.Dict:
    keys = ma.fields.Str(validate=Length(1, CODE_CHARACTERS_MAX))
    return ma.fields.Dict(keys=keys, values=value, load_default=dict, validate=Length(max=ANSWERS_MAX))


# -- what is sent ----------------------------------------------------------------------------------


class PricesArguments(ma.Schema):
    """Prices by the codes of the selections: probabilities, odds, or the feeds as the source."""

    probabilities = _by_code(ma.fields.Decimal(as_string=True, allow_nan=False))
    odds = _by_code(odds_field())
    source = ma.fields.Str(load_default="", validate=OneOf(["", "feed"]))
    book_sum = ma.fields.Decimal(
        as_string=True, load_default=None, allow_none=True, validate=Range(1, 3), allow_nan=False
    )


class MarketArguments(PricesArguments):
    """A market to publish; without prices it is a draft."""

    fixture_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True, validate=Length(1, CODE_CHARACTERS_MAX))
    line = ma.fields.Str(load_default="", validate=Length(max=16))
    closes_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    goes_in_play = ma.fields.Bool(load_default=False)
    is_draft = ma.fields.Bool(load_default=False)
    moves_by = ma.fields.Str(load_default="", validate=OneOf(list(RULES)))
    pricing = ma.fields.Dict(load_default=dict)


class SetArguments(ma.Schema):
    """How the default markets of a fixture are published."""

    is_draft = ma.fields.Bool(load_default=False)


class MarketEdit(ma.Schema):
    """What a trader changes of a market besides its prices; what is left out stays."""

    closes_at = ma.fields.AwareDateTime(allow_none=True)
    moves_by = ma.fields.Str(validate=OneOf(list(RULES)))
    pricing = ma.fields.Dict()
    book_sum = ma.fields.Decimal(as_string=True, validate=Range(1, 3), allow_nan=False)
    goes_in_play = ma.fields.Bool()


class OverrideArguments(ma.Schema):
    """Prices that a trader sets on some selections, and whether rules may move them again."""

    odds = _by_code(odds_field())
    release = ma.fields.List(
        ma.fields.Str(validate=Length(1, CODE_CHARACTERS_MAX)),
        load_default=list,
        validate=Length(max=ANSWERS_MAX),
        metadata={"description": "Selections that rules may move again."},
    )
    is_held = ma.fields.Bool(load_default=True)


class ReasonArguments(ma.Schema):
    """Why."""

    reason = ma.fields.Str(load_default="", validate=Length(max=REASON_CHARACTERS_MAX))


class MarketFilter(PageArguments):
    """Which markets."""

    fixture_id = ma.fields.UUID()
    sport = ma.fields.Str(validate=Length(max=CODE_CHARACTERS_MAX))
    status = ma.fields.Str(validate=OneOf(STATUSES))
    template = ma.fields.Str(validate=Length(max=CODE_CHARACTERS_MAX))


class FormatArguments(ma.Schema):
    """In which format odds are shown; a signed-in player's own is the default."""

    odds_format = ma.fields.Str(load_default="", validate=OneOf(["", *FORMATS]))


class BoardFilter(PageArguments):
    """Which fixtures."""

    sport = ma.fields.Str(validate=Length(max=CODE_CHARACTERS_MAX))
    is_live = ma.fields.Bool()
    odds_format = ma.fields.Str(load_default="", validate=OneOf(["", *FORMATS]))


class MovesFilter(PageArguments):
    """Which moves of prices."""

    odds_format = ma.fields.Str(load_default="", validate=OneOf(["", *FORMATS]))


# -- what is answered ------------------------------------------------------------------------------


class MarketHead(ma.Schema):
    """What everyone sees of a market."""

    id = ma.fields.UUID(required=True)
    fixture_id = ma.fields.UUID(required=True)
    fixture = ma.fields.Str(required=True)
    sport = ma.fields.Str(required=True)
    template = ma.fields.Str(required=True)
    period = ma.fields.Str(required=True)
    line = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    status = ma.fields.Str(required=True)
    is_in_play = ma.fields.Bool(required=True)
    is_open = ma.fields.Bool(required=True, metadata={"description": "Whether a bet can be taken now."})
    starts_at = ma.fields.AwareDateTime(required=True)
    closes_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    odds_version = ma.fields.Int(required=True)
    priced_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class SelectionHead(ma.Schema):
    """What everyone sees of a selection."""

    id = ma.fields.UUID(required=True)
    code = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    status = ma.fields.Str(required=True)
    odds = ma.fields.Str(required=True, allow_none=True, metadata={"description": "Exact, decimal."})


class OfferedSelection(SelectionHead):
    """A selection as players see it."""

    odds_shown = ma.fields.Str(required=True, allow_none=True)


class OfferedMarket(MarketHead):
    """A market as players see it."""

    notice = ma.fields.Str(required=True, metadata={"description": "Why it takes no bets, if it says."})
    takes_each_way = ma.fields.Bool(
        required=True, metadata={"description": "Whether a bet on it may have a place part."}
    )
    selections = ma.fields.List(ma.fields.Nested(OfferedSelection()), required=True)


class TradedSelection(SelectionHead):
    """A selection as traders see it."""

    probability = ma.fields.Str(required=True, allow_none=True)
    is_overridden = ma.fields.Bool(required=True)
    withdrawn_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_odds = ma.fields.Str(required=True, allow_none=True)
    liability = MoneyField(required=True)
    result_if_right = MoneyField(required=True)


class TradedMarket(MarketHead):
    """A market as traders see it, with its book."""

    is_stale = ma.fields.Bool(required=True)
    suspensions = ma.fields.List(ma.fields.Str(), required=True)
    goes_in_play = ma.fields.Bool(required=True)
    book_sum = ma.fields.Str(required=True)
    book_sum_now = ma.fields.Str(required=True, allow_none=True)
    margin_percent = ma.fields.Str(required=True, allow_none=True)
    moves_by = ma.fields.Str(required=True)
    pricing = ma.fields.Dict(required=True)
    rules_id = ma.fields.UUID(required=True)
    staked = MoneyField(required=True)
    liability = MoneyField(required=True)
    selections = ma.fields.List(ma.fields.Nested(TradedSelection()), required=True)


class QueueEntry(ma.Schema):
    """A market that waits for a trader, and why."""

    why = ma.fields.List(ma.fields.Str(), required=True)
    market = ma.fields.Nested(TradedMarket(), required=True)


class PriceMoveSchema(ma.Schema):
    """One price as it became, with its cause."""

    id = ma.fields.UUID(required=True)
    selection_id = ma.fields.UUID(required=True)
    selection = ma.fields.Str(required=True)
    odds_version = ma.fields.Int(required=True)
    before = ma.fields.Str(required=True, allow_none=True)
    odds = ma.fields.Str(required=True, allow_none=True)
    odds_shown = ma.fields.Str(required=True, allow_none=True)
    cause = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class TracedMove(PriceMoveSchema):
    """The same for traders: who, and by which numbers."""

    actor = ma.fields.Str(required=True)
    detail = ma.fields.Dict(required=True)


class BoardFixture(ma.Schema):
    """A fixture with markets, and its first ones."""

    fixture_id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    sport = ma.fields.Str(required=True)
    competition = ma.fields.Str(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    is_live = ma.fields.Bool(required=True)
    status = ma.fields.Str(required=True)
    market_count = ma.fields.Int(required=True)
    live = ma.fields.Dict(required=True, allow_none=True)
    main = ma.fields.Nested(OfferedMarket(), required=True, allow_none=True)


class TemplateSchema(ma.Schema):
    """A template, and what it asks for."""

    code = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    grader = ma.fields.Str(required=True)
    sport_codes = ma.fields.List(ma.fields.Str(), required=True)
    line = ma.fields.Str(required=True)
    period = ma.fields.Str(required=True)
    selections = ma.fields.List(ma.fields.Str(), required=True)
    is_field = ma.fields.Bool(required=True)
