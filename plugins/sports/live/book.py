"""The book of live fixtures: updates are taken down in order, and the world is told how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures import changing
from pitboss.plugins.sports.fixtures.states import BEFORE, OPEN
from pitboss.plugins.sports.live import watch
from pitboss.plugins.sports.live.feed import Applied, Standing, Update, apply
from pitboss.plugins.sports.live.freshness import SILENCE
from pitboss.plugins.sports.live.tables import LiveRow, LiveUpdateRow

BATCH_UPDATES_MAX = 200
WAITING_MAX = 500
"""Updates that are kept for one that is missing; beyond, only a snapshot helps."""
FUTURE_SECONDS_MAX = 60
"""How far ahead the clock of a source may go."""

_LIVE, _UPDATE = LiveRow.__table__, LiveUpdateRow.__table__


def take(ctx: Context, fixture_id: UUID, source: str, updates: Sequence[Update]) -> dict[str, Any]:
    """Take updates of a feed down, and return what became of each; none at all is a sign of life.

    They may come in any order and more than once: what is missing is waited for, and what is known is a
    duplicate. Another source than the one that feeds a fixture is heard when that one has stalled.
    """
    if len(updates) > BATCH_UPDATES_MAX:
        raise InvalidInput(f"{len(updates)} updates at once: send at most {BATCH_UPDATES_MAX}")
    _refuse_future(ctx, updates)
    fixture = fixtures.find(ctx, fixture_id, is_locked=True)
    if fixture.status not in OPEN:
        raise Conflict(f"{fixture.name} is {fixture.status}: nothing is live about it")
    before = _begun(ctx, fixture_id, source, updates)
    if before is None:
        return {"sequence": 0, "applied": [], "duplicates": [], "waiting": [], "is_stalled": False}
    fresh = _keep(ctx, before, updates)
    waiting = _waiting(ctx, before)
    done = apply(_standing(before), waiting)
    after = _write(ctx, before, done)
    _tell(ctx, fixture, after, done)
    watch.judge(ctx, before, after)
    told = {one.sequence for one in updates}
    return {
        "sequence": after.sequence,
        "applied": list(done.applied),
        "duplicates": sorted(told - fresh),
        "waiting": list(done.waiting),
        "is_stalled": find(ctx, fixture_id).is_stalled,
    }


def find(ctx: Context, fixture_id: UUID) -> Row[Any]:
    """Return how a fixture stands."""
    row = look_up(ctx, fixture_id)
    if row is None:
        raise NotFound(f"nothing live was heard of fixture {fixture_id}")
    return row


def look_up(ctx: Context, fixture_id: UUID) -> Row[Any] | None:
    """Return how a fixture stands, if anything was heard of it."""
    query = select(_LIVE).where(_LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.fixture_id == fixture_id)
    return ctx.connection.execute(query).first()


def of_fixtures(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Return how some fixtures stand, by fixture."""
    query = select(_LIVE).where(_LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.fixture_id.in_(ids))
    return {row.fixture_id: row for row in ctx.connection.execute(query)}


def forget(ctx: Context, *, before: datetime, limit: int) -> int:
    """Delete old updates, as many as a transaction should hold; return how many."""
    old = (
        select(_UPDATE.c.fixture_id, _UPDATE.c.source, _UPDATE.c.sequence)
        .where(_UPDATE.c.tenant_id == ctx.tenant.id, _UPDATE.c.heard_at < before)
        .limit(limit)
    )
    keys = [tuple(row) for row in ctx.connection.execute(old)]
    for fixture_id in {key[0] for key in keys}:
        gone = delete(_UPDATE).where(
            _UPDATE.c.tenant_id == ctx.tenant.id,
            _UPDATE.c.fixture_id == fixture_id,
            _UPDATE.c.heard_at < before,
        )
        ctx.connection.execute(gone)
    return len(keys)


# -- the steps of taking ---------------------------------------------------------------------------


def _refuse_future(ctx: Context, updates: Sequence[Update]) -> None:
    now = ctx.clock.now()
    for one in updates:
        if (one.happened_at - now).total_seconds() > FUTURE_SECONDS_MAX:
            raise InvalidInput(
                f"number {one.sequence} happened at {one.happened_at.isoformat()}: that is still to come; "
                "set the clock of the source",
                {"happened_at": ["Is in the future."]},
            )


def _begun(ctx: Context, fixture_id: UUID, source: str, updates: Sequence[Update]) -> Row[Any] | None:
    """Return the row of a fixture that this source feeds; the first update of a source begins it."""
    row = look_up(ctx, fixture_id)
    if row is not None and row.source == source:
        return row
    if row is not None and not row.is_stalled:
        raise Conflict(f"{row.source} feeds this fixture: {source} is heard when that one has stalled")
    if not updates:
        return row
    now, first = ctx.clock.now(), min(one.sequence for one in updates)
    # Whoever joins in the middle takes the first that they hear as where it begins.
    begun = {"source": source, "sequence": first - 1, "heard_at": now, "updated_at": now, "gap_since": None}
    if row is None:
        empty = {"fixture_id": fixture_id, "score": {}, "statistics": {}}
        values = insert(_LIVE).values(tenant_id=ctx.tenant.id, **empty, **begun)
        made = ctx.connection.execute(values.returning(_LIVE)).one()
        watch.begin(ctx, made)
        return made
    # What was doubted was the other source, whatever the cause: this one is judged anew.
    return _set(ctx, fixture_id, {**begun, "stalled_cause": SILENCE})


def _keep(ctx: Context, row: Row[Any], updates: Sequence[Update]) -> set[int]:
    """Keep what is new; return its numbers."""
    told = {one.sequence: one for one in updates if one.sequence > row.sequence}
    known = select(_UPDATE.c.sequence).where(*_from(ctx, row), _UPDATE.c.sequence.in_(list(told)))
    for sequence in ctx.connection.scalars(known):
        del told[sequence]
    if told:
        ctx.connection.execute(insert(_UPDATE), [_row(ctx, row, one) for one in told.values()])
    return set(told)


def _waiting(ctx: Context, row: Row[Any]) -> list[Update]:
    query = select(_UPDATE.c.sequence, _UPDATE.c.document, _UPDATE.c.happened_at)
    query = query.where(*_from(ctx, row), _UPDATE.c.sequence > row.sequence).order_by(_UPDATE.c.sequence)
    found = ctx.connection.execute(query.limit(WAITING_MAX))
    return [Update(sequence=one.sequence, happened_at=one.happened_at, **one.document) for one in found]


def _write(ctx: Context, before: Row[Any], done: Applied) -> Row[Any]:
    now, standing = ctx.clock.now(), done.standing
    values: dict[str, Any] = {
        "heard_at": now,
        "gap_since": (before.gap_since or now) if done.waiting else None,
    }
    if done.applied:
        values |= {
            "sequence": standing.sequence,
            "score": dict(standing.score),
            "statistics": dict(standing.statistics),
            "minute": standing.minute,
            "period": standing.period,
            "happened_at": standing.happened_at,
            "updated_at": now,
            "is_over": standing.status == "finished",
        }
    return _set(ctx, before.fixture_id, values)


def _tell(ctx: Context, fixture: Row[Any], row: Row[Any], done: Applied) -> None:
    if not done.applied:
        return
    _follow(ctx, fixture, row.source, done.standing.status)
    told = {"fixture_id": row.fixture_id, "sequence": row.sequence, "score": row.score}
    ctx.emit("sports.live_updated", {**told, "minute": row.minute, "period": row.period})


def _follow(ctx: Context, fixture: Row[Any], source: str, status: str) -> None:
    """Let the state of the fixture follow what its feed says; the first update begins it."""
    if fixture.status in BEFORE:
        changing.move(ctx, fixture.id, "live", source=source)
    if status:
        changing.move(ctx, fixture.id, status, source=source)


def _set(ctx: Context, fixture_id: UUID, values: Mapping[str, Any]) -> Row[Any]:
    changed = update(_LIVE).where(_LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.fixture_id == fixture_id)
    return ctx.connection.execute(changed.values(**values).returning(_LIVE)).one()


def _standing(row: Row[Any]) -> Standing:
    names = ("sequence", "score", "minute", "period", "statistics", "happened_at")
    return replace(Standing(), **{name: getattr(row, name) for name in names})


def _row(ctx: Context, row: Row[Any], one: Update) -> dict[str, Any]:
    names = ("score", "minute", "period", "statistics", "status", "is_snapshot")
    return {
        "tenant_id": ctx.tenant.id,
        "fixture_id": row.fixture_id,
        "source": row.source,
        "sequence": one.sequence,
        "document": {name: getattr(one, name) for name in names},
        "happened_at": one.happened_at,
        "heard_at": ctx.clock.now(),
    }


def _from(ctx: Context, row: Row[Any]) -> tuple[Any, ...]:
    return (
        _UPDATE.c.tenant_id == ctx.tenant.id,
        _UPDATE.c.fixture_id == row.fixture_id,
        _UPDATE.c.source == row.source,
    )
