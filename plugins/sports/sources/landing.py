"""Write down what was planned: fixtures, their changes, results and prices, with their source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.plugins.sports.catalogue import aliases, competitions, teams
from pitboss.plugins.sports.catalogue.tables import CompetitionRow
from pitboss.plugins.sports.fixtures import book, changing
from pitboss.plugins.sports.fixtures.new import NewFixture, NewParticipant
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.sources.planning import (
    TOLD_STATUSES,
    Names,
    Planned,
    Planner,
    look_up,
    team_names,
)
from pitboss.plugins.sports.sources.prices import recording
from pitboss.plugins.sports.sources.records import Problem, Sent, SentPrice

BATCH_MAX = 500

_COMPETITION = CompetitionRow.__table__


@dataclass(slots=True)
class Landed:
    """What came of some rows."""

    created: int = 0
    changed: int = 0
    same: int = 0
    results: int = 0
    corrections: int = 0
    prices: int = 0
    problems: list[Problem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the figures, for a report."""
        names = ("created", "changed", "same", "results", "corrections", "prices")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who says it: the source that is written down, and whose ids it speaks."""

    source: str
    provider: str


@dataclass(slots=True)
class _Batch:
    """What a batch is written with."""

    sender: Sender
    names: Names
    landed: Landed
    made: dict[UUID | None, UUID] = field(default_factory=dict)
    """Fixtures that rows of this batch have made, by what was planned."""


def land(ctx: Context, planner: Planner, rows: Sequence[Sent], sender: Sender, landed: Landed) -> None:
    """Write rows; each alone, so that one that fails leaves no trace and spoils no other."""
    batch = _Batch(sender, look_up(ctx, rows, sender.provider), landed)
    _lock(ctx, batch.names)
    priced: list[tuple[UUID, SentPrice]] = []
    for planned in planner.plan(ctx, rows, batch.names):
        if planned.problem is not None:
            landed.problems.append(planned.problem)
            continue
        try:
            with ctx.connection.begin_nested():
                fixture_id = _land_one(ctx, planned, batch)
        except PitbossError as error:
            landed.problems.append(Problem(planned.sent.place, "", planned.sent.fixture.label, str(error)))
        else:
            priced += [(fixture_id, price) for price in planned.sent.prices]
    for (kind, external_id), subject_id in batch.names.unlinked.items():
        aliases.add_external(ctx, kind, sender.provider, external_id, subject_id)
    landed.prices += recording.record(ctx, priced, source=sender.source)


def _lock(ctx: Context, names: Names) -> None:
    """Let nobody else land fixtures of these competitions: two feeds at once would make each one twice."""
    ids = sorted({one for one in names.competitions.values() if one is not None})
    query = select(_COMPETITION.c.id).where(
        _COMPETITION.c.tenant_id == ctx.tenant.id, _COMPETITION.c.id.in_(ids)
    )
    ctx.connection.execute(query.order_by(_COMPETITION.c.id).with_for_update()).all()


def _land_one(ctx: Context, planned: Planned, batch: _Batch) -> UUID:
    landed, sent = batch.landed, planned.sent
    fixture_id = planned.fixture_id or batch.made.get(planned.new_id)
    is_new = fixture_id is None
    if fixture_id is None:
        fixture_id = _create(ctx, sent, batch)
        is_changed = False
    else:
        is_changed = _change(ctx, fixture_id, planned, batch.sender)
    recorded = None if sent.outcome is None else _record(ctx, fixture_id, sent, batch.sender)
    # Counted last: what fails half-way is undone, and was not done.
    batch.made[planned.new_id] = fixture_id
    landed.created += is_new
    landed.changed += is_changed
    landed.results += recorded is not None
    landed.corrections += bool(recorded)
    landed.same += not (is_new or is_changed or recorded is not None)
    return fixture_id


def _create(ctx: Context, sent: Sent, batch: _Batch) -> UUID:
    fixture, sender = sent.fixture, batch.sender
    sides = zip(fixture.participants, fixture.roles, _team_ids(ctx, sent, batch), strict=True)
    row = book.schedule(
        ctx,
        NewFixture(
            sport=fixture.sport,
            competition_id=_competition_id(ctx, sent, batch),
            starts_at=fixture.starts_at,
            participants=[
                NewParticipant(name=named.name, role=role, number=named.number, team_id=team_id)
                for named, role, team_id in sides
            ],
            name=fixture.name,
            season=fixture.season,
            round=fixture.round,
            venue=fixture.venue,
            source=sender.provider,
            external_id=fixture.external_id,
        ),
    )
    if fixture.status in TOLD_STATUSES:
        changing.move(ctx, row.id, fixture.status, source=sender.source)
    found: UUID = row.id
    return found


def _competition_id(ctx: Context, sent: Sent, batch: _Batch) -> UUID:
    """Return the competition; a new one is added."""
    named, sport = sent.fixture.competition, sent.fixture.sport
    return batch.names.competition(sent) or competitions.ensure(
        ctx,
        sport,
        named.name,
        country=named.country,
        season=sent.fixture.season,
        source=batch.sender.provider,
        external_id=named.external_id,
    )


def _team_ids(ctx: Context, sent: Sent, batch: _Batch) -> list[UUID]:
    """Return who takes part; those that are new are added."""
    return [
        batch.names.teams.get(name)
        or teams.ensure(
            ctx,
            name[0],
            name[1].name,
            country=name[2],
            source=batch.sender.provider,
            external_id=name[1].external_id,
        )
        for name in team_names(sent)
    ]


def _change(ctx: Context, fixture_id: UUID, planned: Planned, sender: Sender) -> bool:
    external_id = planned.sent.fixture.external_id
    if external_id:
        aliases.add_external(ctx, "fixture", sender.provider, external_id, fixture_id)
    values = dict(planned.changes)
    status = values.pop("status", None)
    if values:
        changing.change(ctx, fixture_id, values, source=sender.source)
    if status is not None:
        changing.move(ctx, fixture_id, status, source=sender.source)
    return bool(planned.changes)


def _record(ctx: Context, fixture_id: UUID, sent: Sent, sender: Sender) -> bool | None:
    """Record a result; return whether it takes back what was said, or None when it is known already."""
    before = book.find(ctx, fixture_id, is_locked=True)
    row = results.record(ctx, fixture_id, sent.outcome, source=sender.source)
    if row.version == before.result_version:
        return None
    return bool(before.result_version) and row.confirms is None
