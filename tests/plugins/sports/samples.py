"""A league, its fixtures and their results, made in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.plugins.sports.catalogue import competitions, teams
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.fixtures.new import NewFixture, NewParticipant


def league(ctx: Context, name: str = "Premier League", *, sport: str = "football", **values: Any) -> UUID:
    """Return a competition, made when there is none."""
    known = competitions.list_competitions(ctx, sport=sport)
    found = next((row.id for row in known if row.name == name), None)
    return found or competitions.create(ctx, sport, {"name": name, **values}).id


def match(
    ctx: Context,
    home: str = "Arsenal",
    away: str = "Chelsea",
    *,
    hours: float = 2,
    sport: str = "football",
    competition: UUID | None = None,
    starts_at: datetime | None = None,
) -> Any:
    """Schedule a match between two, some hours from now."""
    sides = (("home", home), ("away", away))
    return book.schedule(
        ctx,
        NewFixture(
            sport=sport,
            competition_id=competition or league(ctx, sport=sport),
            starts_at=starts_at or ctx.clock.now() + timedelta(hours=hours),
            participants=[
                NewParticipant(name=name, role=role, team_id=teams.ensure(ctx, sport, name))
                for role, name in sides
            ],
        ),
    )


def race(ctx: Context, runners: Sequence[str] = ("A", "B", "C"), *, hours: float = 2) -> Any:
    """Schedule a race, some hours from now."""
    return book.schedule(
        ctx,
        NewFixture(
            sport="horse-racing",
            competition_id=league(ctx, "Ascot", sport="horse-racing"),
            name="15:30 Ascot",
            starts_at=ctx.clock.now() + timedelta(hours=hours),
            participants=[
                NewParticipant(name=name, role="runner", number=number)
                for number, name in enumerate(runners, 1)
            ],
        ),
    )


def football(home: int, away: int, half_time: tuple[int, int] = (0, 0), **more: Any) -> dict[str, Any]:
    """Return a result of football by its final score and that of half time."""
    first = {"code": "1h", "home": half_time[0], "away": half_time[1]}
    second = {"code": "2h", "home": home - half_time[0], "away": away - half_time[1]}
    return {"periods": [first, second], **more}
