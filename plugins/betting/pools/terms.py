"""The events of pools."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term

_ID = "0195f2d0-0000-7000-8000-000000000001"


class OpenedPool(Schema):
    """A pool that takes entries."""

    pool_id = fields.String(required=True)
    fixture_id = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)


class EnteredPool(Schema):
    """A stake in a pool; minor units."""

    entry_id = fields.String(required=True)
    pool_id = fields.String(required=True)
    stake = fields.Integer(required=True)
    currency = fields.String(required=True)
    sport = fields.String(required=True)


class SettledPool(Schema):
    """What became of a pool."""

    pool_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    gross = fields.Integer(required=True)


class SettledEntry(Schema):
    """What became of one entry; minor units."""

    pool_id = fields.String(required=True)
    entry_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    stake = fields.Integer(required=True)
    payout = fields.Integer(required=True)
    previous_payout = fields.Integer(required=True)
    profit = fields.Integer(required=True)
    currency = fields.String(required=True)
    sport = fields.String(required=True)
    outcome = fields.String(required=True)


_POOL = {"pool_id": _ID, "state": "paid", "version": 1}

TERMS: tuple[Term, ...] = (
    Event(
        name="betting.pool_opened",
        title="Pool opened",
        doc="A pool takes entries.",
        schema=OpenedPool,
        example={"pool_id": _ID, "fixture_id": _ID, "kind": "tote", "name": "14:30 Ascot: Winner"},
    ),
    Event(
        name="betting.pool_entered",
        title="Pool entered",
        doc="A player staked in a pool.",
        schema=EnteredPool,
        example={
            "entry_id": _ID,
            "pool_id": _ID,
            "stake": 500,
            "currency": "GBP",
            "sport": "horse_racing",
        },
    ),
    Event(
        name="betting.pool_settled",
        title="Pool settled",
        doc="A pool was paid, refunded or carried over.",
        schema=SettledPool,
        example={**_POOL, "gross": 19_291_300},
    ),
    Event(
        name="betting.pool_entry_settled",
        title="Pool entry settled",
        doc="An entry in a pool came to its end, or to another one after a correction.",
        schema=SettledEntry,
        example={
            **_POOL,
            "entry_id": _ID,
            "stake": 500,
            "payout": 3300,
            "previous_payout": 0,
            "profit": 2800,
            "currency": "GBP",
            "sport": "horse_racing",
            "outcome": "won",
        },
    ),
)
