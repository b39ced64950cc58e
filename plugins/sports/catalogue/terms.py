"""The words about the catalogue."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.context import Context
from pitboss.core.contracts import Event, Function, Term
from pitboss.core.errors import NotFound
from pitboss.plugins.sports.catalogue import athletes, sports
from pitboss.plugins.sports.fixtures.terms import EXAMPLE_ID, EXAMPLE_OTHER_ID


class TeamMergedPayload(Schema):
    """A team that is another from now on."""

    team_id = fields.UUID(required=True)
    into_id = fields.UUID(required=True)


class AppearancesRecordedPayload(Schema):
    """Who appeared in a fixture is known."""

    fixture_id = fields.UUID(required=True)
    count = fields.Integer(required=True, strict=True)


def sport(ctx: Context, code: str) -> dict[str, Any] | None:
    """Return a sport with its periods and default settlement rules, or None when there is no such."""
    try:
        return sports.find(ctx, code)
    except NotFound:
        return None


TERMS: tuple[Term, ...] = (
    Event(
        name="sports.team_merged",
        title="Teams merged",
        doc="Two teams proved to be one: whoever kept the first id should keep the second.",
        schema=TeamMergedPayload,
        example={"team_id": EXAMPLE_ID, "into_id": EXAMPLE_OTHER_ID},
    ),
    Event(
        name="sports.appearances_recorded",
        title="Appearances recorded",
        doc="Who appeared in a fixture, who started and for how long was written down, or written anew.",
        schema=AppearancesRecordedPayload,
        example={"fixture_id": EXAMPLE_ID, "count": 22},
    ),
    Function(
        name="sports.sport",
        title="Sport",
        doc="A sport: its kind, periods, statistics and default settlement rules; or nothing.",
        arguments={"code": "text"},
        returns="any",
        call=sport,
        example=("football",),
    ),
    Function(
        name="sports.appearances",
        title="Appearances",
        doc="Who appeared in a fixture, whether they started and for how many minutes.",
        arguments={"fixture_id": "text"},
        returns="list",
        call=athletes.appearances,
        example=(EXAMPLE_ID,),
    ),
)
