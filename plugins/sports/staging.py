"""What a demo of sports is staged with: matches that are scheduled, priced and decided."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.identity.principal import system_principal
from pitboss.plugins.sports.catalogue import aliases, teams
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.fixtures.new import NewFixture, NewParticipant
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.sources.prices import recording
from pitboss.plugins.sports.sources.records import SentPrice

SOURCE = "demo"
RECORD = "sports.record_demo_result"
CLERK, CONFIRMER = "demo-clerk", "demo-confirmer"
BOOKMAKERS = ("northbet", "harbour", "fairline")
PAID_BACK = 0.95
"""What a bookmaker of the demo pays back of what is staked."""
UNDECIDED = ("scheduled", "live", "suspended", "finished")
"""States of a match that the demo decides: the others are what an operator made of it."""
PRICE_MIN = Decimal("1.01")

Chances = Sequence[tuple[str, str, Mapping[str, float]]]
"""By market and line, how likely each answer is."""


def known(ctx: Context, external_id: str) -> UUID | None:
    """Return a fixture that the demo has told of."""
    return aliases.external(ctx, "fixture", SOURCE, [external_id]).get(external_id)


def match(
    ctx: Context,
    competition_id: UUID,
    names: Sequence[str],
    starts_at: datetime,
    *,
    external_id: str,
    sport: str = "football",
    country: str = "",
) -> UUID | None:
    """Schedule a match; none where somebody else told of it."""
    sides = [
        NewParticipant(name=name, role=role, team_id=teams.ensure(ctx, sport, name, country=country))
        for name, role in zip(names, ("home", "away"), strict=True)
    ]
    new = NewFixture(
        sport=sport,
        competition_id=competition_id,
        starts_at=starts_at,
        participants=sides,
        source=SOURCE,
        external_id=external_id,
    )
    if book.same_as(ctx, new) is not None:
        return None
    made: UUID = book.schedule(ctx, new).id
    return made


def price(ctx: Context, fixture_id: UUID, chances: Chances, chance: random.Random) -> None:
    """Let the bookmakers price a match, each a little otherwise."""
    sent = [
        SentPrice(
            bookmaker=bookmaker,
            market=market,
            line=line,
            selection=selection,
            price=max(PRICE_MIN, Decimal(f"{PAID_BACK / likely * chance.uniform(0.96, 1.04):.2f}")),
            at=ctx.clock.now(),
        )
        for bookmaker in BOOKMAKERS
        for market, line, selections in chances
        for selection, likely in selections.items()
    ]
    recording.record(ctx, [(fixture_id, one) for one in sent], source=SOURCE)


def decide(ctx: Context, fixture_id: UUID, outcome: Mapping[str, Any], *, delay_seconds: int) -> None:
    """Have a result recorded, soon and once."""
    if _is_undecided(ctx, fixture_id):
        told = {"fixture_id": str(fixture_id), "outcome": dict(outcome)}
        ctx.enqueue(RECORD, told, key=f"demo:{fixture_id}", delay_seconds=delay_seconds)


def period(code: str, home: int, away: int) -> dict[str, Any]:
    """Return a period of a result: what was scored in it alone."""
    return {"code": code, "home": home, "away": away}


def record_result(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Record a result by one person, and have another confirm it."""
    fixture_id = UUID(payload["fixture_id"])
    if not _is_undecided(ctx, fixture_id):
        return
    ctx.actor = system_principal(ctx.tenant.id, CLERK)
    version = results.record(ctx, fixture_id, payload["outcome"], source=SOURCE)
    ctx.actor = system_principal(ctx.tenant.id, CONFIRMER)
    if version.state == "provisional":
        results.confirm(ctx, fixture_id, version.version)


def _is_undecided(ctx: Context, fixture_id: UUID) -> bool:
    fixture = book.find(ctx, fixture_id)
    return not fixture.result_version and fixture.status in UNDECIDED


TASKS: tuple[Task, ...] = (
    Task(name=RECORD, title="Record how a match of the demo ended", run=record_result),
)
