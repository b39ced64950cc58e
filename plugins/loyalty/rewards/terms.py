"""The words of rewards: what is given, and the events that tell of it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term
from pitboss.plugins.loyalty.rewards.actions import ACTIONS

_MONEY: dict[str, Any] = {"type": "money"}
_ID = "0195f2d0-0000-7000-8000-000000000001"


class RewardChanged(Schema):
    """Payload of `loyalty.reward_given` and `loyalty.reward_ended`."""

    reward_id = fields.UUID(required=True)
    type = fields.String(required=True)
    amount = fields.Integer(required=True, metadata=_MONEY)
    """0 where it is no money."""
    units = fields.Integer(required=True)
    """How many points, tickets or spins it is."""
    unit = fields.String(required=True)
    status = fields.String(required=True)
    rule = fields.String(load_default=None, allow_none=True)
    campaign = fields.String(load_default=None, allow_none=True)


def _changed(noun: str, title: str, doc: str, status: str) -> Event:
    example = {
        "reward_id": _ID,
        "type": "bonus",
        "amount": 50000,
        "units": 0,
        "unit": "EUR",
        "status": status,
        "rule": "weekly-cashback",
        "campaign": None,
    }
    return Event(name=f"loyalty.{noun}", title=title, doc=doc, schema=RewardChanged, example=example)


TERMS: tuple[Term, ...] = (
    *ACTIONS,
    _changed("reward_given", "Reward given", "A player was given a reward.", "active"),
    _changed(
        "reward_ended",
        "Reward ended",
        "A reward was completed, expired, forfeited or cancelled.",
        "completed",
    ),
)
