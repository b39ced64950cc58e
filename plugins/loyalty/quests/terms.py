"""The words of missions, achievements and streaks."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable, Window
from pitboss.plugins.loyalty.quests import counting, days

_ID = "0195f2d0-0000-7000-8000-000000000001"


class MissionReached(Schema):
    """Payload of `loyalty.mission_completed` and `loyalty.achievement_unlocked`."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    period_start = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)
    reward_id = fields.UUID(required=True, allow_none=True)


class Visited(Schema):
    """Payload of `loyalty.visited`."""

    day = fields.Date(required=True)
    streak_days = fields.Integer(required=True)


_REACHED = {
    "key": "ten-bets",
    "title": "Ten bets",
    "period_start": "2026-12-01T00:00:00+00:00",
    "times": 1,
    "reward_id": _ID,
}
EVENTS: tuple[Event, ...] = (
    Event(
        name=counting.COMPLETED,
        title="Mission completed",
        doc="A player reached the goal of a mission, once for each of its periods.",
        example=_REACHED,
        schema=MissionReached,
    ),
    Event(
        name=counting.UNLOCKED,
        title="Achievement unlocked",
        doc="A player unlocked an achievement.",
        example=_REACHED,
        schema=MissionReached,
    ),
    Event(
        name=days.VISITED,
        title="Visited",
        doc="A player came for the first time of the tenant's day.",
        example={"day": "2026-12-01", "streak_days": 7},
        schema=Visited,
    ),
)
VISITS = Variable(
    name="loyalty.visits_today",
    title="Visits today",
    doc="1 from the first visit of the tenant's day on.",
    example=2,
    type="number",
    window=Window(days.VISIT, "count", 1, "days"),
)
TERMS: tuple[Term, ...] = (*EVENTS, VISITS)
