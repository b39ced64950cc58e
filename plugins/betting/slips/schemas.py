"""What the API of slips takes and answers, where it is not hot."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.http import MoneyField, PageArguments
from pitboss.plugins.betting.markets.tables import CODE_LENGTH_MAX
from pitboss.plugins.betting.slips.history import KINDS, PRODUCTS, STATES
from pitboss.plugins.betting.slips.limiting import MEASURES, SCOPES
from pitboss.plugins.betting.slips.settings import MONEY_MAX
from pitboss.plugins.betting.slips.tables import REFERENCE_LENGTH_MAX

REASON_LENGTH = Length(1, 500)


class SumSchema(ma.Schema):
    """An exact amount of a currency."""

    amount = ma.fields.Str(required=True)
    currency = ma.fields.Str(required=True)


def _sum() -> Any:
    return ma.fields.Nested(SumSchema(), required=True)


class BetLegSchema(ma.Schema):
    """A leg with its prices as exact decimal text; `odds_text` is in the player's format."""

    number = ma.fields.Int(required=True)
    fixture_id = ma.fields.UUID(required=True)
    market_id = ma.fields.UUID(required=True)
    selection_id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    sport = ma.fields.Str(required=True)
    competition = ma.fields.Str(required=True)
    odds = ma.fields.Str(required=True)
    shown_odds = ma.fields.Str(required=True)
    odds_text = ma.fields.Str(required=True)
    odds_version = ma.fields.Int(required=True)
    is_banker = ma.fields.Bool(required=True)
    is_in_play = ma.fields.Bool(required=True)
    score_from = ma.fields.Str(
        required=True,
        metadata={"description": "What a handicap struck in play counts from; empty: the start."},
    )
    place_terms = ma.fields.Dict(required=True)
    closing_odds = ma.fields.Str(required=True, allow_none=True)


class BetSchema(ma.Schema):
    """A bet as it stands."""

    id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)
    reference = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    system = ma.fields.Dict(required=True)
    is_each_way = ma.fields.Bool(required=True)
    is_free = ma.fields.Bool(required=True)
    state = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    odds = ma.fields.Str(required=True, allow_none=True)
    line_count = ma.fields.Int(required=True)
    unit_stake = _sum()
    stake = _sum()
    running_stake = _sum()
    potential = _sum()
    payout = _sum()
    free_bet_id = ma.fields.UUID(required=True, allow_none=True)
    price_policy = ma.fields.Str(required=True)
    legs = ma.fields.List(ma.fields.Nested(BetLegSchema()), required=True)
    placed_at = ma.fields.AwareDateTime(required=True)
    accept_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    accepted_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    settled_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    settlement_version = ma.fields.Int(required=True)
    is_repeated = ma.fields.Bool(required=True)


class BetDetailSchema(BetSchema):
    """A bet with the record of why it was allowed, for operators."""

    decision = ma.fields.Dict(required=True)


class MyBetFilter(PageArguments):
    """Which bets."""

    state = ma.fields.Str(validate=OneOf(STATES))
    kind = ma.fields.Str(validate=OneOf(KINDS))
    product = ma.fields.Str(validate=OneOf(PRODUCTS))
    sport = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    competition = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    fixture_id = ma.fields.UUID()
    market_id = ma.fields.UUID()
    reference = ma.fields.Str(validate=Length(1, REFERENCE_LENGTH_MAX))
    since = ma.fields.AwareDateTime()
    until = ma.fields.AwareDateTime()


class BetFilter(MyBetFilter):
    """Which bets of which player; `stake_min` in minor units."""

    player_id = ma.fields.UUID()
    stake_min = ma.fields.Int(validate=Range(1, MONEY_MAX))


class Period(ma.Schema):
    """From an instant until before another."""

    since = ma.fields.AwareDateTime(required=True)
    until = ma.fields.AwareDateTime(required=True)


class SummarySchema(ma.Schema):
    """What bets came to: own stakes, what they returned, and the profit of what is over."""

    bet_count = ma.fields.Int(required=True)
    staked = _sum()
    returned = _sum()
    open_stake = _sum()
    profit = _sum()


class RefusalFilter(PageArguments):
    """Which refusals."""

    player_id = ma.fields.UUID()
    code = ma.fields.Str(validate=Length(1, 40))


class RefusalSchema(ma.Schema):
    """Why a bet or a cash-out was not taken."""

    id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)
    operation = ma.fields.Str(required=True)
    code = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    asked = ma.fields.Dict(required=True)
    decision = ma.fields.Dict(required=True)
    at = ma.fields.AwareDateTime(required=True)


class LimitFilter(ma.Schema):
    """Which limits."""

    scope = ma.fields.Str(validate=OneOf(SCOPES))
    subject = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))


class SetLimit(ma.Schema):
    """A limit to be set; the same scope, subject and measure replaces the one before."""

    scope = ma.fields.Str(required=True, validate=OneOf(SCOPES))
    subject = ma.fields.Str(load_default="", validate=Length(0, CODE_LENGTH_MAX))
    measure = ma.fields.Str(required=True, validate=OneOf(list(MEASURES)))
    amount = MoneyField(required=True)
    reason = ma.fields.Str(required=True, validate=REASON_LENGTH)


class Reason(ma.Schema):
    """Why an operator does something."""

    reason = ma.fields.Str(required=True, validate=REASON_LENGTH)


class LimitSchema(ma.Schema):
    """A limit as it was set."""

    id = ma.fields.UUID(required=True)
    scope = ma.fields.Str(required=True)
    subject = ma.fields.Str(required=True)
    measure = ma.fields.Str(required=True)
    amount = _sum()
    reason = ma.fields.Str(required=True)
    set_by = ma.fields.Str(required=True)
    set_at = ma.fields.AwareDateTime(required=True)


class LimitsSchema(ma.Schema):
    """The limits of a tenant."""

    items = ma.fields.List(ma.fields.Nested(LimitSchema()), required=True)


class FreeBetSchema(ma.Schema):
    """A stake that the house pays."""

    id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)
    amount = _sum()
    odds_min = ma.fields.Str(required=True, allow_none=True)
    sport_codes = ma.fields.List(ma.fields.Str(), required=True)
    state = ma.fields.Str(required=True)
    bet_id = ma.fields.UUID(required=True, allow_none=True)
    granted_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class FreeBetsSchema(ma.Schema):
    """Free bets, the newest first."""

    items = ma.fields.List(ma.fields.Nested(FreeBetSchema()), required=True)


class FreeBetFilter(ma.Schema):
    """Which free bets."""

    state = ma.fields.Str(validate=OneOf(["open", "used", "expired", "cancelled"]))


class OfferFilter(ma.Schema):
    """How much of the bet: a share from 0 to 1, all of it without."""

    part = ma.fields.Decimal(places=4, validate=Range(0, 1, min_inclusive=False))


class OfferSchema(ma.Schema):
    """What a bet is worth now, or why there is no offer."""

    is_available = ma.fields.Bool(required=True)
    reason = ma.fields.Str(required=True)
    """Why it is not available."""
    amount = ma.fields.Nested(SumSchema(), required=True, allow_none=True)
    stake = ma.fields.Nested(SumSchema(), required=True, allow_none=True)
    """The part of the stake that would end."""
    running_stake = ma.fields.Nested(SumSchema(), required=True, allow_none=True)
    """What of the stake would still be at risk."""
    token = ma.fields.Str(required=True, allow_none=True)
    """Send it to accept the offer."""
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    arithmetic = ma.fields.Dict(required=True)


class AcceptOffer(ma.Schema):
    """An offer to accept; the same reference is the same cash-out."""

    token = ma.fields.Str(required=True, validate=Length(1, 4_000))
    reference = ma.fields.Str(required=True, validate=Length(1, REFERENCE_LENGTH_MAX))


class CashOutSchema(ma.Schema):
    """A cash-out that was paid."""

    bet_id = ma.fields.UUID(required=True)
    number = ma.fields.Int(required=True)
    reference = ma.fields.Str(required=True)
    amount = _sum()
    stake = _sum()
    running_stake = _sum()
    """What of the stake is still at risk."""
    at = ma.fields.AwareDateTime(required=True)
    is_repeated = ma.fields.Bool(required=True)


class CashOutsSchema(ma.Schema):
    """The cash-outs of a bet, in their order."""

    items = ma.fields.List(ma.fields.Nested(CashOutSchema()), required=True)
