"""What the API of settlement takes and answers."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length, OneOf

from pitboss.core.http import MoneyField, PageArguments
from pitboss.plugins.betting.settling.operating import STATES

REASON_CHARACTERS = Length(3, 500)
PARTS_MAX = 500
"""Periods, runners or positions of a result that is made up."""


class SettlementReasonSchema(ma.Schema):
    """Why."""

    reason = ma.fields.Str(required=True, validate=REASON_CHARACTERS)


class VoidSchema(SettlementReasonSchema):
    """What of a market is void, and why."""

    selection = ma.fields.Str(
        load_default="", validate=Length(max=64), metadata={"description": "Its code; empty: all of them."}
    )
    is_preview = ma.fields.Bool(
        load_default=False, metadata={"description": "Only show what it would change."}
    )


class _Shape(ma.Schema):
    """A part of a result of which the sport may say more than is read here."""

    class Meta:
        unknown = ma.INCLUDE


class _PeriodShape(_Shape):
    code = ma.fields.Str(required=True)
    statistics = ma.fields.Dict(values=ma.fields.Dict())


class _PositionShape(_Shape):
    participant = ma.fields.Str(required=True)
    position = ma.fields.Int(required=True, strict=True)


class OutcomeShape(_Shape):
    """What of a made-up result is read: that of a real one is checked by its sport."""

    periods = ma.fields.List(ma.fields.Nested(_PeriodShape()), validate=Length(max=PARTS_MAX))
    positions = ma.fields.List(ma.fields.Nested(_PositionShape()), validate=Length(max=PARTS_MAX))
    statistics = ma.fields.Dict(values=ma.fields.Dict())
    unplaced = ma.fields.List(ma.fields.Str(), validate=Length(max=PARTS_MAX))
    did_not_finish = ma.fields.List(ma.fields.Str(), validate=Length(max=PARTS_MAX))
    withdrawn = ma.fields.List(ma.fields.Str(), validate=Length(max=PARTS_MAX))


class WhatIfSchema(ma.Schema):
    """A result that is made up."""

    outcome = ma.fields.Nested(
        OutcomeShape(),
        required=True,
        metadata={"description": "A structured result, as the fixture's sport has it."},
    )


class RunFilter(PageArguments):
    """Which runs."""

    fixture_id = ma.fields.UUID()
    state = ma.fields.Str(validate=OneOf(STATES))


class RunSchema(ma.Schema):
    """The settling of all bets that one answer touches."""

    id = ma.fields.UUID(required=True)
    fixture_id = ma.fields.UUID(required=True)
    market_id = ma.fields.UUID(required=True, allow_none=True)
    kind = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    result_version = ma.fields.Int(required=True)
    bet_count = ma.fields.Int(required=True)
    looked_count = ma.fields.Int(required=True)
    settled_count = ma.fields.Int(required=True)
    paid = MoneyField(required=True)
    taken_back = MoneyField(required=True)
    held = ma.fields.List(ma.fields.Str(), required=True, metadata={"description": "Why a guard holds it."})
    problems = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=ma.fields.Str(),
        required=True,
        metadata={"description": "Markets that the result does not answer, and why."},
    )
    reason = ma.fields.Str(required=True)
    started_by = ma.fields.Str(required=True)
    started_at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class ChangeSchema(ma.Schema):
    """What would become of one bet."""

    bet_id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)
    stake = MoneyField(required=True)
    before = MoneyField(required=True, allow_none=True, metadata={"description": "Null: it is open."})
    after = MoneyField(required=True)
    kind = ma.fields.Str(required=True)


class PreviewSchema(ma.Schema):
    """What an answer would change, in sum and bet by bet."""

    summary = ma.fields.Str(required=True)
    bet_count = ma.fields.Int(required=True)
    looked_count = ma.fields.Int(required=True)
    is_partial = ma.fields.Bool(required=True)
    settled_count = ma.fields.Int(required=True)
    resettled_count = ma.fields.Int(required=True)
    paid_before = MoneyField(required=True)
    paid_after = MoneyField(required=True)
    net = MoneyField(required=True, metadata={"description": "What the house gains; negative: it pays more."})
    changes = ma.fields.List(
        ma.fields.Nested(ChangeSchema()), required=True, metadata={"description": "Those that change most."}
    )
    problems = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Str(), required=True)


class MarketVoidedSchema(ma.Schema):
    """What voiding a market does, or would do."""

    run_id = ma.fields.UUID(required=True, allow_none=True)
    preview = ma.fields.Nested(PreviewSchema(), required=True, allow_none=True)


class AnswerSchema(ma.Schema):
    """One version of the answer of a market, with where it came from."""

    version = ma.fields.Int(required=True)
    result_version = ma.fields.Int(required=True, metadata={"description": "0: it was voided."})
    outcomes = ma.fields.Dict(
        required=True, metadata={"description": "By settlement rules, then by selection."}
    )
    source = ma.fields.Dict(required=True)
    actor = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class AnswersSchema(ma.Schema):
    """All answers of a market, the newest first."""

    items = ma.fields.List(ma.fields.Nested(AnswerSchema()), required=True)


class RulesNameSchema(ma.Schema):
    """A version of settlement rules."""

    key = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True)


class ExplainedLegSchema(ma.Schema):
    """What one leg came to, and why."""

    number = ma.fields.Int(required=True)
    name = ma.fields.Str(required=True)
    market_id = ma.fields.UUID(required=True)
    selection = ma.fields.Str(required=True)
    odds = ma.fields.Decimal(required=True, as_string=True)
    outcome = ma.fields.Dict(required=True)
    place_terms = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "How a place pays: by the runners that started, or as agreed; null: no each way."
        },
    )
    rules = ma.fields.Nested(RulesNameSchema(), required=True)
    answer = ma.fields.Int(required=True)
    result_version = ma.fields.Int(required=True, allow_none=True)
    source = ma.fields.Dict(required=True)


class ReplaySchema(ma.Schema):
    """The same sum, done again now."""

    payout = MoneyField(required=True)
    exact = ma.fields.Str(required=True, metadata={"description": "In minor units, before rounding."})
    is_same = ma.fields.Bool(required=True)


class ExplainedSettlementSchema(ma.Schema):
    """One settlement of a bet."""

    version = ma.fields.Int(required=True)
    cause = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)
    kind = ma.fields.Str(required=True)
    stake = MoneyField(required=True)
    payout = MoneyField(required=True)
    legs = ma.fields.List(ma.fields.Nested(ExplainedLegSchema()), required=True)
    sum = ma.fields.Dict(required=True, metadata={"description": "The arithmetic, as exact text."})
    journals = ma.fields.List(ma.fields.Str(), required=True)
    replay = ma.fields.Nested(ReplaySchema(), required=True)


class TransferSchema(ma.Schema):
    """An amount that moved from one account to another."""

    debit = ma.fields.Str(required=True)
    credit = ma.fields.Str(required=True)
    amount = MoneyField(required=True)


class JournalSchema(ma.Schema):
    """Transfers of the ledger that were made together."""

    id = ma.fields.Int(required=True)
    key = ma.fields.Str(required=True)
    op = ma.fields.Str(required=True)
    transfers = ma.fields.List(ma.fields.Nested(TransferSchema()), required=True)


class BalanceSchema(ma.Schema):
    """What each account gained by all journals of a bet."""

    accounts = ma.fields.Dict(keys=ma.fields.Str(), values=MoneyField(), required=True)
    sum = MoneyField(required=True, metadata={"description": "Always nothing."})


class ExplanationSchema(ma.Schema):
    """How a bet came to what it paid."""

    bet_id = ma.fields.UUID(required=True)
    state = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    stake = MoneyField(required=True)
    payout = MoneyField(required=True)
    settlements = ma.fields.List(ma.fields.Nested(ExplainedSettlementSchema()), required=True)
    journals = ma.fields.List(ma.fields.Nested(JournalSchema()), required=True)
    balance = ma.fields.Nested(BalanceSchema(), required=True)
