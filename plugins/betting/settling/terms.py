"""The events of settlement."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term

_ID = "0195f2d0-0000-7000-8000-000000000001"


class SettledBet(Schema):
    """What a bet came to; money in minor units, odds as exact text."""

    bet_id = fields.String(required=True)
    settlement = fields.String(required=True)
    """Its own id: the bet's and the settlement's version."""
    kind = fields.String(required=True)
    stake = fields.Integer(required=True)
    """The player's own stake that was settled: what partial cash-outs had left."""
    free_stake = fields.Integer(required=True)
    """The stake that the house paid."""
    payout = fields.Integer(required=True)
    profit = fields.Integer(required=True)
    currency = fields.String(required=True)
    sport = fields.String(required=True)
    """`several` when its legs are of more than one."""
    odds = fields.String(required=True, allow_none=True)
    """In total; null of a system."""
    outcome = fields.String(required=True)
    """won, lost, void, or part: some of the stake came back."""
    is_free = fields.Boolean(required=True)
    is_in_play = fields.Boolean(required=True)
    legs = fields.Integer(required=True)
    settlement_version = fields.Integer(required=True)
    placed_at = fields.String(required=True)


class ResettledBet(SettledBet):
    """The same, after a correction or a void."""

    previous_settlement = fields.String(required=True)
    previous_payout = fields.Integer(required=True)
    cause = fields.String(required=True)


class VoidedBet(Schema):
    """A bet that an operator voided."""

    bet_id = fields.String(required=True)
    stake = fields.Integer(required=True)
    currency = fields.String(required=True)
    reason = fields.String(required=True)


class WaitingCorrection(Schema):
    """A result that differs from what bets were settled with."""

    fixture_id = fields.String(required=True)
    result_version = fields.Integer(required=True)


_SETTLED = {
    "bet_id": _ID,
    "settlement": f"{_ID}:1",
    "kind": "single",
    "stake": 1000,
    "free_stake": 0,
    "payout": 1880,
    "profit": 880,
    "currency": "GBP",
    "sport": "football",
    "odds": "1.88",
    "outcome": "won",
    "is_free": False,
    "is_in_play": False,
    "legs": 1,
    "settlement_version": 1,
    "placed_at": "2026-12-01T09:00:00+00:00",
}

TERMS: tuple[Term, ...] = (
    Event(
        name="betting.bet_settled",
        title="Bet settled",
        doc="A bet came to its end by results, or was voided.",
        schema=SettledBet,
        example=_SETTLED,
    ),
    Event(
        name="betting.bet_resettled",
        title="Bet settled again",
        doc="A bet that was settled came to something else, after a correction or a void.",
        schema=ResettledBet,
        example={
            **_SETTLED,
            "payout": 0,
            "profit": -1000,
            "outcome": "lost",
            "settlement": f"{_ID}:2",
            "settlement_version": 2,
            "previous_settlement": f"{_ID}:1",
            "previous_payout": 1880,
            "cause": "correction",
        },
    ),
    Event(
        name="betting.bet_voided",
        title="Bet voided",
        doc="An operator voided a bet: its stake went back.",
        schema=VoidedBet,
        example={"bet_id": _ID, "stake": 1000, "currency": "GBP", "reason": "Palpable error in the price"},
    ),
    Event(
        name="betting.correction_waiting",
        title="Correction waits",
        doc="A result differs from what bets were settled with: an operator has to confirm it.",
        schema=WaitingCorrection,
        example={"fixture_id": _ID, "result_version": 2},
    ),
)
