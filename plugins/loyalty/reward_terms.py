"""The words of rewards: what is done, and the events that tell of it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable, Window
from pitboss.plugins.loyalty.actions import ACTIONS
from pitboss.plugins.loyalty.bonuses import METRIC
from pitboss.plugins.loyalty.play_terms import PLAY_TERMS

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


class BonusCompleted(Schema):
    """Payload of `loyalty.bonus_completed`."""

    reward_id = fields.UUID(required=True)
    amount = fields.Integer(required=True, metadata=_MONEY)
    converted = fields.Integer(required=True, metadata=_MONEY)


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
    *PLAY_TERMS,
    _changed("reward_given", "Reward given", "A player was given a reward.", "active"),
    _changed(
        "reward_ended",
        "Reward ended",
        "A reward was completed, expired, forfeited or cancelled.",
        "completed",
    ),
    Event(
        name="loyalty.bonus_completed",
        title="Bonus completed",
        doc="A bonus was wagered in full, and became cash.",
        schema=BonusCompleted,
        example={"reward_id": _ID, "amount": 1000, "converted": 1000},
    ),
    Variable(
        name="loyalty.bonus_received",
        title="Bonus received, ever",
        doc="What the player was ever given as bonus, without what was taken back.",
        example=50,
        type="money",
        window=Window(METRIC, "sum"),
    ),
)
