"""What the API says of decisions and of what they came to."""

from __future__ import annotations

import marshmallow as ma

from pitboss.core.http import Amount

_TRACE = "The rule condition by condition, with the values that there were, and each amount."


class ActionDoneSchema(ma.Schema):
    """What one action of a reward did."""

    action = ma.fields.Str(required=True)
    amount = Amount(required=True, allow_none=True)
    unit = ma.fields.Str(required=True, allow_none=True)
    answer = ma.fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "The id of what it made, where it made something."},
    )


class DecisionSchema(ma.Schema):
    """What became of one rule that matched one event."""

    id = ma.fields.UUID(required=True)
    event_id = ma.fields.UUID(required=True)
    rule = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True)
    player_id = ma.fields.UUID(required=True, allow_none=True)
    outcome = ma.fields.Str(required=True)
    amount = Amount(
        required=True, allow_none=True, metadata={"description": "What was paid, or would have been."}
    )
    unit = ma.fields.Str(required=True, allow_none=True)
    reason = ma.fields.Str(required=True, allow_none=True)
    actions = ma.fields.List(ma.fields.Nested(ActionDoneSchema()), required=True)
    at = ma.fields.AwareDateTime(required=True)


class CheckSchema(ma.Schema):
    """Something that was asked of a rule that matched."""

    check = ma.fields.Str(required=True)
    says = ma.fields.Str(required=True)
    answer = ma.fields.Str(
        required=True,
        metadata={"description": "passed, refused, or not_asked because an earlier one refused."},
    )
    reason = ma.fields.Str(required=True, allow_none=True)


class DecisionDetailSchema(DecisionSchema):
    """A decision with its explanation."""

    event = ma.fields.Str(required=True, allow_none=True)
    facts = ma.fields.Dict(required=True, allow_none=True, metadata={"description": "As they were then."})
    checks = ma.fields.List(ma.fields.Nested(CheckSchema()), required=True)
    explanation = ma.fields.Dict(required=True, allow_none=True, metadata={"description": _TRACE})
    missing = ma.fields.Str(
        required=True, allow_none=True, metadata={"description": "Why there is no explanation."}
    )


class JudgementSchema(ma.Schema):
    """All that was judged of an event."""

    event_id = ma.fields.UUID(required=True)
    event = ma.fields.Str(required=True)
    player_id = ma.fields.UUID(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)
    facts = ma.fields.Dict(required=True)
    decisions = ma.fields.List(ma.fields.Nested(DecisionDetailSchema()), required=True)
    others = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        metadata={"description": "Why each rule that was live then did not match: the nearest first."},
    )


class WhySchema(ma.Schema):
    """What the live rules say of a player at this moment."""

    event = ma.fields.Str(required=True, allow_none=True)
    event_id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The latest such event, of which the event's own facts are taken."},
    )
    matches = ma.fields.List(ma.fields.Dict(), required=True)
    nearest = ma.fields.List(
        ma.fields.Dict(), required=True, metadata={"description": "What does not match: the nearest first."}
    )


class RuleDaySchema(ma.Schema):
    """One day of a rule."""

    day = ma.fields.Str(required=True)
    outcomes = ma.fields.Dict(required=True)
    costs = ma.fields.Dict(required=True)


class BudgetUseSchema(ma.Schema):
    """What of a budget is spent in one period."""

    since = ma.fields.AwareDateTime(required=True)
    total = Amount(required=True)
    spent = Amount(required=True)
    unit = ma.fields.Str(required=True)
    was_used_up = ma.fields.Bool(required=True)


class RuleReportSchema(ma.Schema):
    """What a rule came to."""

    class Meta:
        include = {"from": ma.fields.AwareDateTime(required=True)}

    rule = ma.fields.Str(required=True)
    until = ma.fields.AwareDateTime(required=True)
    is_complete = ma.fields.Bool(
        required=True, metadata={"description": "Whether all decisions of the time were looked at."}
    )
    players = ma.fields.Int(required=True)
    outcomes = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Int(), required=True)
    costs = ma.fields.Dict(keys=ma.fields.Str(), values=Amount(), required=True)
    days = ma.fields.List(ma.fields.Nested(RuleDaySchema()), required=True)
    budgets = ma.fields.List(ma.fields.Nested(BudgetUseSchema()), required=True)
    uplift = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "Those rewarded against those held out; null unless something is hoped for."
        },
    )


class OwnDecisionSchema(ma.Schema):
    """What a rule decided of the player who asks."""

    id = ma.fields.UUID(required=True)
    reward = ma.fields.Str(required=True)
    outcome = ma.fields.Str(required=True)
    amount = Amount(required=True, allow_none=True)
    unit = ma.fields.Str(required=True, allow_none=True)
    said = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class OwnConditionSchema(ma.Schema):
    """One condition, as it stood for the player."""

    text = ma.fields.Str(required=True)
    is_met = ma.fields.Bool(required=True)
    readings = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Str(), required=True)


class OwnDecisionDetailSchema(OwnDecisionSchema):
    """The same with the conditions."""

    conditions = ma.fields.List(ma.fields.Nested(OwnConditionSchema()), required=True)
