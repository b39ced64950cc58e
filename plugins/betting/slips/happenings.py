"""The events of slips: what they carry, and how a bet is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from pitboss.core.contracts import Event
from pitboss.plugins.betting.markets.tables import CODE_LENGTH_MAX

MIXED = "mixed"
"""The sport of a bet whose legs are of several."""
_ID = "0190b5a2-6c1e-7c31-9d0e-1a2b3c4d5e6f"
_AT = "2026-12-01T15:00:00+00:00"


def _id(**options: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 64), **options)


def _money() -> fields.Integer:
    return fields.Integer(required=True, strict=True)


def _currency() -> fields.String:
    return fields.String(required=True, validate=validate.Length(3, 8))


class BetPlaced(Schema):
    """A bet that was accepted; money in minor units, odds as text."""

    bet_id = _id()
    kind = fields.String(required=True)
    stake = _money()
    potential = _money()
    currency = _currency()
    odds = fields.String(required=True)
    """What a unit of stake returns at best."""
    sport = fields.String(required=True, validate=validate.Length(0, CODE_LENGTH_MAX))
    competition = fields.String(required=True)
    legs = fields.Integer(required=True)
    """How many."""
    fixture_ids = fields.List(fields.String(), required=True)
    is_free = fields.Boolean(required=True)
    is_in_play = fields.Boolean(required=True)
    is_each_way = fields.Boolean(required=True)
    placed_at = fields.String(required=True)


class BetRejected(Schema):
    """A bet that was not taken: refused at once, or after its delay."""

    bet_id = _id(allow_none=True)
    """Null when it was refused before there was a bet."""
    refusal_id = _id(allow_none=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)


class BetCashedOut(Schema):
    """A bet that was paid before its end, in part or in full; money in minor units."""

    bet_id = _id()
    cash_out = _id()
    """Its own id: the bet's and its number."""
    amount = _money()
    stake = _money()
    """The part of the stake that ended with it."""
    own_stake = _money()
    """What of that the player had paid: nothing of a free bet."""
    running_stake = _money()
    """What of the stake is still at risk."""
    currency = _currency()
    is_free = fields.Boolean(required=True)


class FreeBetTold(Schema):
    """A free bet that was given, or whose time is over."""

    free_bet_id = _id()
    amount = _money()
    currency = _currency()
    expires_at = fields.String(required=True)


class FreeBetUsed(Schema):
    """A free bet that paid the stake of a bet."""

    free_bet_id = _id()
    bet_id = _id()


def placed(bet: Mapping[str, Any], legs: Sequence[Mapping[str, Any]], *, odds: Decimal) -> dict[str, Any]:
    """Return what `betting.bet_placed` says of a bet."""
    return {
        "bet_id": str(bet["id"]),
        "kind": bet["kind"],
        "stake": bet["stake"],
        "potential": bet["potential"],
        "currency": bet["currency"],
        "odds": str(odds),
        "sport": common(legs, "sport"),
        "competition": common(legs, "competition"),
        "legs": len(legs),
        "fixture_ids": sorted({str(leg["fixture_id"]) for leg in legs}),
        "is_free": bet["free_bet_id"] is not None,
        "is_in_play": any(leg["is_in_play"] for leg in legs),
        "is_each_way": bet["is_each_way"],
        "placed_at": bet["placed_at"].isoformat(),
    }


def common(legs: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return what all legs share, or that they differ."""
    found = {str(leg[name]) for leg in legs}
    return found.pop() if len(found) == 1 else MIXED


_FREE = {"free_bet_id": _ID, "amount": 500, "currency": "GBP", "expires_at": _AT}
EVENTS = (
    Event(
        name="betting.bet_placed",
        title="Bet placed",
        doc="A bet was accepted.",
        schema=BetPlaced,
        example={
            "bet_id": _ID,
            "kind": "single",
            "stake": 1000,
            "potential": 1880,
            "currency": "GBP",
            "odds": "1.8800",
            "sport": "football",
            "competition": "Premier League",
            "legs": 1,
            "fixture_ids": [_ID],
            "is_free": False,
            "is_in_play": False,
            "is_each_way": False,
            "placed_at": _AT,
        },
    ),
    Event(
        name="betting.bet_rejected",
        title="Bet rejected",
        doc="A bet was not taken, at once or after its delay.",
        schema=BetRejected,
        example={"bet_id": None, "refusal_id": _ID, "code": "odds_changed", "reason": "The price moved."},
    ),
    Event(
        name="betting.bet_cashed_out",
        title="Bet cashed out",
        doc="A bet was paid before its end, in part or in full.",
        schema=BetCashedOut,
        example={
            "bet_id": _ID,
            "cash_out": f"{_ID}:1",
            "amount": 5339,
            "stake": 4000,
            "own_stake": 4000,
            "running_stake": 6000,
            "currency": "GBP",
            "is_free": False,
        },
    ),
    Event(
        name="betting.free_bet_granted",
        title="Free bet given",
        doc="A player was given a stake by the house.",
        schema=FreeBetTold,
        example=_FREE,
    ),
    Event(
        name="betting.free_bet_used",
        title="Free bet used",
        doc="A free bet paid the stake of a bet.",
        schema=FreeBetUsed,
        example={"free_bet_id": _ID, "bet_id": _ID},
    ),
    Event(
        name="betting.free_bet_expired",
        title="Free bet expired",
        doc="A free bet was not used in time.",
        schema=FreeBetTold,
        example=_FREE,
    ),
)
